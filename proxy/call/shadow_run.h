// One copy of a request, from its sending to the comparison of the answers.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/call/answer_copy.h"
#include "proxy/route_policy.h"
#include "proxy/snapshot.h"
#include "proxy/telemetry/tracing/span.h"
#include "proxy/telemetry/worker_telemetry.h"
#include "proxy/upstream/grpc_call.h"
#include "proxy/upstream/http_call.h"

namespace puente {

// What is copied of a request that may be gone.
struct ShadowRequest {
  std::shared_ptr<const Snapshot> snapshot;  // keeps policy, route and served
  const RoutePolicy& policy;
  const Route* route = nullptr;
  const ServedRoute* served = nullptr;
  std::string_view route_label;  // the snapshot's
  std::string id;
  std::string trace_id;
  std::string method;
  std::string target;           // for an HTTP upstream
  std::vector<Header> headers;  // or metadata
  bool has_body = false;
  std::string body;  // or the message
  // Why there is nothing to send: it is what the client would have been answered.
  std::optional<Error> refusal;
  std::optional<Span> span;  // to be exported
  AnswerCopy answer;         // what the client was answered
  // The worker's, which outlive it.
  const CallLane& lane;
  HttpLane& http_lane;
  const WorkerTelemetry& telemetry;

  void Refuse(Error error) { refusal = std::move(error); }
};

// Pinned; one thread. It gives its place among the copies in flight back when it ends.
class ShadowRun {
 public:
  explicit ShadowRun(ShadowRequest request) : request_(std::move(request)) {}
  ShadowRun(const ShadowRun&) = delete;
  ShadowRun& operator=(const ShadowRun&) = delete;
  ~ShadowRun();

  Task<> Run();
  // Ends it soon, without a word on the answer.
  void Cancel();

 private:
  struct ShadowAnswer {
    int status = 0;
    std::optional<Code> code;  // of a gRPC call
    std::string content_type;
    std::string body;
    bool is_whole = false;
  };

  Task<ShadowAnswer> Ask();
  Task<ShadowAnswer> Call();
  Task<ShadowAnswer> Forward();
  Task<Result<void>> ReadAnswer(HttpCall& call, ShadowAnswer& answer);
  void Record(const ShadowAnswer& answer);
  void ExportSpan(const ShadowAnswer& answer);
  void Compare(const ShadowAnswer& answer);
  void LogDifferences(const std::vector<Difference>& differences);
  const ShadowPolicy& shadow() const { return *request_.policy.shadow; }

  ShadowRequest request_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::optional<GrpcCall> call_;
  std::optional<HttpCall> http_call_;
  bool cancelled_ = false;
};

}  // namespace puente

// One try of a request at one backend: let through by its breaker, and counted when it has ended.
#pragma once

#include <chrono>
#include <optional>

#include "proxy/backend.h"
#include "proxy/traffic/circuit_breaker.h"
#include "proxy/traffic/failure_kind.h"
#include "proxy/traffic/traffic_stats.h"
#include "transcoder/error.h"

namespace puente {

struct RequestContext;

// One thread. What it is made of outlives it. One that was never ended, says nothing of its
// backend.
class Attempt {
 public:
  // Makes `backend` the one that the request goes to. Error: 503, where its breaker lets no call
  // through; that counts as an error of the backend.
  static Result<Attempt> Begin(RequestContext& context, const Backend& backend);

  // The same for another try of the request. A refusal counts for nothing: the answer is what came
  // of the try before.
  static Result<Attempt> BeginNext(RequestContext& context, const Backend& backend);

  // What its end said of the backend; neutral before that.
  Outcome outcome() const { return outcome_; }
  // Whether the breaker waits for this try to say if it closes.
  bool is_probe() const { return is_probe_; }
  std::chrono::nanoseconds duration() const;

  // The first message of a stream says that the backend works, however long the rest takes.
  void NoteAlive();

  // Each is the end, of which the first counts: for metrics and breaker, and its span is exported.
  // From then on the try has no share of `max_concurrent` any more: the next one may take it.
  // That of a gRPC call, and what it says of the upstream.
  void End(Code code, Outcome outcome);
  // That of an exchange with an HTTP upstream: its answer, or why there was none.
  void EndExchange(int status);
  void EndExchange(const Error& failure, DeadlineBy deadline = DeadlineBy::kRoute);

 private:
  Attempt(RequestContext& context, const Backend& backend,
          std::optional<CircuitBreaker::Permit> permit);
  void Count(int http_status, Outcome outcome);
  void Report(Outcome outcome);

  RequestContext* context_;
  const Backend* backend_;
  std::optional<CircuitBreaker::Permit> permit_;
  TrafficStats::Wait wait_;  // none where nobody watches
  bool is_probe_;
  std::chrono::steady_clock::time_point started_;
  Outcome outcome_ = Outcome::kNeutral;
  bool ended_ = false;
};

}  // namespace puente

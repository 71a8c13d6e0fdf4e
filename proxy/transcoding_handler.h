// REST in, gRPC out: what happens to one request. Start reading here.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/call/request_context.h"
#include "proxy/call/response_compressor.h"
#include "proxy/call/shadow.h"
#include "proxy/http/session.h"
#include "proxy/snapshot.h"
#include "proxy/telemetry/worker_telemetry.h"
#include "transcoder/uri.h"

namespace puente {

// Serves the routes of a snapshot. One per worker, used on its thread only.
class TranscodingHandler final : public RequestHandler {
 public:
  // What `lane` and `telemetry` refer to, and `http_lane`, is the worker's, and outlives the
  // handler.
  TranscodingHandler(std::shared_ptr<const Snapshot> snapshot, const CallLane& lane,
                     HttpLane& http_lane, const WorkerTelemetry& telemetry);

  // Requests that come from now on are served with `snapshot`.
  void Use(std::shared_ptr<const Snapshot> snapshot) { snapshot_ = std::move(snapshot); }

  // Ends the copies of requests that are under way. On the worker's thread, before it stops.
  void Close() { shadows_.Close(); }

  Task<> Handle(Exchange& exchange) override;
  Task<> Refuse(Exchange& exchange, const Error& error) override;

 private:
  // After the answer: counts the request, logs it and ends its span.
  void Record(RequestContext& context);
  // Each answers the request, or says why it could not; Handle is the one that answers errors.
  Task<Result<void>> Serve(RequestContext& context);
  Task<Result<void>> ServeOptions(RequestContext& context, std::vector<std::string> allowed);
  Task<Result<void>> ServePath(RequestContext& context, const Target& target);

  std::shared_ptr<const Snapshot> snapshot_;
  const CallLane lane_;
  HttpLane& http_lane_;
  const WorkerTelemetry telemetry_;
  ResponseCompressor compressor_;
  Shadows shadows_;
};

}  // namespace puente

// REST in, gRPC out: what happens to one request. Start reading here.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/call/request_context.h"
#include "proxy/call/response_compressor.h"
#include "proxy/http/session.h"
#include "proxy/snapshot.h"
#include "proxy/telemetry/worker_telemetry.h"

namespace puente {

// Serves the routes of a snapshot. One per worker, used on its thread only.
class TranscodingHandler final : public RequestHandler {
 public:
  // What `lane` and `telemetry` refer to is the worker's, and outlives the handler.
  TranscodingHandler(std::shared_ptr<const Snapshot> snapshot, const CallLane& lane,
                     const WorkerTelemetry& telemetry);

  // Requests that come from now on are served with `snapshot`.
  void Use(std::shared_ptr<const Snapshot> snapshot) { snapshot_ = std::move(snapshot); }

  Task<> Handle(Exchange& exchange) override;
  Task<> Refuse(Exchange& exchange, const Error& error) override;

 private:
  // After the answer: counts the request, logs it and ends its span.
  void Record(RequestContext& context);
  // Each answers the request, or says why it could not; Handle is the one that answers errors.
  Task<Result<void>> Serve(RequestContext& context);
  Task<Result<void>> ServeOptions(RequestContext& context, std::vector<std::string> allowed);
  Task<Result<void>> ServeWebSocket(RequestContext& context, std::string_view path,
                                    std::string_view query);

  std::shared_ptr<const Snapshot> snapshot_;
  const CallLane lane_;
  const WorkerTelemetry telemetry_;
  ResponseCompressor compressor_;
};

}  // namespace puente

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
#include "proxy/telemetry/access_log.h"
#include "proxy/telemetry/metrics.h"

namespace puente {

// Serves the routes of a snapshot. One per worker, used on its thread only.
class TranscodingHandler final : public RequestHandler {
 public:
  // `lane` and `log` are the worker's, and outlive the handler. `log` is nullptr when there is no
  // access log.
  TranscodingHandler(std::shared_ptr<const Snapshot> snapshot, const CallLane& lane,
                     Metrics& metrics, AccessLogBuffer* log);

  // Requests that come from now on are served with `snapshot`.
  void Use(std::shared_ptr<const Snapshot> snapshot) { snapshot_ = std::move(snapshot); }

  Task<> Handle(Exchange& exchange) override;
  Task<> Refuse(Exchange& exchange, const Error& error) override;

 private:
  // Each answers the request, or says why it could not; Handle is the one that answers errors.
  Task<Result<void>> Serve(RequestContext& context);
  Task<Result<void>> ServeOptions(RequestContext& context, std::vector<std::string> allowed);
  Task<Result<void>> ServeWebSocket(RequestContext& context, std::string_view path,
                                    std::string_view query);

  std::shared_ptr<const Snapshot> snapshot_;
  const CallLane lane_;
  HttpMetrics http_metrics_;
  AccessLogBuffer* const log_;
  ResponseCompressor compressor_;
};

}  // namespace puente

#include "proxy/admin_handler.h"

#include "proxy/route_listing.h"
#include "proxy/telemetry/metrics/open_metrics.h"

namespace puente {
namespace {

bool IsEndpoint(std::string_view path) {
  return path == "/healthz" || path == "/readyz" || path == "/health/grpc" || path == "/metrics" ||
         path == "/routes";
}

Response Text(int status, std::string body) {
  return {status, "text/plain; charset=utf-8", {}, std::move(body)};
}

}  // namespace

Task<> AdminHandler::Handle(Exchange& exchange) {
  Response response = co_await Answer(exchange.head());
  co_await exchange.Respond(std::move(response));
}

Task<> AdminHandler::Refuse(Exchange& exchange, const Error& error) {
  Response response = ErrorResponse(error);
  co_await exchange.Respond(std::move(response));
}

Task<Response> AdminHandler::Answer(const RequestHead& head) const {
  const std::string_view path = head.target.substr(0, head.target.find('?'));
  if (!IsEndpoint(path)) {
    co_return ErrorResponse({Code::kNotFound, "no such admin endpoint", 0, {}, {}});
  }
  if (head.method != "GET" && head.method != "HEAD") {
    co_return ErrorResponse(
        {Code::kUnimplemented, "this endpoint takes GET", 405, {}, {{"Allow", "GET, HEAD"}}});
  }
  if (path == "/healthz") co_return Text(200, "ok\n");
  if (path == "/readyz") co_return Readiness();
  if (path == "/health/grpc") co_return co_await GrpcHealth();
  if (path == "/metrics") {
    const Exposition exposition =
        PrefersOpenMetrics(head.headers) ? Exposition::kOpenMetrics : Exposition::kPrometheus;
    co_return Response{200,
                       std::string(Metrics::ContentType(exposition)),
                       {{"Vary", "Accept"}},
                       state_.metrics->Render(exposition)};
  }
  co_return Response{200, "application/json", {}, RoutesAsJson(state_.snapshot()->table())};
}

Response AdminHandler::Readiness() const {
  const std::string reason = state_.not_ready();
  if (!reason.empty()) return Text(503, reason + "\n");
  const std::string failure = state_.refresh_failure();
  if (failure.empty()) return Text(200, "ready\n");
  return Text(200, "ready; the last refresh failed: " + failure + "\n");
}

Task<Response> AdminHandler::GrpcHealth() const {
  const HealthReport report = co_await state_.upstream_health->Ask();
  const int status = IsUp(report) ? 200 : 503;
  co_return Response{
      status, "application/json", {{"Cache-Control", "no-store"}}, HealthAsJson(report)};
}

}  // namespace puente

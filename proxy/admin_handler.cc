#include "proxy/admin_handler.h"

#include "proxy/route_listing.h"

namespace puente {
namespace {

Response Text(int status, std::string body) {
  return {status, "text/plain; charset=utf-8", {}, std::move(body)};
}

}  // namespace

Task<> AdminHandler::Handle(Exchange& exchange) {
  Response response = Answer(exchange.head());
  co_await exchange.Respond(std::move(response));
}

Task<> AdminHandler::Refuse(Exchange& exchange, const Error& error) {
  Response response = ErrorResponse(error);
  co_await exchange.Respond(std::move(response));
}

Response AdminHandler::Answer(const RequestHead& head) const {
  const std::string_view path = head.target.substr(0, head.target.find('?'));
  const bool known =
      path == "/healthz" || path == "/readyz" || path == "/metrics" || path == "/routes";
  if (!known) return ErrorResponse({Code::kNotFound, "no such admin endpoint", 0, {}, {}});
  if (head.method != "GET" && head.method != "HEAD") {
    return ErrorResponse(
        {Code::kUnimplemented, "this endpoint takes GET", 405, {}, {{"Allow", "GET, HEAD"}}});
  }
  if (path == "/healthz") return Text(200, "ok\n");
  if (path == "/readyz") return Readiness();
  if (path == "/metrics")
    return {200, std::string(Metrics::kContentType), {}, state_.metrics->Render()};
  return {200, "application/json", {}, RoutesAsJson(state_.snapshot()->table())};
}

Response AdminHandler::Readiness() const {
  const std::string reason = state_.not_ready();
  if (!reason.empty()) return Text(503, reason + "\n");
  const std::string failure = state_.refresh_failure();
  if (failure.empty()) return Text(200, "ready\n");
  return Text(200, "ready; the last refresh failed: " + failure + "\n");
}

}  // namespace puente

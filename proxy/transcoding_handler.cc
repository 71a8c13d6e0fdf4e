#include "proxy/transcoding_handler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "proxy/call/http_call.h"
#include "proxy/call/web_socket_call.h"
#include "proxy/http/web_socket_handshake.h"
#include "proxy/request_id.h"
#include "transcoder/find_route.h"
#include "transcoder/uri.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// What is not known may be served as soon as all descriptors are there.
Result<RouteMatch> FindRoute(const Snapshot& snapshot, std::string_view method,
                             std::string_view path) {
  Result<RouteMatch> match = FindRoute(snapshot.table(), method, path);
  if (match || match.error().HttpStatus() != 404 || snapshot.complete()) return match;
  Error error{Code::kUnavailable, "the API is not loaded yet", 0, {}, {}};
  error.headers.emplace_back("Retry-After", "1");
  return tl::unexpected(std::move(error));
}

// A WebSocket always begins with GET, whatever its route is bound to. Of several the most streaming
// one is meant.
Result<RouteMatch> FindWebSocketRoute(const Snapshot& snapshot, std::string_view path) {
  const auto streams = [](const Route& route) {
    return route.method->client_streaming() + route.method->server_streaming();
  };
  Result<RouteMatch> best = FindRoute(snapshot, "GET", path);
  for (const std::string& method : snapshot.table().AllowedMethods(path)) {
    Result<RouteMatch> match = FindRoute(snapshot, method, path);
    if (match && (!best || streams(*match->route) > streams(*best->route))) best = std::move(match);
  }
  return best;
}

void Enter(RequestContext& context, const Route& route) {
  context.route = &route;
  context.served = &context.snapshot->Served(route);
  context.route_label = route.path.text;
}

// What was let pass, so that a client that sends it can be found.
void ReportDropped(const RequestContext& context) {
  if (context.served == nullptr) return;
  const DroppedInput& dropped = context.dropped;
  if (dropped.in_body + dropped.in_query == 0) return;
  context.served->metrics->CountUnknown(dropped);
  if (dropped.names.empty()) return;
  spdlog::warn("request {}: {}: let pass what nothing is bound to: {}", context.id,
               context.route->Describe(), fmt::join(dropped.names, ", "));
}

}  // namespace

TranscodingHandler::TranscodingHandler(std::shared_ptr<const Snapshot> snapshot,
                                       const CallLane& lane, Metrics& metrics, AccessLogBuffer* log)
    : snapshot_(std::move(snapshot)), lane_(lane), http_metrics_(metrics), log_(log) {}

Task<> TranscodingHandler::Handle(Exchange& exchange) {
  const auto started = steady_clock::now();
  RequestContext context{.exchange = exchange,
                         .snapshot = snapshot_,
                         .id = RequestIdFor(exchange.head().headers),
                         .traceparent = NewTraceparentFor(exchange.head().headers),
                         .lane = lane_,
                         .compressor = compressor_};
  exchange.AddHeader("x-request-id", context.id);
  exchange.AddHeaders(context.snapshot->cors().HeadersFor(exchange.head()));
  const Result<void> served = co_await Serve(context);
  if (!served) {
    context.outcome.error = served.error().code;
    context.outcome.NoteFailure(served.error());
    Response response = ErrorResponse(served.error(), context.snapshot->error_body());
    co_await exchange.Respond(std::move(response));
  }
  ReportDropped(context);
  const nanoseconds duration = steady_clock::now() - started;
  http_metrics_.Observe(context.route_label, exchange.head().method, exchange.status(), duration);
  if (log_ != nullptr) log_->Append(EntryOf(context, duration));
}

Task<> TranscodingHandler::Refuse(Exchange& exchange, const Error& error) {
  const auto started = steady_clock::now();
  exchange.AddHeaders(snapshot_->cors().HeadersFor(exchange.head()));
  Response response = ErrorResponse(error, snapshot_->error_body());
  co_await exchange.Respond(std::move(response));
  http_metrics_.Observe(kUnmatchedRoute, exchange.head().method, exchange.status(), nanoseconds(0));
  if (log_ != nullptr) {
    log_->Append(RefusalEntryOf(exchange, error, steady_clock::now() - started));
  }
}

Task<Result<void>> TranscodingHandler::Serve(RequestContext& context) {
  const RequestHead& head = context.exchange.head();
  if (head.target == "*") {
    co_return co_await ServeOptions(context, AllMethods());
  }
  const Result<Target> target =
      head.method == "CONNECT" ? Result<Target>(Target{}) : SplitTarget(head.target);
  if (!target) co_return tl::unexpected(target.error());
  if (IsWebSocketUpgrade(head)) {
    co_return co_await ServeWebSocket(context, target->path, target->query);
  }
  const Result<RouteMatch> match = FindRoute(*context.snapshot, head.method, target->path);
  if (AnswersOptions(head.method, match)) {
    co_return co_await ServeOptions(context,
                                    context.snapshot->table().AllowedMethods(target->path));
  }
  if (!match) co_return tl::unexpected(match.error());
  Enter(context, *match->route);
  co_return co_await ServeHttpCall(context, match->captures, target->query);
}

Task<Result<void>> TranscodingHandler::ServeOptions(RequestContext& context,
                                                    std::vector<std::string> allowed) {
  Response response;
  response.status = 204;
  const std::string methods = fmt::format("{}", fmt::join(allowed, ", "));
  response.headers = context.snapshot->cors().PreflightHeadersFor(context.exchange.head(), methods);
  response.headers.push_back({"Allow", methods});
  co_await context.exchange.Respond(std::move(response));
  co_return Result<void>();
}

Task<Result<void>> TranscodingHandler::ServeWebSocket(RequestContext& context,
                                                      std::string_view path,
                                                      std::string_view query) {
  const Result<RouteMatch> match = FindWebSocketRoute(*context.snapshot, path);
  if (!match) co_return tl::unexpected(match.error());
  const Result<void> good = CheckWebSocketHandshake(context.exchange.head());
  if (!good) co_return good;
  Enter(context, *match->route);
  co_return co_await ServeWebSocketCall(context, match->captures, query);
}

}  // namespace puente

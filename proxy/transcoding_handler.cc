#include "proxy/transcoding_handler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <utility>

#include "proxy/call/access_log_entry.h"
#include "proxy/call/http_call.h"
#include "proxy/call/request_diagnostics.h"
#include "proxy/call/request_spans.h"
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

}  // namespace

TranscodingHandler::TranscodingHandler(std::shared_ptr<const Snapshot> snapshot,
                                       const CallLane& lane, const WorkerTelemetry& telemetry)
    : snapshot_(std::move(snapshot)), lane_(lane), telemetry_(telemetry) {}

Task<> TranscodingHandler::Handle(Exchange& exchange) {
  const std::vector<HeaderView>& headers = exchange.head().headers;
  RequestContext context{.exchange = exchange,
                         .snapshot = snapshot_,
                         .id = RequestIdFor(headers),
                         .forwarded_client = snapshot_->trusted_proxies().ClientBehind(
                             exchange.client().address, headers),
                         .lane = lane_,
                         .compressor = compressor_,
                         .telemetry = telemetry_,
                         .trace = RequestTrace(telemetry_.tracer, headers),
                         .started = steady_clock::now()};
  exchange.AddHeader("x-request-id", context.id);
  exchange.AddHeaders(context.snapshot->cors().HeadersFor(exchange.head()));
  const Result<void> served = co_await Serve(context);
  if (!served) {
    context.outcome.error = served.error().code;
    context.outcome.NoteFailure(served.error());
    Response response = ErrorResponse(served.error(), context.snapshot->error_body());
    co_await exchange.Respond(std::move(response));
  }
  Record(context);
}

void TranscodingHandler::Record(RequestContext& context) {
  const Exchange& exchange = context.exchange;
  const nanoseconds duration = steady_clock::now() - context.started;
  if (telemetry_.cells != nullptr) {
    RouteMetrics& route = context.served != nullptr ? *context.served->requests
                                                    : telemetry_.metrics.unmatched_requests;
    route.Count(*telemetry_.cells, exchange.head().method, exchange.status(), duration,
                context.trace.sampled_trace());
    if (context.served != nullptr) {
      context.served->calls->CountUnknown(*telemetry_.cells, context.dropped);
    }
  }
  if (telemetry_.log != nullptr) telemetry_.log->Append(EntryOf(context, duration));
  if (context.trace.recording()) ExportServerSpan(context, duration);
  ReportDropped(context);
  ReportFailure(context);
}

Task<> TranscodingHandler::Refuse(Exchange& exchange, const Error& error) {
  const auto started = steady_clock::now();
  exchange.AddHeaders(snapshot_->cors().HeadersFor(exchange.head()));
  Response response = ErrorResponse(error, snapshot_->error_body());
  co_await exchange.Respond(std::move(response));
  const nanoseconds duration = steady_clock::now() - started;
  if (telemetry_.cells != nullptr) {
    telemetry_.metrics.unmatched_requests.Count(*telemetry_.cells, exchange.head().method,
                                                exchange.status(), duration, nullptr);
  }
  if (AccessLogBuffer* const log = telemetry_.log) {
    log->Append(RefusalEntryOf(exchange, error, snapshot_->redaction().hidden_ids(), duration));
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

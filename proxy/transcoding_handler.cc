#include "proxy/transcoding_handler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <utility>

#include "proxy/call/access_log_entry.h"
#include "proxy/call/request_diagnostics.h"
#include "proxy/call/request_spans.h"
#include "proxy/call/routed_request.h"
#include "proxy/call/shadow.h"
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

// Where the client asks whether it may ask.
bool IsPreflight(const RequestHead& head) {
  return head.method == "OPTIONS" &&
         FindHeader(head.headers, "access-control-request-method") != nullptr;
}

bool IsNeverServed(std::string_view method) { return method == "TRACE" || method == "CONNECT"; }

// Of the route that names the method of `match`, and that for its path, the one that comes first.
// False: there is neither.
bool Enter(RequestContext& context, const Result<RouteMatch>& match, const PrefixRoute* prefix) {
  if (match) {
    context.route = match->route;
    context.served = &context.snapshot->Served(*match->route);
    context.policy = context.served->policy.get();
    context.requests = context.served->requests.get();
    context.route_label = match->route->path.text;
  }
  const bool takes_prefix = prefix != nullptr && (context.policy == nullptr ||
                                                  prefix->policy->order < context.policy->order);
  if (takes_prefix) context.policy = prefix->policy.get();
  if (takes_prefix && !match) {
    context.requests = prefix->requests.get();
    context.route_label = prefix->label;
  }
  return context.policy != nullptr;
}

}  // namespace

TranscodingHandler::TranscodingHandler(std::shared_ptr<const Snapshot> snapshot,
                                       const CallLane& lane, HttpLane& http_lane,
                                       const WorkerTelemetry& telemetry)
    : snapshot_(std::move(snapshot)), lane_(lane), http_lane_(http_lane), telemetry_(telemetry) {}

Task<> TranscodingHandler::Handle(Exchange& exchange) {
  const std::vector<HeaderView>& headers = exchange.head().headers;
  RequestContext context{.exchange = exchange,
                         .snapshot = snapshot_,
                         .id = RequestIdFor(headers),
                         .forwarded_client = snapshot_->trusted_proxies().ClientBehind(
                             exchange.client().address, headers),
                         .lane = lane_,
                         .http_lane = http_lane_,
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
    context.answer.Keep(served.error().HttpStatus(), {}, {});
    Response response = ErrorResponse(served.error(), context.snapshot->error_body());
    co_await exchange.Respond(std::move(response));
  }
  Record(context);
  SendShadow(context, shadows_);
}

void TranscodingHandler::Record(RequestContext& context) {
  const Exchange& exchange = context.exchange;
  const nanoseconds duration = steady_clock::now() - context.started;
  if (telemetry_.cells != nullptr) {
    RouteMetrics& route =
        context.requests != nullptr ? *context.requests : telemetry_.metrics.unmatched_requests;
    route.Count(*telemetry_.cells, exchange.head().method, exchange.status(), duration,
                context.trace.sampled_trace());
    if (context.served != nullptr) {
      context.served->unknown_fields->Count(*telemetry_.cells, context.dropped);
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
  co_return co_await ServePath(context, *target);
}

Task<Result<void>> TranscodingHandler::ServePath(RequestContext& context, const Target& target) {
  const RequestHead& head = context.exchange.head();
  const Snapshot& snapshot = *context.snapshot;
  const bool is_web_socket = IsWebSocketUpgrade(head);
  const Result<RouteMatch> match = is_web_socket ? FindWebSocketRoute(snapshot, target.path)
                                                 : FindRoute(snapshot, head.method, target.path);
  const PrefixRoute* const prefix =
      IsNeverServed(head.method) ? nullptr : snapshot.policies().ForPath(target.path);
  const bool forwards = prefix != nullptr && UsesHttp(*prefix->policy);
  const bool answers_options = forwards ? IsPreflight(head) && snapshot.cors().is_configured()
                                        : AnswersOptions(head.method, match);
  if (answers_options) {
    co_return co_await ServeOptions(context, snapshot.table().AllowedMethods(target.path));
  }
  const bool found = Enter(context, match, prefix);
  if (!match && !forwards) co_return tl::unexpected(match.error());
  if (!found) co_return Fail(Code::kNotFound, "no route serves this path");
  Result<void> good;
  if (is_web_socket) good = CheckWebSocketHandshake(head);
  if (!good) co_return good;
  BoundPath path{.query = target.query};
  if (match) path.captures = match->captures;
  PrepareShadow(context);
  co_return co_await ServeRouted(context, path);
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

}  // namespace puente

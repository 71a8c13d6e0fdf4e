#include "proxy/transcoding_handler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

#include "proxy/call_watch.h"
#include "proxy/request_id.h"
#include "proxy/stream_response.h"
#include "transcoder/metadata.h"
#include "transcoder/uri.h"

namespace puente {

// What belongs to one request while it is served. The snapshot is kept until the answer is
// complete, whatever is loaded meanwhile.
struct TranscodingHandler::Request {
  Exchange& exchange;
  const std::shared_ptr<const Snapshot> snapshot;
  const std::string id;
  std::string_view route = kUnmatchedRoute;  // for metrics: the template
};

namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

// So far away that it is none, and still fits every clock.
constexpr auto kLongestTimeout = std::chrono::hours(24 * 365);

constexpr std::string_view kAllMethods[] = {"DELETE", "GET",  "HEAD", "OPTIONS",
                                            "PATCH",  "POST", "PUT"};

Result<RouteMatch> NotAllowed(std::vector<std::string> allowed) {
  Error error{Code::kUnimplemented, "the path is not served under this method", 405, {}, {}};
  error.headers.emplace_back("Allow", fmt::format("{}", fmt::join(allowed, ", ")));
  return tl::unexpected(std::move(error));
}

Result<RouteMatch> FindRoute(const RouteTable& table, std::string_view method,
                             std::string_view path) {
  if (method == "TRACE" || method == "CONNECT") return NotAllowed(table.AllowedMethods(path));
  RouteLookup lookup = table.Match(method, path);
  if (auto* match = std::get_if<RouteMatch>(&lookup)) return std::move(*match);
  if (auto* wrong = std::get_if<WrongMethod>(&lookup)) return NotAllowed(std::move(wrong->allowed));
  return Fail(Code::kNotFound, "no route for this path");
}

RequestOrigin OriginOf(const Exchange& exchange, const Snapshot& snapshot,
                       std::string_view request_id) {
  const ClientInfo& client = exchange.client();
  return {.peer_address = client.address,
          .scheme = client.tls ? "https" : "http",
          .host = exchange.head().host,
          .request_id = request_id,
          .client_identity = client.identity,
          .trusted = snapshot.trusted_proxies().Contains(client.address)};
}

// A unary call has the route's timeout, or less when the client asks for less. A stream may go on
// for as long as it has something to say: the route's timeout is for its first message, and only
// the client bounds the whole.
std::optional<system_clock::time_point> DeadlineOf(const Route& route, nanoseconds route_timeout,
                                                   std::optional<nanoseconds> client_timeout) {
  std::optional<nanoseconds> timeout = client_timeout;
  if (!route.method->server_streaming()) {
    timeout = std::min(client_timeout.value_or(route_timeout), route_timeout);
  }
  if (!timeout) return std::nullopt;
  return system_clock::now() + std::chrono::duration_cast<system_clock::duration>(
                                   std::min<nanoseconds>(*timeout, kLongestTimeout));
}

// Without x-request-id, which is the request's own on every answer.
std::vector<Header> HeadersOf(const std::vector<MetadataView>& metadata) {
  std::vector<Header> headers;
  AppendHeadersFromMetadata(metadata, headers);
  std::erase_if(headers, [](const Header& header) { return header.name == "x-request-id"; });
  return headers;
}

std::vector<Header> HeadersOf(const std::vector<MetadataView>& metadata,
                              const std::string& request_id) {
  std::vector<Header> headers = HeadersOf(metadata);
  headers.push_back({"x-request-id", request_id});
  return headers;
}

std::vector<MetadataView> AllMetadata(const GrpcCall& call) {
  std::vector<MetadataView> metadata = call.InitialMetadata();
  std::ranges::copy(call.TrailingMetadata(), std::back_inserter(metadata));
  return metadata;
}

// The error of a call that has ended, with what the upstream said beside it (Retry-After,
// WWW-Authenticate, …).
tl::unexpected<Error> FailedCall(Error error, const GrpcCall& call) {
  for (Header& header : HeadersOf(AllMetadata(call))) {
    error.headers.emplace_back(std::move(header.name), std::move(header.value));
  }
  return tl::unexpected(std::move(error));
}

Result<std::string_view> ContentTypeOf(const RequestHead& head) {
  const auto is = [](std::string_view name) {
    return [name](const HeaderView& header) { return EqualsIgnoreCase(header.name, name); };
  };
  if (std::ranges::count_if(head.headers, is("content-type")) > 1) {
    return Fail(Code::kInvalidArgument, "header 'content-type' is there twice");
  }
  const auto* encoding = FindHeader(head.headers, "content-encoding");
  if (head.HasBody() && encoding != nullptr && !EqualsIgnoreCase(*encoding, "identity")) {
    return Fail(Code::kInvalidArgument, "compressed request bodies are not supported", 415);
  }
  const auto* type = FindHeader(head.headers, "content-type");
  return type == nullptr ? std::string_view() : *type;
}

// A stream has a body; after a status that forbids one it would be taken for the next answer.
int StreamStatus(const std::vector<MetadataView>& metadata) {
  const int status = HttpCodeOverride(metadata).value_or(200);
  return status == 204 || status == 205 || status == 304 ? 200 : status;
}

Code CodeOf(const Result<void>& result) { return result ? Code::kOk : result.error().code; }

}  // namespace

TranscodingHandler::TranscodingHandler(std::shared_ptr<const Snapshot> snapshot,
                                       grpc::CompletionQueue& queue, Metrics& metrics)
    : snapshot_(std::move(snapshot)), queue_(queue), http_metrics_(metrics) {}

Task<> TranscodingHandler::Handle(Exchange& exchange) {
  const auto started = steady_clock::now();
  Request request{exchange, snapshot_, RequestIdFor(exchange.head().headers)};
  const Result<void> served = co_await Serve(request);
  if (!served) {
    Response response = ErrorResponse(served.error(), request.snapshot->descriptors().pool());
    response.headers.push_back({"x-request-id", request.id});
    co_await exchange.Respond(std::move(response));
  }
  http_metrics_.Observe(request.route, exchange.head().method, exchange.status(),
                        steady_clock::now() - started);
}

Task<> TranscodingHandler::Refuse(Exchange& exchange, const Error& error) {
  Response response = ErrorResponse(error, snapshot_->descriptors().pool());
  co_await exchange.Respond(std::move(response));
  http_metrics_.Observe(kUnmatchedRoute, exchange.head().method, exchange.status(), nanoseconds(0));
}

Task<Result<void>> TranscodingHandler::Serve(Request& request) {
  const RequestHead& head = request.exchange.head();
  const RouteTable& table = request.snapshot->table();
  if (head.target == "*") {
    co_return co_await ServeOptions(request, {std::begin(kAllMethods), std::end(kAllMethods)});
  }
  const Result<Target> target =
      head.method == "CONNECT" ? Result<Target>(Target{}) : SplitTarget(head.target);
  if (!target) co_return tl::unexpected(target.error());
  const Result<RouteMatch> match = FindRoute(table, head.method, target->path);
  // A route for every method is none for OPTIONS: a browser's preflight must not run it.
  const bool answer_options =
      head.method == "OPTIONS" &&
      (match ? match->route->http_method == "*" : match.error().HttpStatus() == 405);
  if (match && !answer_options) co_return co_await ServeRoute(request, *match, target->query);
  if (answer_options) {
    co_return co_await ServeOptions(request, table.AllowedMethods(target->path));
  }
  co_return tl::unexpected(match.error());
}

Task<Result<void>> TranscodingHandler::ServeOptions(Request& request,
                                                    std::vector<std::string> allowed) {
  Response response;
  response.status = 204;
  response.headers.push_back({"Allow", fmt::format("{}", fmt::join(allowed, ", "))});
  co_await request.exchange.Respond(std::move(response));
  co_return Result<void>();
}

Task<Result<void>> TranscodingHandler::ServeRoute(Request& request, const RouteMatch& match,
                                                  std::string_view query) {
  const Route& route = *match.route;
  const ServedRoute& served = request.snapshot->Served(route);
  Exchange& exchange = request.exchange;
  const RequestHead& head = exchange.head();
  request.route = route.path.text;
  if (route.method->client_streaming()) {
    co_return Fail(Code::kUnimplemented, "client streaming is not supported yet");
  }

  const auto metadata =
      MetadataFromHeaders(head.headers, OriginOf(exchange, *request.snapshot, request.id));
  if (!metadata) co_return tl::unexpected(metadata.error());
  const auto client_timeout = ParseGrpcTimeout(head.headers);
  if (!client_timeout) co_return tl::unexpected(client_timeout.error());

  const auto content_type = ContentTypeOf(head);
  if (!content_type) co_return tl::unexpected(content_type.error());

  const Result<std::string> body = co_await exchange.ReadBody();
  if (!body) co_return tl::unexpected(body.error());
  DroppedInput dropped;
  const auto target = served.codec->Bind({.captures = match.captures, .query = query}, dropped);
  if (!target) co_return tl::unexpected(target.error());
  Result<std::string> message =
      served.codec->Encode(*target, {.content_type = *content_type, .bytes = *body}, dropped);
  if (!message) co_return tl::unexpected(message.error());

  const Result<void> fits = served.upstream->CheckSize(route.grpc_path, *metadata, *message);
  if (!fits) co_return tl::unexpected(fits.error());
  const auto deadline = DeadlineOf(route, served.timeout, *client_timeout);
  if (deadline && *deadline <= system_clock::now()) {
    co_return Fail(Code::kDeadlineExceeded, "the deadline has passed before the call");
  }
  GrpcCall call(*served.upstream, queue_, route.grpc_path, *metadata, deadline);
  const ClientWatch watch(exchange, call);
  if (route.method->server_streaming()) {
    co_return co_await ServeStream(request, route, served, call, *std::move(message));
  }
  co_return co_await ServeUnary(request, served, call, *std::move(message));
}

Task<Result<void>> TranscodingHandler::ServeUnary(Request& request, const ServedRoute& served,
                                                  GrpcCall& call, std::string message) {
  const auto started = steady_clock::now();
  const Result<void> answered = co_await call.Unary(std::move(message));
  served.metrics->Count(CodeOf(answered), steady_clock::now() - started);
  if (!answered) co_return FailedCall(answered.error(), call);

  Payload payload;
  const Result<void> decoded = served.codec->DecodeResponse(call.message(), payload);
  if (!decoded) co_return decoded;
  if (payload.bytes.size() > request.snapshot->max_response_body_bytes()) {
    co_return Fail(Code::kInternal, "the answer is larger than the limit");
  }
  const std::vector<MetadataView> metadata = AllMetadata(call);
  Response response;
  response.status = HttpCodeOverride(metadata).value_or(200);
  response.content_type = std::move(payload.content_type);
  response.headers = HeadersOf(metadata, request.id);
  response.body = std::move(payload.bytes);
  co_await request.exchange.Respond(std::move(response));
  co_return Result<void>();
}

Task<Result<void>> TranscodingHandler::ServeStream(Request& request, const Route& route,
                                                   const ServedRoute& served, GrpcCall& call,
                                                   std::string message) {
  const auto started = steady_clock::now();
  StreamResponse response(request.exchange,
                          route.response_is_http_body ? nullptr : MakeJsonArrayFraming());
  const Result<void> end = co_await Relay(request, served, call, std::move(message), response);
  served.metrics->Count(CodeOf(end), steady_clock::now() - started);
  if (!end && !response.begun()) co_return FailedCall(end.error(), call);
  if (!end) {
    // Clients that leave are no reason to warn.
    const auto level =
        end.error().code == Code::kCancelled ? spdlog::level::debug : spdlog::level::warn;
    spdlog::log(level, "request {}: {} failed after its first message: {}", request.id,
                route.Describe(), CodeName(end.error().code));
    request.exchange.AbortStream();
    co_return Result<void>();
  }
  if (!response.begun()) {
    const Payload nothing;
    co_await BeginStream(request, call, nothing, response);
  }
  co_await response.End();
  co_return Result<void>();
}

Task<Result<void>> TranscodingHandler::Relay(Request& request, const ServedRoute& served,
                                             GrpcCall& call, std::string message,
                                             StreamResponse& response) {
  FirstMessageTimer timer(request.exchange.executor(),
                          std::min<nanoseconds>(served.timeout, kLongestTimeout), call);
  const bool head_only = request.exchange.head().method == "HEAD";
  Payload payload;
  co_await call.Start(std::move(message));
  Result<void> passed_on;
  bool more = co_await call.Read();
  while (more) {
    timer.Stop();
    passed_on = served.codec->DecodeResponse(call.message(), payload);
    if (passed_on) passed_on = co_await PassOn(request, call, payload, response);
    if (!passed_on || head_only) break;
    more = co_await call.Read();
  }
  if (more) call.Cancel();
  Result<void> end = co_await call.Finish();
  if (more) co_return passed_on;
  if (timer.expired()) end = Fail(Code::kDeadlineExceeded, "the upstream did not answer in time");
  co_return end;
}

Task<Result<void>> TranscodingHandler::PassOn(Request& request, GrpcCall& call,
                                              const Payload& payload, StreamResponse& response) {
  bool there = true;
  if (!response.begun()) there = co_await BeginStream(request, call, payload, response);
  if (there) there = co_await response.Send(payload);
  if (!there) co_return Fail(Code::kCancelled, "the client went away");
  co_return Result<void>();
}

Task<bool> TranscodingHandler::BeginStream(Request& request, GrpcCall& call, const Payload& first,
                                           StreamResponse& response) {
  const auto metadata = call.InitialMetadata();
  const auto headers = HeadersOf(metadata, request.id);
  co_return co_await response.Begin(StreamStatus(metadata), headers, first);
}

}  // namespace puente

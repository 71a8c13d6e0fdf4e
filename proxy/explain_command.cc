#include "proxy/explain_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "config/duration_text.h"
#include "proxy/call/call_input.h"
#include "proxy/destination.h"
#include "proxy/exit_code.h"
#include "proxy/explained_call.h"
#include "proxy/explained_destination.h"
#include "proxy/explained_head.h"
#include "proxy/file_contents.h"
#include "proxy/request_limits.h"
#include "proxy/snapshot.h"
#include "proxy/transcoding_options.h"
#include "proxy/trusted_proxies.h"
#include "proxy/upstream/grpc_upstream.h"
#include "transcoder/explain.h"
#include "transcoder/forwarding.h"
#include "transcoder/header_value.h"
#include "transcoder/origin_headers.h"
#include "transcoder/trace_context.h"
#include "transcoder/uri.h"

namespace puente {
namespace {

constexpr std::string_view kLocalAddress = "127.0.0.1";
constexpr std::string_view kOneForEach = "(one for each request)";

int BadUsage(std::string_view what) {
  fmt::print(stderr, "puente explain: {}\n", what);
  return kBadUsage;
}

// Views into `lines`. nullopt: one of them is no header.
std::optional<std::vector<HeaderView>> ParseHeaders(const std::vector<std::string>& lines) {
  std::vector<HeaderView> headers;
  for (const std::string_view line : lines) {
    const std::size_t colon = line.find(':');
    const bool is_line = line.find_first_of("\r\n") == line.npos;
    if (colon == line.npos || colon == 0 || !is_line) return std::nullopt;
    headers.push_back({line.substr(0, colon), TrimHeaderValue(line.substr(colon + 1))});
  }
  return headers;
}

// The names of those that the proxy does not let pass because of underscores in them.
std::vector<std::string> DroppedHeaders(const config::Config& config,
                                        std::span<const HeaderView> headers) {
  std::vector<std::string> dropped;
  if (RequestLimitsOf(config).underscores == UnderscoreHeaders::kAllow) return dropped;
  for (const HeaderView& header : headers) {
    if (header.name.find('_') != header.name.npos) dropped.emplace_back(header.name);
  }
  return dropped;
}

tl::expected<std::string, std::string> ReadBody(const std::optional<std::string>& body) {
  if (!body) return "";
  return body->starts_with('@') ? ReadFile(body->substr(1)) : *body;
}

std::string_view ValueOf(std::span<const HeaderView> headers, std::string_view name,
                         std::string_view otherwise) {
  const std::string_view* value = FindHeader(headers, name);
  return value == nullptr ? otherwise : *value;
}

// `new_trace` outlives the result.
RequestOrigin OriginOf(const config::Config& config, std::span<const HeaderView> headers,
                       std::span<const Header> new_trace) {
  const std::string_view id = ValueOf(headers, "x-request-id", "");
  const TrustedProxies trusted({config.trusted_proxies().begin(), config.trusted_proxies().end()});
  return {.peer_address = kLocalAddress,
          .scheme = "http",
          .host = ValueOf(headers, "host", "localhost"),
          .request_id = IsValidRequestId(id) ? id : kOneForEach,
          .client_identity = {},
          .trace = ContinuesTrace(headers) ? std::span<const Header>() : new_trace,
          .trusted = trusted.Contains(kLocalAddress)};
}

// The least that one of the gRPC upstreams takes that may get it; no limit where none is known.
std::size_t MetadataLimitOf(const config::Config& config,
                            const std::optional<ExplainedDestination>& destination) {
  std::size_t limit = std::numeric_limits<std::size_t>::max();
  if (!destination) return limit;
  for (std::size_t i = 0; i < destination->backends.size(); ++i) {
    const ExplainedBackend& backend = destination->backends[i];
    if (backend.is_http || destination->chosen.value_or(i) != i) continue;
    const config::GrpcUpstream& grpc = FindUpstream(config, backend.upstream)->grpc();
    limit = std::min<std::size_t>(limit, grpc.max_metadata_bytes());
  }
  return limit;
}

// What the proxy finds behind what `explanation` tells: more metadata than the upstream takes, or
// no time for the call.
void CheckCall(const config::Config& config, RoutedExplanation& routed) {
  Explanation& explanation = routed.explanation;
  const bool calls =
      explanation.route != nullptr && (!routed.destination || routed.destination->MayCall());
  if (!calls) return;
  const std::size_t limit = MetadataLimitOf(config, routed.destination);
  const std::string& path = explanation.route->grpc_path;
  if (auto fits = CheckMetadataSize(path, explanation.metadata, limit); !fits) {
    explanation.error = std::move(fits.error());
  }
  auto deadline = DeadlineAfter(explanation.client_timeout);
  if (!deadline && !explanation.error) explanation.error = std::move(deadline.error());
}

// Whether the proxy answers by itself, for CORS, even what goes to HTTP upstreams.
bool IsAnsweredPreflight(const config::Config& config, const RequestHead& head) {
  return head.method == "OPTIONS" && !config.cors().allow_origins().empty() &&
         FindHeader(head.headers, "access-control-request-method") != nullptr;
}

std::optional<Destination> DestinationOf(const config::Config& config, const RequestHead& head,
                                         const Route* route) {
  const auto target = SplitTarget(head.target);
  if (config.upstreams().empty() || !target || IsAnsweredPreflight(config, head)) {
    return std::nullopt;
  }
  auto destination =
      FindDestination(config, route == nullptr ? nullptr : route->method, target->path);
  const bool is_served =
      destination && (route != nullptr || HasHttpBackend(config, destination->route));
  return is_served ? std::move(destination) : std::nullopt;
}

void AddForwardedHeaders(const RequestHead& head, const RequestOrigin& origin,
                         RoutedExplanation& routed) {
  auto forwarded = ForwardRequestHeaders(head.headers, origin);
  if (!forwarded) {
    routed.explanation.error = std::move(forwarded.error());
    return;
  }
  for (const HeaderView& header : forwarded->passed_on) {
    routed.forwarded_headers.push_back({std::string(header.name), std::string(header.value)});
  }
  std::ranges::move(forwarded->added, std::back_inserter(routed.forwarded_headers));
}

// What an HTTP upstream gets is not looked into, so nothing of it can be wrong.
void AddDestination(const config::Config& config, const std::optional<Destination>& destination,
                    const RequestHead& head, const RequestOrigin& origin,
                    RoutedExplanation& routed) {
  Explanation& explanation = routed.explanation;
  const bool is_bound = explanation.route != nullptr;
  if (!destination) {
    if (!is_bound || config.upstreams().empty()) return;
    explanation.error = Error{Code::kNotFound, "no route serves this path", 0, {}, {}};
    return;
  }
  routed.timeout = ToChrono(destination->route.timeout());
  routed.destination =
      ExplainDestination(config, *destination, is_bound, head.method, head.target, head.headers);
  if (!routed.destination->MayCall()) {
    explanation.error.reset();
    explanation.near_misses.clear();
    explanation.allowed.clear();
  }
  routed.may_pass = explanation.error && routed.destination->MayForward();
  if (routed.destination->MayForward()) AddForwardedHeaders(head, origin, routed);
  if (routed.destination->refusal) explanation.error = routed.destination->refusal;
}

// As far as it goes behind a head that the proxy would refuse.
RoutedExplanation ExplainHead(const config::Config& config, const RouteTable& table,
                              const std::shared_ptr<const DescriptorSet>& descriptors,
                              const ExplainArguments& arguments,
                              std::span<const HeaderView> headers, std::string_view body) {
  RequestHead head;
  std::optional<Error> refusal =
      ReadHead(config, arguments.http_method, arguments.target, headers, body.size(), head);
  if (refusal) {
    head.Clear();
    head.headers.assign(headers.begin(), headers.end());
    head.method = arguments.http_method;
    head.target = arguments.target;
  }
  const std::vector<Header> new_trace = {{"traceparent", std::string(kOneForEach)}};
  RequestOrigin origin = OriginOf(config, head.headers, new_trace);
  const auto explain = [&] {
    return Explain(table, descriptors, CodecOptionsOf(config),
                   {.http_method = head.method,
                    .target = head.target,
                    .headers = head.headers,
                    .origin = origin,
                    .body = body,
                    .max_body_bytes = config.limits().max_request_body_bytes()});
  };
  RoutedExplanation routed;
  routed.explanation = explain();
  const auto destination = DestinationOf(config, head, routed.explanation.route);
  const std::string hidden =
      destination ? ToLowerCase(destination->route.split().override_header()) : "";
  if (!hidden.empty()) {
    origin.hidden = hidden;
    routed.explanation = explain();
  }
  AddDestination(config, destination, head, origin, routed);
  CheckCall(config, routed);
  if (refusal) {
    routed.explanation.error = std::move(refusal);
    routed.may_pass = false;
  }
  return routed;
}

}  // namespace

int ExplainRequest(const LoadedConfig& loaded, const ExplainArguments& arguments,
                   std::vector<Problem>& problems) {
  auto headers = ParseHeaders(arguments.headers);
  if (!headers) return BadUsage("--header takes \"name: value\"");
  if ((arguments.http_method + arguments.target).find_first_of("\r\n") != std::string::npos) {
    return BadUsage("METHOD and TARGET are one line each");
  }
  const auto body = ReadBody(arguments.body);
  if (!body) return BadUsage(body.error());

  std::shared_ptr<const DescriptorSet> descriptors;
  const auto table = BuildRouteTable(loaded, descriptors, problems);
  if (!problems.empty() || !table) return kRefused;
  const config::Config& config = loaded.config;
  RoutedExplanation routed = ExplainHead(config, *table, descriptors, arguments, *headers, *body);
  ExplainedCall call = ExplainCall(config, *table, descriptors->pool(), arguments.body.has_value(),
                                   std::move(routed));
  call.request = fmt::format("{} {}", arguments.http_method, arguments.target);
  call.dropped_headers = DroppedHeaders(config, *headers);
  fmt::print("{}", arguments.json ? ExplainedAsJson(call) : ExplainedAsText(call));
  return call.explanation.error ? kRefused : kOk;
}

}  // namespace puente

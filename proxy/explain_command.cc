#include "proxy/explain_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "proxy/call/call_input.h"
#include "proxy/destination.h"
#include "proxy/exit_code.h"
#include "proxy/explained_call.h"
#include "proxy/explained_head.h"
#include "proxy/file_contents.h"
#include "proxy/request_limits.h"
#include "proxy/snapshot.h"
#include "proxy/transcoding_options.h"
#include "proxy/trusted_proxies.h"
#include "proxy/upstream/grpc_upstream.h"
#include "transcoder/explain.h"
#include "transcoder/header_value.h"
#include "transcoder/trace_context.h"

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

// No limit where no upstream is known.
std::size_t MetadataLimitOf(const config::Config& config, const Route& route) {
  constexpr auto kNone = std::numeric_limits<std::size_t>::max();
  if (config.upstreams().empty()) return kNone;
  const auto destination = FindDestination(config, *route.method);
  if (!destination) return kNone;
  const auto upstream = std::ranges::find(config.upstreams(), destination->upstream,
                                          [](const auto& each) { return each.name(); });
  return upstream == config.upstreams().end() ? kNone : upstream->grpc().max_metadata_bytes();
}

// What the proxy finds behind what `explanation` tells: more metadata than the upstream takes, or
// no time for the call.
void CheckCall(const config::Config& config, Explanation& explanation) {
  if (explanation.route == nullptr) return;
  const Route& route = *explanation.route;
  const std::size_t limit = MetadataLimitOf(config, route);
  if (auto fits = CheckMetadataSize(route.grpc_path, explanation.metadata, limit); !fits) {
    explanation.error = std::move(fits.error());
  }
  auto deadline = DeadlineAfter(explanation.client_timeout);
  if (!deadline && !explanation.error) explanation.error = std::move(deadline.error());
}

// As far as it goes behind a head that the proxy would refuse.
Explanation ExplainHead(const config::Config& config, const RouteTable& table,
                        const std::shared_ptr<const DescriptorSet>& descriptors,
                        const ExplainArguments& arguments, std::span<const HeaderView> headers,
                        std::string_view body) {
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
  Explanation explanation = Explain(table, descriptors, CodecOptionsOf(config),
                                    {.http_method = head.method,
                                     .target = head.target,
                                     .headers = head.headers,
                                     .origin = OriginOf(config, head.headers, new_trace),
                                     .body = body,
                                     .max_body_bytes = config.limits().max_request_body_bytes()});
  CheckCall(config, explanation);
  if (refusal) explanation.error = std::move(refusal);
  return explanation;
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
  Explanation explanation = ExplainHead(config, *table, descriptors, arguments, *headers, *body);
  ExplainedCall call = ExplainCall(config, *table, descriptors->pool(), arguments.body.has_value(),
                                   std::move(explanation));
  call.request = fmt::format("{} {}", arguments.http_method, arguments.target);
  call.dropped_headers = DroppedHeaders(config, *headers);
  fmt::print("{}", arguments.json ? ExplainedAsJson(call) : ExplainedAsText(call));
  return call.explanation.error ? kRefused : kOk;
}

}  // namespace puente

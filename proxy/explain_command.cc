#include "proxy/explain_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "proxy/exit_code.h"
#include "proxy/explained_call.h"
#include "proxy/file_contents.h"
#include "proxy/snapshot.h"
#include "proxy/transcoding_options.h"
#include "proxy/trusted_proxies.h"
#include "transcoder/explain.h"
#include "transcoder/trace_context.h"

namespace puente {
namespace {

constexpr std::string_view kLocalAddress = "127.0.0.1";
constexpr std::string_view kOneForEach = "(one for each request)";

int BadUsage(std::string_view what) {
  fmt::print(stderr, "puente explain: {}\n", what);
  return kBadUsage;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kWhitespace = " \t";
  const std::size_t begin = std::min(text.find_first_not_of(kWhitespace), text.size());
  return text.substr(begin, text.find_last_not_of(kWhitespace) + 1 - begin);
}

// Views into `lines`. nullopt: one of them is no header.
std::optional<std::vector<HeaderView>> ParseHeaders(const std::vector<std::string>& lines) {
  std::vector<HeaderView> headers;
  for (const std::string_view line : lines) {
    const std::size_t colon = line.find(':');
    if (colon == line.npos || colon == 0) return std::nullopt;
    headers.push_back({line.substr(0, colon), Trim(line.substr(colon + 1))});
  }
  return headers;
}

// Takes away the headers whose names have underscores, where the configuration says so, and returns
// their names.
std::vector<std::string> DropUnderscores(const config::Config& config,
                                         std::vector<HeaderView>& headers) {
  std::vector<std::string> dropped;
  if (config.headers_with_underscores() == config::HEADERS_WITH_UNDERSCORES_ALLOW) return dropped;
  std::erase_if(headers, [&](const HeaderView& header) {
    const bool is_dropped = header.name.find('_') != header.name.npos;
    if (is_dropped) dropped.emplace_back(header.name);
    return is_dropped;
  });
  return dropped;
}

bool RefusesUnderscores(const config::Config& config) {
  return config.headers_with_underscores() == config::HEADERS_WITH_UNDERSCORES_REJECT;
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

RequestOrigin OriginOf(const config::Config& config, std::span<const HeaderView> headers) {
  const std::string_view id = ValueOf(headers, "x-request-id", "");
  const TrustedProxies trusted({config.trusted_proxies().begin(), config.trusted_proxies().end()});
  return {.peer_address = kLocalAddress,
          .scheme = "http",
          .host = ValueOf(headers, "host", "localhost"),
          .request_id = IsValidRequestId(id) ? id : kOneForEach,
          .client_identity = {},
          .traceparent = ContinuesTrace(headers) ? std::string_view() : kOneForEach,
          .trusted = trusted.Contains(kLocalAddress)};
}

}  // namespace

int ExplainRequest(const LoadedConfig& loaded, const ExplainArguments& arguments,
                   std::vector<Problem>& problems) {
  auto headers = ParseHeaders(arguments.headers);
  if (!headers) return BadUsage("--header takes \"name: value\"");
  const auto body = ReadBody(arguments.body);
  if (!body) return BadUsage(body.error());

  std::shared_ptr<const DescriptorSet> descriptors;
  const auto table = BuildRouteTable(loaded, descriptors, problems);
  if (!problems.empty() || !table) return kRefused;
  const config::Config& config = loaded.config;
  std::vector<std::string> dropped = DropUnderscores(config, *headers);
  Explanation explanation = Explain(*table, descriptors, CodecOptionsOf(config),
                                    {.http_method = arguments.http_method,
                                     .target = arguments.target,
                                     .headers = *headers,
                                     .origin = OriginOf(config, *headers),
                                     .body = *body,
                                     .max_body_bytes = config.limits().max_request_body_bytes()});
  if (!dropped.empty() && RefusesUnderscores(config)) {
    explanation.error =
        Error{Code::kInvalidArgument, "a header name with an underscore", 400, {}, {}};
  }
  ExplainedCall call = ExplainCall(config, *table, descriptors->pool(), arguments.body.has_value(),
                                   std::move(explanation));
  call.request = fmt::format("{} {}", arguments.http_method, arguments.target);
  call.dropped_headers = std::move(dropped);
  fmt::print("{}", arguments.json ? ExplainedAsJson(call) : ExplainedAsText(call));
  return call.explanation.error ? kRefused : kOk;
}

}  // namespace puente

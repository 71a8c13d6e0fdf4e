#include "proxy/cors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace puente {
namespace {

constexpr std::string_view kAny = "*";
constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";

// Browsers send schemes and hosts in lower case; a configuration may say otherwise.
std::string ToLower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return text;
}

auto CountOrigins(const RequestHead& head) {
  return std::ranges::count_if(head.headers, [](const HeaderView& header) {
    return EqualsIgnoreCase(header.name, "origin");
  });
}

std::string_view WithoutPort(std::string_view authority, std::string_view port) {
  if (authority.ends_with(port)) authority.remove_suffix(port.size());
  return authority;
}

// Where TLS ends before the proxy does not know that the page is of HTTPS; but a page of HTTP,
// which anybody on the way may have written, is never the own one of a TLS listener.
bool IsOwn(std::string_view origin, std::string_view host, bool tls) {
  const bool is_https = origin.starts_with(kHttps);
  if (!is_https && (tls || !origin.starts_with(kHttp))) return false;
  const std::string_view port = is_https ? ":443" : ":80";
  origin.remove_prefix(is_https ? kHttps.size() : kHttp.size());
  return EqualsIgnoreCase(WithoutPort(origin, port), WithoutPort(host, port));
}

// The only one; nullptr where there is none, or more than one.
const std::string_view* OriginOf(const RequestHead& head) {
  return CountOrigins(head) == 1 ? FindHeader(head.headers, "origin") : nullptr;
}

}  // namespace

Cors::Cors(const config::Cors& config)
    : methods_(fmt::format("{}", fmt::join(config.allow_methods(), ", "))),
      headers_(fmt::format("{}", fmt::join(config.allow_headers(), ", "))),
      max_age_(fmt::format("{}", config.max_age().seconds())) {
  for (const std::string& origin : config.allow_origins()) {
    any_origin_ |= origin == kAny;
    origins_.insert(ToLower(origin));
  }
}

bool Cors::IsListed(std::string_view origin) const {
  return any_origin_ || origins_.contains(origin);
}

bool Cors::Allows(const RequestHead& head, bool tls) const {
  if (CountOrigins(head) == 0) return true;
  const auto* origin = OriginOf(head);
  return origin != nullptr && (IsListed(*origin) || IsOwn(*origin, head.host, tls));
}

std::vector<Header> Cors::HeadersFor(const RequestHead& head) const {
  if (!is_configured()) return {};
  std::vector<Header> headers;
  if (!any_origin_) headers.push_back({"Vary", "Origin"});
  const auto* origin = OriginOf(head);
  if (origin == nullptr || !IsListed(*origin)) return headers;
  headers.push_back({"Access-Control-Allow-Origin", std::string(any_origin_ ? kAny : *origin)});
  headers.push_back({"Access-Control-Expose-Headers", std::string(kAny)});
  return headers;
}

std::vector<Header> Cors::PreflightHeadersFor(const RequestHead& head,
                                              std::string_view allowed) const {
  std::vector<Header> headers;
  const auto* method = FindHeader(head.headers, "access-control-request-method");
  const auto* origin = OriginOf(head);
  if (method == nullptr || origin == nullptr || !IsListed(*origin)) return headers;
  const auto* asked = FindHeader(head.headers, "access-control-request-headers");
  headers.push_back(
      {"Access-Control-Allow-Methods", methods_.empty() ? std::string(allowed) : methods_});
  if (!headers_.empty() || asked != nullptr) {
    headers.push_back(
        {"Access-Control-Allow-Headers", headers_.empty() ? std::string(*asked) : headers_});
  }
  headers.push_back({"Access-Control-Max-Age", max_age_});
  return headers;
}

}  // namespace puente

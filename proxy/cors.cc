#include "proxy/cors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace puente {
namespace {

constexpr std::string_view kAny = "*";
constexpr std::string_view kSchemeEnd = "://";

// Browsers send schemes and hosts in lower case; a configuration may say otherwise.
std::string ToLower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return text;
}

bool IsOwn(std::string_view origin, std::string_view host) {
  const std::size_t scheme_end = origin.find(kSchemeEnd);
  return scheme_end != std::string_view::npos &&
         EqualsIgnoreCase(origin.substr(scheme_end + kSchemeEnd.size()), host);
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

bool Cors::Allows(const RequestHead& head) const {
  const auto* origin = FindHeader(head.headers, "origin");
  return origin == nullptr || IsListed(*origin) || IsOwn(*origin, head.host);
}

std::vector<Header> Cors::HeadersFor(const RequestHead& head) const {
  if (!is_configured()) return {};
  std::vector<Header> headers;
  if (!any_origin_) headers.push_back({"Vary", "Origin"});
  const auto* origin = FindHeader(head.headers, "origin");
  if (origin == nullptr || !IsListed(*origin)) return headers;
  headers.push_back({"Access-Control-Allow-Origin", std::string(any_origin_ ? kAny : *origin)});
  headers.push_back({"Access-Control-Expose-Headers", std::string(kAny)});
  return headers;
}

std::vector<Header> Cors::PreflightHeadersFor(const RequestHead& head,
                                              std::string_view allowed) const {
  std::vector<Header> headers;
  const auto* method = FindHeader(head.headers, "access-control-request-method");
  const auto* origin = FindHeader(head.headers, "origin");
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

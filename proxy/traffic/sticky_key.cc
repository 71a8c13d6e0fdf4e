#include "proxy/traffic/sticky_key.h"

#include <simdjson.h>

#include <string_view>

#include "transcoder/base64.h"
#include "transcoder/header_value.h"

namespace puente {
namespace {

using Key = std::optional<std::string>;

// Longer tokens are not looked into.
constexpr std::size_t kLongestToken = 16384;

Key NonEmpty(std::string_view value) { return value.empty() ? Key() : Key(value); }

// "a=1; b=2" (RFC 6265, 4.2.1).
Key CookieOf(std::span<const HeaderView> headers, std::string_view name) {
  for (const HeaderView& header : headers) {
    if (!EqualsIgnoreCase(header.name, "cookie")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = TrimHeaderValue(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const std::size_t equals = pair.find('=');
      if (equals != pair.npos && pair.substr(0, equals) == name) {
        return NonEmpty(pair.substr(equals + 1));
      }
    }
  }
  return std::nullopt;
}

// The middle one of the token's three parts (RFC 7519).
std::string_view ClaimsOf(std::string_view token) {
  const std::size_t first = token.find('.');
  if (first == token.npos) return {};
  const std::size_t second = token.find('.', first + 1);
  if (second == token.npos) return {};
  return token.substr(first + 1, second - first - 1);
}

Key ClaimIn(const std::string& claims, std::string_view name) {
  simdjson::dom::parser parser;
  simdjson::dom::element claim;
  simdjson::dom::object object;
  if (parser.parse(claims).get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  if (object.at_key(name).get(claim) != simdjson::SUCCESS) return std::nullopt;
  std::string_view text;
  if (claim.get_string().get(text) == simdjson::SUCCESS) return NonEmpty(text);
  if (!claim.is_number() && !claim.is_bool()) return std::nullopt;
  return simdjson::minify(claim);
}

Key JwtClaimOf(std::span<const HeaderView> headers, std::string_view name) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string_view* credentials = FindHeader(headers, "authorization");
  if (credentials == nullptr || credentials->size() > kLongestToken) return std::nullopt;
  if (!EqualsIgnoreCase(credentials->substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const auto claims = DecodeBase64(ClaimsOf(TrimHeaderValue(credentials->substr(kScheme.size()))));
  return claims ? ClaimIn(*claims, name) : std::nullopt;
}

}  // namespace

StickyKey::StickyKey(const config::Sticky& config)
    : source_(config.has_header()   ? Source::kHeader
              : config.has_cookie() ? Source::kCookie
                                    : Source::kJwtClaim),
      name_(config.has_header()   ? config.header()
            : config.has_cookie() ? config.cookie()
                                  : config.jwt_claim()) {}

Key StickyKey::Of(std::span<const HeaderView> headers) const {
  if (source_ == Source::kCookie) return CookieOf(headers, name_);
  if (source_ == Source::kJwtClaim) return JwtClaimOf(headers, name_);
  const std::string_view* value = FindHeader(headers, name_);
  return value == nullptr ? std::nullopt : NonEmpty(*value);
}

}  // namespace puente

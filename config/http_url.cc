#include "config/http_url.h"

#include <algorithm>
#include <utility>

#include "config/address.h"
#include "config/ascii.h"

namespace puente {
namespace {

constexpr std::string_view kExpected =
    "expected a URL such as `http://127.0.0.1:8080` or `https://billing.example/v1`, without user "
    "name and query";
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

bool IsPathCharacter(char c) { return c > ' ' && c <= '~' && c != '?' && c != '#'; }

constexpr std::uint16_t kAnyPort = 1;

// "host", "host:port"; the port may be left out, which IsHostAndPort does not allow.
std::optional<HostAndPort> ParseAuthority(std::string_view authority) {
  HostAndPort server = SplitHostAndPort(authority);
  // What is not written the one way that it can be is something else: "::1", "a:", "a:0".
  if (authority != JoinHostAndPort(server.host, server.port)) return std::nullopt;
  const std::uint16_t port = server.port != 0 ? server.port : kAnyPort;
  if (!IsHostAndPort(JoinHostAndPort(server.host, port))) return std::nullopt;
  return server;
}

}  // namespace

bool IsUrlPath(std::string_view text) {
  return text.starts_with('/') && std::ranges::all_of(text, IsPathCharacter);
}

std::optional<HttpUrl> SplitHttpUrl(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const std::string scheme = ToLowerAscii(text.substr(0, scheme_end));
  const bool tls = scheme == "https";
  if (!tls && scheme != "http") return std::nullopt;
  const std::string_view rest = text.substr(scheme_end + 3);
  const std::size_t authority_end = std::min(rest.find('/'), rest.size());
  const std::string_view path = rest.substr(authority_end);
  if (!path.empty() && !IsUrlPath(path)) return std::nullopt;
  auto server = ParseAuthority(rest.substr(0, authority_end));
  if (!server) return std::nullopt;
  return HttpUrl{tls, std::move(server->host), server->port, std::string(path)};
}

tl::expected<HttpUrl, std::string> ParseHttpUrl(std::string_view text) {
  auto url = SplitHttpUrl(text);
  if (!url) return tl::unexpected(std::string(kExpected));
  if (url->port == 0) url->port = url->tls ? kHttpsPort : kHttpPort;
  while (url->path.ends_with('/')) url->path.pop_back();
  return *std::move(url);
}

}  // namespace puente

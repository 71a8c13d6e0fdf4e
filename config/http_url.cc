#include "config/http_url.h"

#include <algorithm>
#include <optional>

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

// "host", "host:port"; the port may be left out, which IsHostAndPort does not allow.
std::optional<HostAndPort> ParseAuthority(std::string_view authority, std::uint16_t default_port) {
  HostAndPort server = SplitHostAndPort(authority);
  // What is not written the one way that it can be is something else: "::1", "a:", "a:0".
  if (authority != JoinHostAndPort(server.host, server.port)) return std::nullopt;
  if (server.port == 0) server.port = default_port;
  if (!IsHostAndPort(JoinHostAndPort(server.host, server.port))) return std::nullopt;
  return server;
}

}  // namespace

bool IsUrlPath(std::string_view text) {
  return text.starts_with('/') && std::ranges::all_of(text, IsPathCharacter);
}

tl::expected<HttpUrl, std::string> ParseHttpUrl(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return tl::unexpected(std::string(kExpected));
  const std::string scheme = ToLowerAscii(text.substr(0, scheme_end));
  const bool tls = scheme == "https";
  if (!tls && scheme != "http") return tl::unexpected(std::string(kExpected));
  const std::string_view rest = text.substr(scheme_end + 3);
  const std::size_t authority_end = std::min(rest.find('/'), rest.size());
  std::string_view path = rest.substr(authority_end);
  if (!path.empty() && !IsUrlPath(path)) return tl::unexpected(std::string(kExpected));
  auto server = ParseAuthority(rest.substr(0, authority_end), tls ? kHttpsPort : kHttpPort);
  if (!server) return tl::unexpected(std::string(kExpected));
  while (path.ends_with('/')) path.remove_suffix(1);
  return HttpUrl{tls, std::move(server->host), server->port, std::string(path)};
}

}  // namespace puente

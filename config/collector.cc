#include "config/collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/address.h"
#include "config/ascii.h"

namespace puente {
namespace {

// Of one header; servers take no more.
constexpr std::size_t kLongestHeader = 8192;
constexpr std::string_view kExpected =
    "expected a URL such as `http://127.0.0.1:4317` or `https://collector.example`, without user "
    "name and query";

// What the exporters say themselves, and what belongs to a connection.
constexpr std::array kReserved = {
    "connection", "content-encoding", "content-length",    "content-type", "host",
    "te",         "upgrade",          "transfer-encoding", "keep-alive",   "accept-encoding"};

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }

bool IsPathCharacter(char c) { return c > ' ' && c <= '~' && c != '?' && c != '#'; }

// The port may be left out, which IsHostAndPort does not allow.
tl::expected<CollectorUrl, std::string> ParseAuthority(std::string_view authority) {
  const HostAndPort server = SplitHostAndPort(authority);
  const std::uint16_t some_port = server.port != 0 ? server.port : 1;
  const bool has_port = server.port != 0 || authority.ends_with(":0");
  const bool good = IsHostAndPort(JoinHostAndPort(server.host, some_port)) &&
                    authority == JoinHostAndPort(server.host, server.port);
  if (!good || (has_port && server.port == 0)) return tl::unexpected(std::string(kExpected));
  CollectorUrl url;
  url.host = server.host;
  url.port = server.port;
  return url;
}

}  // namespace

tl::expected<CollectorUrl, std::string> ParseCollectorUrl(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return tl::unexpected(std::string(kExpected));
  const std::string scheme = ToLowerAscii(text.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return tl::unexpected(std::string(kExpected));
  const std::string_view rest = text.substr(scheme_end + 3);
  const std::size_t authority_end = std::min(rest.find('/'), rest.size());
  const std::string_view path = rest.substr(authority_end);
  if (!std::ranges::all_of(path, IsPathCharacter)) return tl::unexpected(std::string(kExpected));
  auto url = ParseAuthority(rest.substr(0, authority_end));
  if (!url) return url;
  url->tls = scheme == "https";
  url->path = path;
  return url;
}

std::string ToString(const CollectorUrl& url) {
  return fmt::format("{}://{}{}", url.tls ? "https" : "http", JoinHostAndPort(url.host, url.port),
                     url.path);
}

std::optional<std::string> CheckExportHeader(std::string_view name, std::string_view value) {
  const std::string lower = ToLowerAscii(name);
  if (lower.empty() || !std::ranges::all_of(lower, IsNameCharacter)) {
    return "a header's name is made of letters, digits, `-`, `_` and `.`";
  }
  if (lower.starts_with("grpc-") || std::ranges::find(kReserved, lower) != kReserved.end()) {
    return "this header is not for the configuration to set";
  }
  if (name.size() + value.size() > kLongestHeader) return "a header has at most 8192 characters";
  if (!std::ranges::all_of(value, IsPrintable)) {
    return "the value of a header must be printable ASCII";
  }
  return std::nullopt;
}

}  // namespace puente

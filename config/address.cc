#include "config/address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace puente {
namespace {

constexpr std::size_t kMaxUnixPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t kMaxHostName = 253;
constexpr std::array kTargetSchemes = {"dns:", "ipv4:", "ipv6:", "unix:", "unix-abstract:", "xds:"};

std::optional<int> ParseNumber(std::string_view text, int maximum) {
  int value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < 0 || value > maximum) return std::nullopt;
  return text.starts_with('-') ? std::nullopt : std::optional(value);
}

bool IsAddress(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes;
  return inet_pton(family, std::string(text).c_str(), bytes.data()) == 1;
}

struct ParsedAddress {
  std::string_view host;
  int port;
  bool bracketed;  // "[host]:port"
};

std::optional<ParsedAddress> ParseAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = ParseNumber(text.substr(colon + 1), 65535);
  if (!port.has_value()) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  return ParsedAddress{host, *port, bracketed};
}

bool IsHostNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

tl::expected<ListenAddress, std::string> ParseUnixAddress(std::string_view path) {
  if (path.empty() || path.size() > kMaxUnixPath) {
    return tl::unexpected("expected a path of 1 to " + std::to_string(kMaxUnixPath) +
                          " bytes after `unix:`");
  }
  return ListenAddress{"", 0, std::string(path)};
}

}  // namespace

tl::expected<ListenAddress, std::string> ParseListenAddress(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) return ParseUnixAddress(text.substr(kUnix.size()));
  const auto parts = ParseAddress(text);
  if (!parts.has_value() || !IsAddress(parts->bracketed ? AF_INET6 : AF_INET, parts->host)) {
    return tl::unexpected(
        std::string("expected an IP address and a port, such as `127.0.0.1:8080`, `0.0.0.0:8080` "
                    "or `[::1]:8080`, or `unix:/path`"));
  }
  return ListenAddress{std::string(parts->host), static_cast<std::uint16_t>(parts->port), ""};
}

tl::expected<Cidr, std::string> ParseCidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  const bool v4 = IsAddress(AF_INET, address);
  const int bits = v4 ? 32 : 128;
  const auto prefix = slash == std::string_view::npos ? std::optional(bits)
                                                      : ParseNumber(text.substr(slash + 1), bits);
  if (!prefix.has_value() || (!v4 && !IsAddress(AF_INET6, address))) {
    return tl::unexpected(std::string(
        "expected a block of IP addresses, such as `10.0.0.0/8` or `fd00::/8`, or one address"));
  }
  return Cidr{std::string(address), *prefix};
}

bool IsGrpcTarget(std::string_view text) {
  for (const std::string_view scheme : kTargetSchemes) {
    if (text.starts_with(scheme)) return text.size() > scheme.size();
  }
  return IsHostAndPort(text);
}

bool IsHostAndPort(std::string_view text) {
  const auto parts = ParseAddress(text);
  if (!parts.has_value() || parts->port == 0) return false;
  if (parts->bracketed) return IsAddress(AF_INET6, parts->host);
  return !parts->host.empty() && parts->host.size() <= kMaxHostName &&
         std::ranges::all_of(parts->host, IsHostNameCharacter);
}

HostAndPort SplitHostAndPort(std::string_view text) {
  const auto parts = ParseAddress(text);
  const bool bare_ipv6 = parts && !parts->bracketed && parts->host.find(':') != text.npos;
  if (parts && !bare_ipv6) {
    return {std::string(parts->host), static_cast<std::uint16_t>(parts->port)};
  }
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  return {std::string(text), 0};
}

std::string JoinHostAndPort(std::string_view host, std::uint16_t port) {
  const bool brackets = host.find(':') != std::string_view::npos;
  std::string text(brackets ? "[" : "");
  text.append(host).append(brackets ? "]" : "");
  if (port != 0) text.append(":").append(std::to_string(port));
  return text;
}

HostAndPort ServerOfTarget(std::string_view target) {
  for (const std::string_view scheme : kTargetSchemes) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(scheme.size());
    if (scheme.starts_with("unix")) return {std::string(target), 0};
    // "//resolver/name"
    if (target.starts_with("//"))
      target.remove_prefix(std::min(target.find('/', 2), target.size() - 1) + 1);
    break;
  }
  return SplitHostAndPort(target);
}

}  // namespace puente

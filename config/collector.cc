#include "config/collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/address.h"

namespace puente {
namespace {

constexpr std::string_view kExpected =
    "expected a URL such as `http://127.0.0.1:4317` or `https://collector.example`, without user "
    "name and query";

// What the exporters say themselves, and what belongs to a connection.
constexpr std::array kReserved = {
    "connection", "content-encoding", "content-length",    "content-type", "host",
    "te",         "upgrade",          "transfer-encoding", "keep-alive",   "accept-encoding"};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = Lower(c);
  return lower;
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }

bool IsPathCharacter(char c) { return c > ' ' && c <= '~' && c != '?' && c != '#'; }

// `authority` with a port, which IsHostAndPort wants.
tl::expected<CollectorUrl, std::string> ParseAuthority(std::string_view authority) {
  const bool has_port = authority.rfind(':') != std::string_view::npos && !authority.ends_with(']');
  const std::string text = fmt::format("{}{}", authority, has_port ? "" : ":1");
  if (!IsHostAndPort(text)) return tl::unexpected(std::string(kExpected));
  const std::size_t colon = text.rfind(':');
  std::string_view host = std::string_view(text).substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  CollectorUrl url;
  url.host = host;
  if (has_port) url.port = static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1)));
  return url;
}

}  // namespace

tl::expected<CollectorUrl, std::string> ParseCollectorUrl(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return tl::unexpected(std::string(kExpected));
  const std::string scheme = Lower(text.substr(0, scheme_end));
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
  const bool brackets = url.host.find(':') != std::string::npos;
  std::string text = fmt::format("{}://{}{}{}", url.tls ? "https" : "http", brackets ? "[" : "",
                                 url.host, brackets ? "]" : "");
  if (url.port != 0) text += fmt::format(":{}", url.port);
  return text + url.path;
}

std::optional<std::string> CheckExportHeader(std::string_view name, std::string_view value) {
  const std::string lower = Lower(name);
  if (lower.empty() || !std::ranges::all_of(lower, IsNameCharacter)) {
    return "a header's name is made of letters, digits, `-`, `_` and `.`";
  }
  if (lower.starts_with("grpc-") || std::ranges::find(kReserved, lower) != kReserved.end()) {
    return "this header is not for the configuration to set";
  }
  if (!std::ranges::all_of(value, IsPrintable)) {
    return "the value of a header must be printable ASCII";
  }
  return std::nullopt;
}

}  // namespace puente

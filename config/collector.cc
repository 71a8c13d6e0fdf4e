#include "config/collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

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

}  // namespace

tl::expected<CollectorUrl, std::string> ParseCollectorUrl(std::string_view text) {
  auto url = SplitHttpUrl(text);
  if (!url) return tl::unexpected(std::string(kExpected));
  return *std::move(url);
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

#include "transcoder/header_names.h"

#include <algorithm>
#include <array>

namespace puente {
namespace {

constexpr auto kHopByHop = std::to_array<std::string_view>({
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
});
static_assert(std::ranges::is_sorted(kHopByHop));

constexpr auto kIdentity = std::to_array<std::string_view>({
    "authorization",
    "cookie",
    "host",
    "x-api-key",
});

}  // namespace

bool IsHopByHop(std::string_view name) { return std::ranges::binary_search(kHopByHop, name); }

bool IsForwarded(std::string_view name) {
  return name.starts_with("x-forwarded-") || name == "forwarded" || name == "x-real-ip";
}

bool IsKeptDespiteConnection(std::string_view name) {
  return IsForwarded(name) || std::ranges::find(kIdentity, name) != kIdentity.end();
}

bool IsMetadataKey(std::string_view name) {
  static constexpr auto kIsKeyByte = [] {
    std::array<bool, 256> is_key_byte{};
    for (const unsigned char c : std::string_view("abcdefghijklmnopqrstuvwxyz0123456789-_.")) {
      is_key_byte[c] = true;
    }
    return is_key_byte;
  }();
  bool good = !name.empty();
  for (const char c : name) good &= kIsKeyByte[static_cast<unsigned char>(c)];
  // "-bin" alone is a key to gRPC, but not one of bytes.
  return good && name != "-bin";
}

}  // namespace puente

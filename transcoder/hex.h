// Bytes as lower-case hexadecimal text, and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace puente {

// Writes two digits for each byte at `to`, and returns the end of them.
inline char* WriteHex(std::span<const std::uint8_t> bytes, char* to) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::uint8_t byte : bytes) {
    *to++ = kDigits[byte >> 4];
    *to++ = kDigits[byte & 0xf];
  }
  return to;
}

inline std::string ToHex(std::span<const std::uint8_t> bytes) {
  std::string text(2 * bytes.size(), '0');
  WriteHex(bytes, text.data());
  return text;
}

// Fills `bytes` from as many lower-case digits. False, with `bytes` in any state, when `text` is
// something else.
inline bool ReadHex(std::string_view text, std::span<std::uint8_t> bytes) {
  if (text.size() != 2 * bytes.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && (c < 'a' || c > 'f')) return false;
    const auto digit = static_cast<std::uint8_t>(is_digit ? c - '0' : c - 'a' + 10);
    std::uint8_t& byte = bytes[i / 2];
    byte = static_cast<std::uint8_t>(i % 2 == 0 ? digit << 4 : byte | digit);
  }
  return true;
}

}  // namespace puente

#include "transcoder/base64.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace puente {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kInvalid = 0xff;

constexpr std::array<std::uint8_t, 256> MakeDigits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kInvalid);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  digits['-'] = digits['+'];
  digits['_'] = digits['/'];
  return digits;
}
constexpr std::array<std::uint8_t, 256> kDigits = MakeDigits();

// `text` without its padding, or nullopt when that is not what its length asks for.
std::optional<std::string_view> WithoutPadding(std::string_view text) {
  if (!text.ends_with('=')) return text;
  if (text.size() % 4 != 0) return std::nullopt;
  text.remove_suffix(text.ends_with("==") ? 2 : 1);
  return text;
}

}  // namespace

std::optional<std::string> DecodeBase64(std::string_view text) {
  const auto digits = WithoutPadding(text);
  if (!digits || digits->size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(digits->size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int pending = 0;
  for (const unsigned char c : *digits) {
    const std::uint8_t digit = kDigits[c];
    if (digit == kInvalid) return std::nullopt;
    bits = bits << 6 | digit;
    pending += 6;
    if (pending < 8) continue;
    pending -= 8;
    bytes.push_back(static_cast<char>(bits >> pending & 0xff));
  }
  return bytes;
}

std::string EncodeBase64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) -> std::uint32_t {
      return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
    };
    const std::uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    text.push_back(kAlphabet[bits >> 18]);
    text.push_back(kAlphabet[bits >> 12 & 63]);
    text.push_back(i + 1 < bytes.size() ? kAlphabet[bits >> 6 & 63] : '=');
    text.push_back(i + 2 < bytes.size() ? kAlphabet[bits & 63] : '=');
  }
  return text;
}

}  // namespace puente

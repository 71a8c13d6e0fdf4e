#include "transcoder/base64.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

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

// What up to four digits stand for. Adds what they are to `all`, so that one that is none shows.
std::uint32_t Bits(std::string_view digits, std::uint32_t& all) {
  std::uint32_t bits = 0;
  for (const unsigned char c : digits) {
    all |= kDigits[c];
    bits = bits << 6 | kDigits[c];
  }
  return bits;
}

// Of the first three bytes.
std::uint32_t LeadingBits(std::string_view bytes) {
  const auto byte = [&](std::size_t at) -> std::uint32_t {
    return static_cast<unsigned char>(bytes[at]);
  };
  return byte(0) << 16 | byte(1) << 8 | byte(2);
}

char* WriteFour(std::uint32_t bits, char* to) {
  for (const int shift : {18, 12, 6, 0}) *to++ = kAlphabet[bits >> shift & 63];
  return to;
}

// `text` without its padding, or nullopt when that is not what its length asks for.
std::optional<std::string_view> WithoutPadding(std::string_view text) {
  if (!text.ends_with('=')) return text;
  if (text.size() % 4 != 0) return std::nullopt;
  text.remove_suffix(text.ends_with("==") ? 2 : 1);
  return text;
}

}  // namespace

std::optional<std::string> DecodeBase64(std::string_view text) {
  const auto digits = Base64Digits(text);
  if (!digits) return std::nullopt;
  std::string bytes(Base64Size(*digits), '\0');
  return DecodeBase64Digits(*digits, bytes.data()) ? std::optional(std::move(bytes)) : std::nullopt;
}

std::optional<std::string_view> Base64Digits(std::string_view text) {
  const auto digits = WithoutPadding(text);
  return digits && digits->size() % 4 != 1 ? digits : std::nullopt;
}

bool DecodeBase64Digits(std::string_view digits, char* to) {
  std::uint32_t all = 0;
  for (; digits.size() >= 4; digits.remove_prefix(4)) {
    const std::uint32_t bits = Bits(digits.substr(0, 4), all);
    *to++ = static_cast<char>(bits >> 16);
    *to++ = static_cast<char>(bits >> 8);
    *to++ = static_cast<char>(bits);
  }
  const std::uint32_t bits = Bits(digits, all) << 6 * (4 - digits.size()) % 24;
  if (digits.size() > 1) *to++ = static_cast<char>(bits >> 16);
  if (digits.size() > 2) *to++ = static_cast<char>(bits >> 8);
  return all < kAlphabet.size();
}

std::string EncodeBase64(std::string_view bytes) {
  std::string text(EncodedBase64Size(bytes.size()), '\0');
  WriteBase64(bytes, text.data());
  return text;
}

char* WriteBase64(std::string_view bytes, char* to) {
  for (; bytes.size() >= 3; bytes.remove_prefix(3)) to = WriteFour(LeadingBits(bytes), to);
  if (bytes.empty()) return to;
  const std::string_view last = bytes.size() == 1 ? "==" : "=";
  const char padded[] = {bytes[0], bytes.size() > 1 ? bytes[1] : '\0', '\0'};
  to = WriteFour(LeadingBits({padded, sizeof padded}), to);
  last.copy(to - last.size(), last.size());
  return to;
}

}  // namespace puente

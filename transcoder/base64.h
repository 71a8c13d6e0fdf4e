// Base64 (RFC 4648) as metadata, proto3 JSON and query parameters spell bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace puente {

// The bytes that `text` stands for: the standard or the URL-safe alphabet, with or without padding.
// nullopt when it is not base64: another character, white space included, a length that no bytes
// have, or wrong padding. Bits beyond the last whole byte do not count.
std::optional<std::string> DecodeBase64(std::string_view text);

// The same in two steps, without a string of its own. The characters of `text` without its padding;
// nullopt when there are as many as no bytes have, or the padding is wrong.
std::optional<std::string_view> Base64Digits(std::string_view text);
// How many bytes they stand for.
constexpr std::size_t Base64Size(std::string_view digits) {
  return digits.size() / 4 * 3 + digits.size() % 4 * 3 / 4;
}
// Writes that many to `to`. False when one of them is no digit: what was written means nothing.
bool DecodeBase64Digits(std::string_view digits, char* to);

// In the standard alphabet, padded.
std::string EncodeBase64(std::string_view bytes);
// The same, written to `to`, where there is room for EncodedBase64Size; its end.
char* WriteBase64(std::string_view bytes, char* to);
// How many characters that many bytes become.
constexpr std::size_t EncodedBase64Size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

}  // namespace puente

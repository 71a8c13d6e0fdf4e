// Base64 (RFC 4648) as metadata, proto3 JSON and query parameters spell bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace puente {

// The bytes that `text` stands for: the standard or the URL-safe alphabet, with or without padding.
// nullopt when it is not base64: another character, white space included, a length that no bytes
// have, or wrong padding. Bits beyond the last whole byte do not count.
std::optional<std::string> DecodeBase64(std::string_view text);

// In the standard alphabet, padded.
std::string EncodeBase64(std::string_view bytes);

}  // namespace puente

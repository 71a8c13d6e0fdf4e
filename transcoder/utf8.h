// UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace puente {

// The offset of the first byte that begins no well-formed character; npos when there is none.
std::size_t FindInvalidUtf8(std::string_view text);

inline bool IsUtf8(std::string_view text) {
  return FindInvalidUtf8(text) == std::string_view::npos;
}

// `text` with U+FFFD in place of each byte that belongs to no well-formed character.
std::string ReplaceInvalidUtf8(std::string_view text);

// Appends the character `code_point`, which must be a Unicode scalar value.
void AppendUtf8(std::uint32_t code_point, std::string& out);

}  // namespace puente

// How JSON strings spell the characters that they can't hold (RFC 8259 section 7).
#pragma once

#include <cstddef>
#include <cstdint>

namespace puente {

// What an escape takes at most.
inline constexpr std::size_t kLongestJsonEscape = 6;

// Writes the escape of `c`, a quote, a backslash or a control character; its end.
inline char* WriteJsonEscape(char c, char* to) {
  // By control character; those with 'u' have no letter of their own.
  constexpr char kLetters[] = "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu";
  constexpr char kHexDigits[] = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(c);
  *to++ = '\\';
  *to++ = code < 0x20 ? kLetters[code] : c;
  if (code >= 0x20 || kLetters[code] != 'u') return to;
  for (const char digit : {'0', '0', kHexDigits[code >> 4], kHexDigits[code & 15]}) *to++ = digit;
  return to;
}

}  // namespace puente

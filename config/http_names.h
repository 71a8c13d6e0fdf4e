// Names as HTTP defines them.
#pragma once

#include <algorithm>
#include <string_view>

namespace puente {

// tchar (RFC 9110, 5.6.2).
inline bool IsHttpTokenCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// What a header, a cookie or a method may be called.
inline bool IsHttpToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, IsHttpTokenCharacter);
}

}  // namespace puente

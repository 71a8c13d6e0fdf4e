#include "transcoder/http_message.h"

#include <algorithm>

namespace puente {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return Lower(x) == Lower(y); });
}

bool IsPrintableAscii(std::string_view text) {
  // All of it, whatever comes first: a loop that a compiler can do for many bytes at once.
  unsigned char bad = 0;
  for (const char c : text) bad |= static_cast<unsigned char>(c - 0x20) > 0x7e - 0x20 ? 1 : 0;
  return bad == 0;
}

const std::string_view* FindHeader(std::span<const HeaderView> headers, std::string_view name) {
  const auto found = std::ranges::find_if(
      headers, [name](const HeaderView& header) { return EqualsIgnoreCase(header.name, name); });
  return found == headers.end() ? nullptr : &found->value;
}

}  // namespace puente

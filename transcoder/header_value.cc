#include "transcoder/header_value.h"

#include <algorithm>
#include <cstddef>

namespace puente {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// The offset behind the quoted string that begins at `begin`; kNone when it does not end.
std::size_t SkipQuotedString(std::string_view text, std::size_t begin) {
  std::size_t at = begin + 1;
  while (true) {
    at = text.find_first_of("\"\\", at);
    if (at == kNone) return kNone;
    if (text[at] == '"') return at + 1;
    at = std::min(at + 2, text.size());
  }
}

}  // namespace

std::string_view TrimHeaderValue(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == kNone) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string_view> TakeElement(std::string_view& rest, char separator) {
  const char stops[] = {separator, '"'};
  const std::string_view whole = rest;
  std::size_t end = whole.find_first_of({stops, 2});
  while (end != kNone && whole[end] == '"') {
    const std::size_t behind = SkipQuotedString(whole, end);
    if (behind == kNone) {
      rest = {};
      return std::nullopt;
    }
    end = whole.find_first_of({stops, 2}, behind);
  }
  rest = end == kNone ? std::string_view() : whole.substr(end + 1);
  return TrimHeaderValue(whole.substr(0, end));
}

}  // namespace puente

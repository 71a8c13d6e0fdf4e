#include "transcoder/json_extent.h"

#include <algorithm>

namespace puente {
namespace {

bool IsBracketOrQuote(char c) { return c == '"' || c == '{' || c == '}' || c == '[' || c == ']'; }

bool IsQuoteOrBackslash(char c) { return c == '"' || c == '\\'; }

bool EndsBareValue(char c) {
  return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

template <class Predicate>
std::size_t FindFrom(std::string_view text, std::size_t pos, Predicate predicate) {
  return static_cast<std::size_t>(
      std::find_if(text.begin() + static_cast<std::ptrdiff_t>(pos), text.end(), predicate) -
      text.begin());
}

}  // namespace

void JsonExtent::Begin(char first) {
  bare_ = first != '"' && first != '{' && first != '[';
  in_string_ = escaped_ = false;
  depth_ = 0;
}

bool JsonExtent::FindEnd(std::string_view text, std::size_t& pos) {
  if (bare_) return FindBareEnd(text, pos);
  while (pos < text.size()) {
    if (in_string_) {
      in_string_ = !FindStringEnd(text, pos);
      if (!in_string_ && depth_ == 0) return true;
      continue;
    }
    pos = FindFrom(text, pos, IsBracketOrQuote);
    if (pos == text.size()) return false;
    const char c = text[pos++];
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (--depth_ == 0) {
      return true;
    }
  }
  return false;
}

bool JsonExtent::FindBareEnd(std::string_view text, std::size_t& pos) const {
  pos = FindFrom(text, pos, EndsBareValue);
  return pos < text.size();
}

bool JsonExtent::FindStringEnd(std::string_view text, std::size_t& pos) {
  while (pos < text.size()) {
    if (escaped_) {
      escaped_ = false;
      ++pos;
      continue;
    }
    pos = FindFrom(text, pos, IsQuoteOrBackslash);
    if (pos == text.size()) return false;
    if (text[pos++] == '"') return true;
    escaped_ = true;
  }
  return false;
}

}  // namespace puente

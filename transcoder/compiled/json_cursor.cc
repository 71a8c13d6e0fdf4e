#include "transcoder/compiled/json_cursor.h"

#include "transcoder/number_text.h"
#include "transcoder/utf8.h"

namespace puente {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool IsHighSurrogate(std::uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLowSurrogate(std::uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

// 0xff when it is none.
std::uint8_t HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<std::uint8_t>(lower - 'a' + 10) : 0xff;
}

}  // namespace

// Line breaks and the blanks of an indentation.
char JsonCursor::NextBehindSpace() {
  constexpr std::string_view kBlanks = "        ";
  while (true) {
    while (rest().starts_with(kBlanks)) at_ += kBlanks.size();
    if (at_ == end_) return '\0';
    if (!IsSpace(*at_)) return *at_;
    ++at_;
  }
}

bool JsonCursor::Number(std::string_view& text) {
  Next();
  const std::size_t length = NumberLength(rest());
  text = rest().substr(0, length);
  at_ += length;
  return length != 0;
}

// `stop` is what the plain part of the string, in which the cursor is, ends with.
bool JsonCursor::Unescape(const char* stop, std::string_view& value) {
  unescaped_.clear();
  while (stop != end_ && *stop == '\\') {
    unescaped_.append(at_, stop);
    at_ = stop + 1;
    if (!Escape()) return false;
    stop = FindStringStop(at_, end_);
  }
  if (stop == end_ || *stop != '"') return false;
  unescaped_.append(at_, stop);
  at_ = stop + 1;
  value = unescaped_;
  return true;
}

// Behind a backslash.
bool JsonCursor::Escape() {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (at_ == end_) return false;
  const char letter = *at_++;
  if (letter == 'u') return UnicodeEscape();
  const std::size_t meaning = kLetters.find(letter);
  if (meaning == std::string_view::npos) return false;
  unescaped_.push_back(kMeanings[meaning]);
  return true;
}

bool JsonCursor::UnicodeEscape() {
  std::uint32_t unit = 0;
  if (!HexDigits(unit) || IsLowSurrogate(unit)) return false;
  if (IsHighSurrogate(unit)) {
    std::uint32_t low = 0;
    if (!rest().starts_with("\\u")) return false;
    at_ += 2;
    if (!HexDigits(low) || !IsLowSurrogate(low)) return false;
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  }
  AppendUtf8(unit, unescaped_);
  return true;
}

bool JsonCursor::HexDigits(std::uint32_t& value) {
  if (end_ - at_ < 4) return false;
  value = 0;
  for (const char* const end = at_ + 4; at_ != end; ++at_) {
    const std::uint8_t digit = HexDigit(*at_);
    if (digit == 0xff) return false;
    value = value << 4 | digit;
  }
  return true;
}

}  // namespace puente

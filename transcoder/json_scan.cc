#include "transcoder/json_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>

#include "transcoder/number_text.h"
#include "transcoder/utf8.h"

namespace puente {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsHighSurrogate(std::uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLowSurrogate(std::uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

bool EndsString(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

}  // namespace

JsonScanner::JsonScanner(std::string_view text, int max_depth)
    : text_(text), max_depth_(max_depth) {
  const std::size_t invalid = FindInvalidUtf8(text);
  if (invalid != std::string_view::npos) {
    FailAt(invalid, "the text is not UTF-8");
  } else if (text.starts_with(kByteOrderMark)) {
    Fail("a byte order mark is not allowed");
  }
}

bool JsonScanner::FailAt(std::size_t offset, std::string_view problem) {
  if (problem_) return false;
  const std::string_view before = text_.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;
  problem_ =
      Problem{static_cast<std::size_t>(lines) + 1, offset - line_start + 1, std::string(problem)};
  at_ = text_.size();
  return false;
}

void JsonScanner::SkipSpace() {
  at_ = std::min(text_.find_first_not_of(" \t\n\r", at_), text_.size());
}

bool JsonScanner::Consume(char c) {
  SkipSpace();
  if (problem_ || at_ == text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

JsonScanner::Kind JsonScanner::Peek() {
  SkipSpace();
  if (problem_ || at_ == text_.size()) return Kind::kNone;
  switch (const char c = text_[at_]) {
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    case '"':
      return Kind::kString;
    case 't':
    case 'f':
      return Kind::kBool;
    case 'n':
      return Kind::kNull;
    default:
      return c == '-' || (c >= '0' && c <= '9') ? Kind::kNumber : Kind::kNone;
  }
}

bool JsonScanner::Enter(char bracket) {
  if (!Consume(bracket)) return Fail(fmt::format("expected '{}'", bracket));
  if (depth_ == max_depth_) {
    return Fail(fmt::format("objects and arrays are nested deeper than {} levels", max_depth_));
  }
  ++depth_;
  first_ = true;
  return true;
}

bool JsonScanner::EnterObject() { return Enter('{'); }
bool JsonScanner::EnterArray() { return Enter('['); }

JsonScanner::Step JsonScanner::NextItem(char closing, std::string_view expected) {
  const bool first = first_;
  first_ = false;
  if (Consume(closing)) {
    --depth_;
    return Step::kEnd;
  }
  if (first || Consume(',')) return problem_ ? Step::kError : Step::kNext;
  Fail(expected);
  return Step::kError;
}

JsonScanner::Step JsonScanner::NextKey(std::string_view& key) {
  const Step step = NextItem('}', "expected ',' or '}'");
  if (step != Step::kNext) return step;
  if (Peek() != Kind::kString) {
    Fail("expected a key in double quotes");
    return Step::kError;
  }
  if (!String(key)) return Step::kError;
  if (!Consume(':')) {
    Fail("expected ':' after the key");
    return Step::kError;
  }
  return BeforeValue();
}

JsonScanner::Step JsonScanner::NextElement() {
  const Step step = NextItem(']', "expected ',' or ']'");
  return step == Step::kNext ? BeforeValue() : step;
}

JsonScanner::Step JsonScanner::BeforeValue() {
  if (Peek() != Kind::kNone) return Step::kNext;
  Fail("expected a value");
  return Step::kError;
}

bool JsonScanner::String(std::string_view& value) {
  if (!Consume('"')) return Fail("expected a string");
  const auto begin = text_.begin() + static_cast<std::ptrdiff_t>(at_);
  const auto end = std::find_if(begin, text_.end(), EndsString);
  value = std::string_view(begin, end);
  at_ += value.size();
  if (end == text_.end()) return Fail("the string has no end");
  if (*end == '\\') return Unescape(value);
  if (*end != '"') return Fail("a control character in a string has to be escaped");
  ++at_;
  return true;
}

// At the first backslash of a string that begins with `value`.
bool JsonScanner::Unescape(std::string_view& value) {
  std::string& out = unescaped_.emplace_back(value);
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (static_cast<unsigned char>(c) < 0x20) {
      return Fail("a control character in a string has to be escaped");
    }
    ++at_;
    if (c == '"') {
      value = out;
      return true;
    }
    if (c != '\\') {
      out.push_back(c);
    } else if (!Escape(out)) {
      return false;
    }
  }
  return Fail("the string has no end");
}

bool JsonScanner::Escape(std::string& out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (at_ == text_.size()) return Fail("the string has no end");
  if (text_[at_] == 'u') return ++at_, UnicodeEscape(out);
  const std::size_t letter = kLetters.find(text_[at_]);
  if (letter == std::string_view::npos) return Fail("unknown escape in a string");
  out.push_back(kMeanings[letter]);
  ++at_;
  return true;
}

bool JsonScanner::HexDigits(std::uint32_t& value) {
  value = 0;
  for (const std::size_t end = at_ + 4; at_ < end; ++at_) {
    const char c = at_ < text_.size() ? text_[at_] : ' ';
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      value = value << 4 | static_cast<std::uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value << 4 | static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      return Fail("expected four hexadecimal digits after \\u");
    }
  }
  return true;
}

// After "\u".
bool JsonScanner::UnicodeEscape(std::string& out) {
  std::uint32_t unit = 0;
  if (!HexDigits(unit)) return false;
  if (IsLowSurrogate(unit)) return Fail("half of a surrogate pair in a string");
  if (IsHighSurrogate(unit)) {
    std::uint32_t low = 0;
    if (text_.substr(at_, 2) != "\\u") return Fail("half of a surrogate pair in a string");
    at_ += 2;
    if (!HexDigits(low)) return false;
    if (!IsLowSurrogate(low)) return Fail("half of a surrogate pair in a string");
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  }
  AppendUtf8(unit, out);
  return true;
}

bool JsonScanner::Number(std::string_view& text) {
  if (Peek() != Kind::kNumber) return Fail("expected a number");
  const std::size_t length = NumberLength(text_.substr(at_));
  if (length == 0) return Fail("malformed number");
  text = text_.substr(at_, length);
  at_ += length;
  return true;
}

bool JsonScanner::Literal(std::string_view literal) {
  if (text_.substr(at_, literal.size()) != literal) return Fail("expected a value");
  at_ += literal.size();
  return true;
}

bool JsonScanner::Bool(bool& value) {
  if (Peek() != Kind::kBool) return Fail("expected true or false");
  value = text_[at_] == 't';
  return Literal(value ? "true" : "false");
}

bool JsonScanner::Null() { return Peek() == Kind::kNull ? Literal("null") : Fail("expected null"); }

bool JsonScanner::End() {
  SkipSpace();
  return at_ == text_.size() && !problem_ ? true : Fail("expected nothing after the value");
}

bool JsonScanner::Skip() { return SkipValue(Duplicates::kRefuse); }

bool JsonScanner::SkipValue(Duplicates duplicates) {
  std::string_view ignored;
  bool ignored_bool;
  switch (Peek()) {
    case Kind::kObject:
      return SkipObject(duplicates);
    case Kind::kArray:
      return SkipArray(duplicates);
    case Kind::kString:
      return String(ignored);
    case Kind::kNumber:
      return Number(ignored);
    case Kind::kBool:
      return Bool(ignored_bool);
    case Kind::kNull:
      return Null();
    case Kind::kNone:
      return Fail("expected a value");
  }
  return false;
}

bool JsonScanner::SkipObject(Duplicates duplicates) {
  const std::size_t object = at_;
  // Ordered: a hash that is known could be fed with collisions.
  std::set<std::string_view> keys;
  std::string_view key;
  if (!EnterObject()) return false;
  Step step = NextKey(key);
  for (; step == Step::kNext; step = NextKey(key)) {
    if (duplicates == Duplicates::kRefuse && !keys.insert(key).second) {
      return Fail("a key is given twice");
    }
    if (!SkipMember(key, object, duplicates)) return false;
  }
  return step == Step::kEnd;
}

bool JsonScanner::SkipMember(std::string_view key, std::size_t object, Duplicates duplicates) {
  if (key != kTypeKey || Peek() != Kind::kString) return SkipValue(duplicates);
  std::string_view type;
  if (!String(type)) return false;
  if (duplicates == Duplicates::kIgnore) types_.emplace(object, type);
  return true;
}

bool JsonScanner::SkipArray(Duplicates duplicates) {
  if (!EnterArray()) return false;
  Step step = NextElement();
  for (; step == Step::kNext; step = NextElement()) {
    if (!SkipValue(duplicates)) return false;
  }
  return step == Step::kEnd;
}

std::optional<std::string_view> JsonScanner::FindType() {
  if (Peek() != Kind::kObject) return std::nullopt;
  const std::size_t begin = at_;
  if (const auto type = FirstMemberIfType()) return type;
  if (begin >= indexed_until_) IndexTypes();
  if (problem_) return std::nullopt;
  const auto found = types_.find(begin);
  return found != types_.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<std::string_view> JsonScanner::FirstMemberIfType() {
  const std::size_t begin = at_;
  const int depth = depth_;
  std::string_view key, type;
  const bool found = EnterObject() && NextKey(key) == Step::kNext && key == kTypeKey &&
                     Peek() == Kind::kString && String(type);
  if (problem_) return std::nullopt;
  at_ = begin;
  depth_ = depth;
  return found ? std::optional(type) : std::nullopt;
}

// Of the object here and all that are in it, so that looking for those costs nothing more.
void JsonScanner::IndexTypes() {
  const std::size_t begin = at_;
  const int depth = depth_;
  if (!SkipValue(Duplicates::kIgnore)) return;
  indexed_until_ = at_;
  at_ = begin;
  depth_ = depth;
}

}  // namespace puente

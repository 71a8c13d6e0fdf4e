// A place in a JSON text that moves forward: what JsonScanner reads, fast and without a word about
// what is wrong (RFC 8259 to the letter).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "transcoder/compiled/string_stop.h"

namespace puente {

// All that returns a bool returns false when the text is something else; the cursor is of no use
// then, unless said. The text must outlive it, and be UTF-8: that is not looked at here.
class JsonCursor {
 public:
  // `max_depth`: of objects and arrays together.
  JsonCursor(std::string_view text, int max_depth)
      : at_(text.data()), begin_(at_), end_(at_ + text.size()), levels_left_(max_depth) {}

  // The next character that is no white space; NUL, with which nothing begins, at the end.
  char Next() {
    if (at_ != end_ && static_cast<unsigned char>(*at_) > ' ') [[likely]]
      return *at_;
    return NextBehindSpace();
  }
  // False leaves the cursor there.
  bool Consume(char c) {
    if (Next() != c) return false;
    ++at_;
    return true;
  }
  // Nothing but white space is left.
  bool AtEnd() {
    Next();
    return at_ == end_;
  }

  // An object or an array. False leaves it there when it is another bracket.
  bool Enter(char opening) { return Consume(opening) && --levels_left_ >= 0; }
  bool Leave(char closing) {
    ++levels_left_;
    return Consume(closing);
  }

  // true, false, null.
  bool Literal(std::string_view literal) {
    Next();
    if (!rest().starts_with(literal)) return false;
    at_ += literal.size();
    return true;
  }

  // Where it has escapes, valid until the next string is read.
  bool String(std::string_view& value) {
    if (!Consume('"')) return false;
    const char* const stop = FindStringStop(at_, end_);
    if (stop == end_ || *stop != '"') [[unlikely]]
      return Unescape(stop, value);
    value = std::string_view(at_, stop);
    at_ = stop + 1;
    return true;
  }
  // What String gave is a part of the text.
  bool IsInText(std::string_view value) const {
    return value.data() >= begin_ && value.data() < end_;
  }

  // A key as it mostly is, with its quotes and its colon. False leaves the cursor where it is,
  // which must not be white space; so does an empty key.
  bool PlainKey(std::string_view key) {
    if (key.empty() || !IsAhead(key)) return false;
    at_ += key.size();
    return true;
  }
  // Any key, and its colon. Valid as with String.
  bool Key(std::string_view& key) { return String(key) && Consume(':'); }

  // A number by its grammar. What follows may make it wrong ("0" of "01").
  bool Number(std::string_view& text);
  bool NumberOrString(std::string_view& text) {
    return Next() == '"' ? String(text) : Number(text);
  }

  std::string_view rest() const { return {at_, end_}; }
  const char* end() const { return end_; }
  // Goes on behind `count` characters of the rest.
  void Skip(std::size_t count) { at_ += count; }

 private:
  char NextBehindSpace();
  bool IsAhead(std::string_view text) const;
  template <class Word>
  bool IsWordAhead(std::string_view text, std::size_t offset) const {
    Word here, there;
    std::memcpy(&here, at_ + offset, sizeof here);
    std::memcpy(&there, text.data() + offset, sizeof there);
    return here == there;
  }
  bool Unescape(const char* stop, std::string_view& value);
  bool Escape();
  bool UnicodeEscape();
  bool HexDigits(std::uint32_t& value);

  const char* at_;
  const char* const begin_;
  const char* const end_;
  int levels_left_;
  std::string unescaped_;  // the last string that had escapes
};

// In words, the last of which may overlap the one before.
inline bool JsonCursor::IsAhead(std::string_view text) const {
  const std::size_t size = text.size();
  if (static_cast<std::size_t>(end_ - at_) < size) return false;
  if (size < sizeof(std::uint32_t)) return rest().starts_with(text);
  if (size < sizeof(std::uint64_t)) {
    return IsWordAhead<std::uint32_t>(text, 0) &&
           IsWordAhead<std::uint32_t>(text, size - sizeof(std::uint32_t));
  }
  for (std::size_t i = 0; i + sizeof(std::uint64_t) < size; i += sizeof(std::uint64_t)) {
    if (!IsWordAhead<std::uint64_t>(text, i)) return false;
  }
  return IsWordAhead<std::uint64_t>(text, size - sizeof(std::uint64_t));
}

}  // namespace puente

// Reads JSON by RFC 8259 to the letter, in one linear pass, piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace puente {

// A pull scanner: the caller asks for what it expects next. One thread at a time. `text` must
// outlive the scanner; every string_view that it hands out lives as long as the scanner does.
//
// Refused: everything that RFC 8259 does not say (trailing commas, comments, single quotes, bare
// keys, NaN, leading zeros, a byte order mark, control characters in strings, bytes after the end),
// text that is not UTF-8, escapes that are half of a surrogate pair, and objects and arrays nested
// deeper than `max_depth` together. Memory is linear in the text, too.
//
// After the first failure every call fails, and `problem` says why.
class JsonScanner {
 public:
  struct Problem {
    std::size_t line, column;  // from 1; the column in bytes
    std::string text;          // without anything of the input
  };
  enum class Kind { kObject, kArray, kString, kNumber, kBool, kNull, kNone };
  enum class Step { kNext, kEnd, kError };

  JsonScanner(std::string_view text, int max_depth);

  // What the next value is; kNone when there is none (or only something that is no JSON).
  Kind Peek();

  // All of these return false, or kError, when the text is something else.
  bool EnterObject();
  Step NextKey(std::string_view& key);  // kEnd: the object is left
  bool EnterArray();
  Step NextElement();  // kEnd: the array is left
  bool String(std::string_view& value);
  bool Number(std::string_view& text);
  bool Bool(bool& value);
  bool Null();
  // Any value, checked as strictly as if it were read, duplicate keys included.
  bool Skip();
  // That nothing but white space is left.
  bool End();

  // At an object: the string that its member `kTypeKey` has, wherever it stands among the others;
  // nullopt when it has none, or when the text turns out to be broken on the way there. Reads
  // ahead, each byte a bounded number of times, however often and deep inside this is called.
  std::optional<std::string_view> FindType();
  static constexpr std::string_view kTypeKey = "@type";

  const std::optional<Problem>& problem() const { return problem_; }

 private:
  bool Fail(std::string_view problem) { return FailAt(at_, problem); }
  bool FailAt(std::size_t offset, std::string_view problem);
  void SkipSpace();
  bool Consume(char c);
  bool Literal(std::string_view literal);
  bool Enter(char bracket);
  Step NextItem(char closing, std::string_view expected);
  Step BeforeValue();
  bool Escape(std::string& out);
  bool HexDigits(std::uint32_t& value);
  bool UnicodeEscape(std::string& out);
  bool Unescape(std::string_view& value);
  enum class Duplicates { kRefuse, kIgnore };
  bool SkipValue(Duplicates duplicates);
  bool SkipObject(Duplicates duplicates);
  bool SkipArray(Duplicates duplicates);
  bool SkipMember(std::string_view key, std::size_t object, Duplicates duplicates);
  std::optional<std::string_view> FirstMemberIfType();
  void IndexTypes();

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int max_depth_;
  bool first_ = false;  // of the object or array that was entered last
  std::optional<Problem> problem_;
  std::deque<std::string> unescaped_;
  std::unordered_map<std::size_t, std::string_view> types_;  // by where their object begins
  std::size_t indexed_until_ = 0;
};

}  // namespace puente

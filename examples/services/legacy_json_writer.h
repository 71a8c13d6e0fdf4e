// JSON text, piece by piece, in the order in which it is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace puente::examples {

enum class LegacyJsonLayout {
  kPretty,  // two spaces to each level
  kLine,    // all on one line
};

// The calls must make sense: Key before each value of an object, as many ends as begins. Text is
// UTF-8.
class LegacyJsonWriter {
 public:
  explicit LegacyJsonWriter(LegacyJsonLayout layout) : layout_(layout) {}

  LegacyJsonWriter& Key(std::string_view name);
  void BeginObject() { Begin('{'); }
  void EndObject() { End('}'); }
  void BeginArray() { Begin('['); }
  void EndArray() { End(']'); }
  void Text(std::string_view text);
  // null for the empty text.
  void TextOrNull(std::string_view text);
  void Number(std::int64_t number);
  // Must be finite.
  void Number(double number);
  void Bool(bool value);
  void Null();

  // What was written.
  std::string Take() && { return std::move(json_); }

 private:
  void Begin(char bracket);
  void End(char bracket);
  void BeginValue();
  void BreakLine();
  void Quote(std::string_view text);

  const LegacyJsonLayout layout_;
  std::string json_;
  std::size_t depth_ = 0;
  bool is_first_ = true;  // of what is written last: nothing stands before it in its brackets
  bool after_key_ = false;
};

}  // namespace puente::examples

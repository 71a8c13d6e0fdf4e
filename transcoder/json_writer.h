// Writes a JSON text by hand, member by member.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace puente {

// Used once, by one thread. What is opened must be closed. Texts that are not UTF-8 are mended.
class JsonWriter {
 public:
  // A value: an element of the array that is open, or that of the key written last.
  void Open(char bracket);  // '{' or '['
  void Close();             // what was opened last
  void String(std::string_view text);
  void Number(std::int64_t number);
  void Bool(bool value);
  void Raw(std::string_view json);

  // Of the object that is open.
  void Key(std::string_view name);
  void Member(std::string_view name, std::string_view text);
  // The same, and nothing when `text` is empty.
  void OptionalMember(std::string_view name, std::string_view text);

  // The text, with a line for each member and element.
  std::string Finish() &&;

 private:
  void BeginValue();
  void BreakLine();

  std::string out_;
  std::vector<char> open_;  // the closing brackets
  bool empty_ = true;       // what was opened last
  bool after_key_ = false;
};

}  // namespace puente

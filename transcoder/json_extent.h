// Where a JSON text ends.
#pragma once

#include <cstddef>
#include <string_view>

namespace puente {

// Finds the end of one JSON value by its strings and the depth of its brackets alone, while its
// bytes arrive; each byte is looked at once. What is inside may be anything: in text that is no
// JSON the end is where it would be if it were some.
class JsonExtent {
 public:
  // A value begins, whose first byte is `first`.
  void Begin(char first);

  // Goes on with text[pos], which is the first byte of the value or the one behind those that have
  // been looked at, and moves `pos` behind what it looks at. True: the value ends before `pos`.
  // A number or a literal ends before the first white space, comma or closing bracket, which must
  // be there for that.
  bool FindEnd(std::string_view text, std::size_t& pos);

  // Whether the value is a number or a literal, which may end with the text.
  bool bare() const { return bare_; }

 private:
  bool FindBareEnd(std::string_view text, std::size_t& pos) const;
  bool FindStringEnd(std::string_view text, std::size_t& pos);

  bool bare_ = false;
  bool in_string_ = false;
  bool escaped_ = false;   // behind a backslash in a string
  std::size_t depth_ = 0;  // of open brackets
};

}  // namespace puente

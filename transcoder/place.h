// Where in a message something is: "invoice.lines[2].quantity".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace puente {

// A name that came from outside may stand in a message when it looks like a name of a field: at
// most 64 letters, digits, '_', '-' and '.'.
bool IsPlainName(std::string_view name);

// A stack of field names, indexes and map keys. Views: what is pushed must outlive its Pop.
class Place {
 public:
  void PushField(std::string_view json_name) { steps_.push_back({Kind::kField, json_name, 0}); }
  void PushIndex(std::size_t index) { steps_.push_back({Kind::kIndex, {}, index}); }
  // `ordinal` (from 1) stands for a key that is no plain name.
  void PushKey(std::string_view key, std::size_t ordinal) {
    steps_.push_back({Kind::kKey, key, ordinal});
  }
  void Pop() { steps_.pop_back(); }

  // Empty for the message itself.
  std::string Text() const;

 private:
  enum class Kind { kField, kIndex, kKey };
  struct Step {
    Kind kind;
    std::string_view name;
    std::size_t number;
  };
  std::vector<Step> steps_;
};

}  // namespace puente

// A JSON text as a tree, for those who have to look at it in another order than it is written in.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/json_scan.h"

namespace puente {

struct JsonValue {
  JsonScanner::Kind kind = JsonScanner::Kind::kNull;
  std::string_view key;   // of a member of an object
  std::string_view text;  // a number as it is written, what a string says, "true" or "false"
  std::vector<JsonValue> children;  // elements; or members, in the order of their keys
};

// Everything that JsonScanner refuses is refused, and so are keys that are given twice. Immutable.
class JsonTree {
 public:
  // What bounds the memory and the stack that a tree takes.
  struct Limits {
    std::size_t bytes = 1 << 20;
    std::size_t values = 1 << 16;  // all of them, the root, objects and arrays included
    int depth = 100;               // of objects and arrays together
  };

  // `text` must outlive the tree.
  JsonTree(std::string_view text, const Limits& limits);
  JsonTree(const JsonTree&) = delete;
  JsonTree& operator=(const JsonTree&) = delete;

  // What is wrong with the text, without anything of it; then the tree means nothing.
  const std::optional<std::string>& problem() const { return problem_; }

  const JsonValue& root() const { return root_; }

 private:
  bool Fail(std::string problem);
  bool ReadValue(JsonValue& value);
  bool ReadBool(JsonValue& value);
  bool ReadObject(JsonValue& object);
  bool SortMembers(JsonValue& object);
  bool ReadArray(JsonValue& array);

  JsonScanner scanner_;
  std::size_t values_left_;
  std::optional<std::string> problem_;
  JsonValue root_;
};

}  // namespace puente

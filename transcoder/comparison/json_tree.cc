#include "transcoder/comparison/json_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace puente {

using Kind = JsonScanner::Kind;
using Step = JsonScanner::Step;

JsonTree::JsonTree(std::string_view text, const Limits& limits)
    : scanner_(text.size() <= limits.bytes ? text : std::string_view(), limits.depth),
      values_left_(limits.values) {
  if (text.size() > limits.bytes) {
    Fail(fmt::format("it is larger than {} bytes", limits.bytes));
  } else if (!ReadValue(root_) || !scanner_.End()) {
    const auto& syntax = scanner_.problem();
    if (syntax)
      Fail(fmt::format("line {}, column {}: {}", syntax->line, syntax->column, syntax->text));
  }
}

bool JsonTree::Fail(std::string problem) {
  if (!problem_) problem_ = std::move(problem);
  return false;
}

bool JsonTree::ReadValue(JsonValue& value) {
  if (values_left_ == 0) return Fail("it has too many values");
  --values_left_;
  value.kind = scanner_.Peek();
  switch (value.kind) {
    case Kind::kObject:
      return ReadObject(value);
    case Kind::kArray:
      return ReadArray(value);
    case Kind::kString:
      return scanner_.String(value.text);
    case Kind::kNumber:
      return scanner_.Number(value.text);
    case Kind::kBool:
      return ReadBool(value);
    case Kind::kNull:
      return scanner_.Null();
    case Kind::kNone:
      return scanner_.Skip();
  }
  return false;
}

bool JsonTree::ReadBool(JsonValue& value) {
  bool truth = false;
  if (!scanner_.Bool(truth)) return false;
  value.text = truth ? "true" : "false";
  return true;
}

bool JsonTree::ReadObject(JsonValue& object) {
  if (!scanner_.EnterObject()) return false;
  std::string_view key;
  Step step = scanner_.NextKey(key);
  for (; step == Step::kNext; step = scanner_.NextKey(key)) {
    JsonValue& member = object.children.emplace_back();
    member.key = key;
    if (!ReadValue(member)) return false;
  }
  return step == Step::kEnd && SortMembers(object);
}

bool JsonTree::SortMembers(JsonValue& object) {
  std::vector<JsonValue>& members = object.children;
  std::ranges::sort(members, {}, &JsonValue::key);
  const bool distinct = std::ranges::adjacent_find(members, {}, &JsonValue::key) == members.end();
  return distinct || Fail("a key is given twice");
}

bool JsonTree::ReadArray(JsonValue& array) {
  if (!scanner_.EnterArray()) return false;
  Step step = scanner_.NextElement();
  for (; step == Step::kNext; step = scanner_.NextElement()) {
    if (!ReadValue(array.children.emplace_back())) return false;
  }
  return step == Step::kEnd;
}

}  // namespace puente

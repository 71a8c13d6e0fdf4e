#include "examples/json_subset.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

namespace puente::examples {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;
using google::protobuf::Value;

using Difference = std::optional<std::string>;

constexpr std::size_t kLongestValueShown = 200;

std::string Print(const Value& value) {
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(value, &json).ok()) return "?";
  return json.size() > kLongestValueShown ? json.substr(0, kLongestValueShown) + "…" : json;
}

Difference Compare(const Value& expected, const Value& actual, const std::string& place);

Difference CompareObjects(const Struct& expected, const Struct& actual, const std::string& place) {
  for (const auto& [key, value] : expected.fields()) {
    const std::string inner = place.empty() ? key : place + "." + key;
    const auto found = actual.fields().find(key);
    if (found == actual.fields().end()) {
      return fmt::format("{}: expected {}, is not there", inner, Print(value));
    }
    if (auto difference = Compare(value, found->second, inner)) return difference;
  }
  return std::nullopt;
}

Difference CompareArrays(const ListValue& expected, const ListValue& actual,
                         const std::string& place) {
  if (expected.values_size() != actual.values_size()) {
    return fmt::format("{}: expected {} elements, there are {}", place, expected.values_size(),
                       actual.values_size());
  }
  for (int i = 0; i < expected.values_size(); ++i) {
    const std::string inner = fmt::format("{}[{}]", place, i);
    if (auto difference = Compare(expected.values(i), actual.values(i), inner)) return difference;
  }
  return std::nullopt;
}

// As deep as `expected` at most, which is ours.
Difference Compare(const Value& expected, const Value& actual, const std::string& place) {
  if (expected.has_struct_value() && actual.has_struct_value()) {
    return CompareObjects(expected.struct_value(), actual.struct_value(), place);
  }
  if (expected.has_list_value() && actual.has_list_value()) {
    return CompareArrays(expected.list_value(), actual.list_value(), place);
  }
  if (expected.SerializeAsString() == actual.SerializeAsString()) return std::nullopt;
  return fmt::format("{}: expected {}, is {}", place.empty() ? "the answer" : place,
                     Print(expected), Print(actual));
}

bool Parse(std::string_view json, Value& value) {
  return google::protobuf::util::JsonStringToMessage(
             google::protobuf::StringPiece(json.data(), json.size()), &value)
      .ok();
}

}  // namespace

Difference FindJsonDifference(std::string_view expected, std::string_view actual) {
  Value expected_value;
  Value actual_value;
  if (!Parse(expected, expected_value)) return "what is expected is not JSON";
  if (!Parse(actual, actual_value)) return "the answer is not JSON";
  return Compare(expected_value, actual_value, "");
}

}  // namespace puente::examples

#include "examples/json_subset.h"

#include <gmock/gmock.h>

namespace puente::examples {
namespace {

TEST(FindJsonDifference, AcceptsAnAnswerThatSaysMore) {
  struct Case {
    const char* expected;
    const char* actual;
  };
  const Case kCases[] = {
      {"{}", R"({"a": 1})"},
      {R"({"a": {"b": [1, "x", null, true]}})",
       R"({"c": 2, "a":{"b":[1.0,"\u0078",null,true],"d":3}})"},
      {"[]", "[]"},
      {"[{}]", R"([{"a": 1}])"},
      {"1", "1e0"},
  };
  for (const auto& c : kCases) EXPECT_EQ(FindJsonDifference(c.expected, c.actual), std::nullopt);
}

TEST(FindJsonDifference, SaysWhereAnAnswerIsWrong) {
  struct Case {
    const char* expected;
    const char* actual;
    const char* difference;
  };
  const Case kCases[] = {
      {R"({"a": 1})", "{}", "a: expected 1, is not there"},
      {R"({"a": [{"b": 1}]})", R"({"a": [{"b": "1"}]})", "a[0].b: expected 1, is \"1\""},
      {"[1]", "[1, 2]", ": expected 1 elements, there are 2"},
      {"{}", "[]", "the answer: expected {}, is []"},
      {"{}", "{} x", "the answer is not JSON"},
      {"{}", "", "the answer is not JSON"},
      {"{", "{}", "what is expected is not JSON"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(FindJsonDifference(c.expected, c.actual), c.difference) << c.expected;
  }
}

}  // namespace
}  // namespace puente::examples

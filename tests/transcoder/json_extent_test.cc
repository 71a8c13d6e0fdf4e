#include "transcoder/json_extent.h"

#include <gmock/gmock.h>

#include <optional>
#include <string>

namespace puente {
namespace {

// Where the value at the beginning of `text` ends, when `step` bytes come at a time.
std::optional<std::size_t> EndOf(const std::string& text, std::size_t step) {
  JsonExtent extent;
  extent.Begin(text[0]);
  std::size_t pos = 0;
  for (std::size_t size = std::min(step, text.size());; size = std::min(size + step, text.size())) {
    if (extent.FindEnd(std::string_view(text).substr(0, size), pos)) return pos;
    EXPECT_EQ(pos, size) << text;
    if (size == text.size()) return std::nullopt;
  }
}

TEST(JsonExtent, FindsTheEnd) {
  struct Case {
    std::string value;
    std::string rest;
  };
  const Case kCases[] = {
      {"{}", ""},
      {"{}", "}"},
      {"[]", ",[]"},
      {"{\"a\":[1,{\"b\":2}]}", ","},
      {"{\"a\":\"}\"}", ""},
      {"[\"\\\"]\",\"\\\\\"]", "]"},
      {"\"\"", ""},
      {"\"a\"", "b\""},
      {"\"\\\"\"", "\""},
      {"\"\\\\\"", "\"\""},
      {"\"\\u0022\"", ","},
      {"12", ","},
      {"-1.5e3", "]"},
      {"null", "}"},
      {"true", " "},
      {"1", "\t"},
      {"1", "\r\n"},
      {"1", "\n"},
      // What is no JSON has an end as well, for the reader to refuse it.
      {"{]", "}"},
      {"[}", ""},
      {"{\"a\\\"}\"\n,:}", "}"},
      {"1{\"a\"", ",\"b\"}"},
      {"nonsense\"", " \""},
      {"\\", ","},
  };
  for (const auto& c : kCases) {
    for (const std::size_t step : {1, 2, 3, 100}) {
      EXPECT_EQ(EndOf(c.value + c.rest, step), c.value.size()) << c.value << " by " << step;
    }
  }
}

TEST(JsonExtent, FindsNoEndBeforeItIsThere) {
  for (const std::string text :
       {"{", "[", "\"", "1", "true", "{\"a\":{}", "\"\\\"", "[\"]", "[[]", "{\"\\\\\\\"}"}) {
    for (const std::size_t step : {1, 2, 3, 100})
      EXPECT_EQ(EndOf(text, step), std::nullopt) << text;
  }
}

TEST(JsonExtent, OnlyNumbersAndLiteralsAreBare) {
  for (const char first : std::string("{[\"0-tn+x,")) {
    JsonExtent extent;
    extent.Begin(first);
    EXPECT_EQ(extent.bare(), first != '{' && first != '[' && first != '"') << first;
  }
}

TEST(JsonExtent, BeginsAnew) {
  JsonExtent extent;
  extent.Begin('[');
  std::size_t pos = 0;
  EXPECT_FALSE(extent.FindEnd("[[\"\\", pos));
  extent.Begin('{');
  pos = 0;
  EXPECT_TRUE(extent.FindEnd("{}}", pos));
  EXPECT_EQ(pos, 2U);
}

}  // namespace
}  // namespace puente

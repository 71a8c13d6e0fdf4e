#include "transcoder/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace puente {
namespace {

TEST(Utf8, EveryCharacterIsWellFormed) {
  for (std::uint32_t c = 0; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    std::string text;
    AppendUtf8(c, text);
    ASSERT_TRUE(IsUtf8(text)) << c;
    text.pop_back();
    ASSERT_TRUE(text.empty() || !IsUtf8(text)) << c;
  }
}

TEST(Utf8, FindsTheFirstBrokenByte) {
  const std::vector<std::pair<std::string, std::size_t>> cases = {
      {"\x80", 0},
      {"abcdefghij\xff", 10},
      {"a\xC3\xA9\xC3", 3},
      {"\xC0\x80", 0},
      {"\xC1\xBF", 0},
      {"\xE0\x9F\xBF", 0},
      {"\xED\xA0\x80", 0},
      {"\xF0\x8F\xBF\xBF", 0},
      {"\xF4\x90\x80\x80", 0},
      {"\xF5\x80\x80\x80", 0},
      {"ok\xE2\x82", 2},
      {"\xE2\x82\x28", 0},
      {"\xF0\x9F\x98\x28", 0},
  };
  for (const auto& [text, offset] : cases) EXPECT_EQ(FindInvalidUtf8(text), offset) << text;
  EXPECT_EQ(FindInvalidUtf8(""), std::string::npos);
}

TEST(Utf8, ReplacesBrokenBytesAndKeepsTheRest) {
  EXPECT_EQ(ReplaceInvalidUtf8("a\xC3\xA9"), "a\xC3\xA9");
  EXPECT_EQ(ReplaceInvalidUtf8("a\xff\xffz"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(ReplaceInvalidUtf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ReplaceInvalidUtf8(""), "");
}

}  // namespace
}  // namespace puente

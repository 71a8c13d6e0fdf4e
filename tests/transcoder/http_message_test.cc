#include "transcoder/http_message.h"

#include <gmock/gmock.h>

#include <vector>

namespace puente {
namespace {

TEST(EqualsIgnoreCase, ComparesAsAscii) {
  EXPECT_TRUE(EqualsIgnoreCase("", ""));
  EXPECT_TRUE(EqualsIgnoreCase("Content-Type", "cOnTENT-tYPE"));
  EXPECT_FALSE(EqualsIgnoreCase("content-type", "content-typ"));
  EXPECT_FALSE(EqualsIgnoreCase("[", "{"));
  EXPECT_FALSE(EqualsIgnoreCase("@", "`"));
  EXPECT_FALSE(EqualsIgnoreCase("\xc4", "\xe4"));
}

TEST(IsPrintableAscii, TakesSpacesAndNoControls) {
  EXPECT_TRUE(IsPrintableAscii(""));
  EXPECT_TRUE(IsPrintableAscii(" a~"));
  for (const char c : {'\t', '\n', '\0', '\x1f', '\x7f', '\x80', '\xff'}) {
    EXPECT_FALSE(IsPrintableAscii(std::string("a") + c)) << static_cast<int>(c);
  }
}

// Every byte at every place of texts around the size of a word, beside the bytes that a borrow or a
// carry would come from.
TEST(IsPrintableAscii, IsExactAtEveryPlace) {
  for (std::size_t size = 1; size <= 25; ++size) {
    for (const char around : {' ', '~', 'a'}) {
      for (std::size_t at = 0; at < size; ++at) {
        for (int byte = 0; byte < 256; ++byte) {
          std::string text(size, around);
          text[at] = static_cast<char>(byte);
          ASSERT_EQ(IsPrintableAscii(text), byte >= 0x20 && byte < 0x7f)
              << "byte " << byte << " at " << at << " of " << size;
        }
      }
    }
  }
}

TEST(HasControls, IsExactAtEveryPlace) {
  EXPECT_FALSE(HasControls(""));
  for (std::size_t size = 1; size <= 25; ++size) {
    for (const char around : {' ', '~', '\x80', '\xff'}) {
      for (std::size_t at = 0; at < size; ++at) {
        for (int byte = 0; byte < 256; ++byte) {
          std::string text(size, around);
          text[at] = static_cast<char>(byte);
          ASSERT_EQ(HasControls(text), byte < 0x20 || byte == 0x7f)
              << "byte " << byte << " at " << at << " of " << size;
        }
      }
    }
  }
}

TEST(FindHeader, FindsTheFirstOfThatNameInAnyCase) {
  const std::vector<HeaderView> headers = {{"Host", "a"}, {"X-Tag", "1"}, {"x-tag", "2"}};
  ASSERT_NE(FindHeader(headers, "x-TAG"), nullptr);
  EXPECT_EQ(*FindHeader(headers, "x-TAG"), "1");
  EXPECT_EQ(FindHeader(headers, "x-ta"), nullptr);
  EXPECT_EQ(FindHeader({}, "host"), nullptr);
}

}  // namespace
}  // namespace puente

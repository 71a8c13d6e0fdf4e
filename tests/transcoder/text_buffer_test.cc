#include "transcoder/text_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace puente {
namespace {

TEST(TextBuffer, AppendsToWhatTheStringHas) {
  std::string out = "before ";
  TextBuffer buffer(out);
  std::string expected = "before ";
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string text(size, static_cast<char>('a' + size % 26));
    buffer.Append(text);
    buffer.Append(',');
    expected += text + ',';
  }
  EXPECT_EQ(buffer.size(), expected.size() - 7);
  buffer.Finish();
  EXPECT_EQ(out, expected);
}

TEST(TextBuffer, HasSlackBehindWhatWasAskedFor) {
  std::string out, expected;
  TextBuffer buffer(out);
  for (std::size_t size = 0; size < 100; ++size) {
    char* const to = buffer.Reserve(size);
    std::fill_n(to, size + TextBuffer::kSlack, 'x');
    buffer.End(to + size);
    expected.append(size, 'x');
  }
  buffer.Finish();
  EXPECT_EQ(out, expected);
}

TEST(TextBuffer, TakesBack) {
  std::string out = "before ";
  TextBuffer buffer(out);
  buffer.Append("one two three");
  buffer.Rewind(7);
  buffer[4] = 'T';
  buffer.Append("!");
  buffer.Keep(4, 8);
  buffer.Finish();
  EXPECT_EQ(out, "before Two!");
}

TEST(TextBuffer, UsesTheCapacityThatIsThere) {
  std::string out;
  out.reserve(1000);
  const char* const begin = out.data();
  TextBuffer buffer(out);
  for (int i = 0; i < 400; ++i) buffer.Append('x');
  buffer.Finish();
  EXPECT_EQ(out.data(), begin);
  EXPECT_EQ(out, std::string(400, 'x'));
}

}  // namespace
}  // namespace puente

#include "transcoder/compiled/json_string.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "transcoder/json_text.h"
#include "transcoder/utf8.h"

namespace puente {
namespace {

// What is appended; "refused" when it is no text. Behind it, `readable` bytes may be read.
std::string Appended(const std::string& text, std::size_t readable) {
  const std::string padded = text + std::string(readable, '"');
  const std::vector<char> bytes(padded.begin(), padded.end());
  std::string out;
  TextBuffer buffer(out);
  const bool is_text =
      AppendJsonString({bytes.data(), text.size()}, bytes.data() + bytes.size(), buffer);
  buffer.Finish();
  return is_text ? out : "refused";
}

std::string Expected(const std::string& text) {
  if (!IsUtf8(text)) return "refused";
  std::string out;
  AppendJsonString(text, out);
  return out;
}

void ExpectRight(const std::string& text) {
  for (const std::size_t readable : {0, 1, 15, 16, 40}) {
    ASSERT_EQ(Appended(text, readable), Expected(text)) << readable << " bytes behind it";
  }
}

TEST(JsonString, AnyByteAtAnyPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t size = 1; size < 40; ++size) {
      std::string text(size, 'a');
      text[byte % size] = static_cast<char>(byte);
      ExpectRight(text);
      text[size - 1] = static_cast<char>(byte);
      ExpectRight(text);
    }
  }
}

TEST(JsonString, TextOfAllKinds) {
  const std::string euro = "\xE2\x82\xAC";
  std::string euros;
  for (int i = 0; i < 100; ++i) {
    ExpectRight(euros);
    ExpectRight(euros + "\"");
    ExpectRight(euros + "\x01" + euros + "\\");
    ExpectRight(euros + "\xE2\x82");
    ExpectRight(euros + "\xff" + euros);
    ExpectRight(std::string(static_cast<std::size_t>(i), '\n') + euro);
    ExpectRight(std::string(static_cast<std::size_t>(i), 'x') + euro + "\n");
    euros += euro;
  }
}

TEST(JsonString, RandomText) {
  const std::vector<std::string> pieces = {
      "plain text ",      "a",   "\"", "\\", "\n", std::string(1, '\0'), "\x7f", "\xC3\xA9",
      "\xF0\x9F\x98\x80", "\xff"};
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    // The last of them is not UTF-8, and rare.
    const std::size_t kinds = i % 8 == 0 ? pieces.size() : pieces.size() - 1;
    for (unsigned n = random() % 30; n > 0; --n) text += pieces[random() % kinds];
    ExpectRight(text);
  }
}

}  // namespace
}  // namespace puente

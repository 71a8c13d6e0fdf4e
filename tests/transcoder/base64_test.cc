#include "transcoder/base64.h"

#include <gmock/gmock.h>

#include <optional>
#include <random>
#include <string>

namespace puente {
namespace {

TEST(Base64, DecodesBothAlphabetsWithAndWithoutPadding) {
  struct Case {
    std::string text;
    std::optional<std::string> bytes;
  };
  const Case kCases[] = {
      {"", ""},
      {"Zg==", "f"},
      {"Zg", "f"},
      {"Zm8=", "fo"},
      {"Zm8", "fo"},
      {"Zm9v", "foo"},
      {"Zm9vYg==", "foob"},
      {"+/+/", "\xfb\xff\xbf"},
      {"-_-_", "\xfb\xff\xbf"},
      {"AAAA", std::string(3, '\0')},
      {"Zh==", "f"},
      {"Z", std::nullopt},
      {"Zm9vY", std::nullopt},
      {"=", std::nullopt},
      {"==", std::nullopt},
      {"====", std::nullopt},
      {"Z===", std::nullopt},
      {"Zg=", std::nullopt},
      {"Zm8==", std::nullopt},
      {"Zm9v=", std::nullopt},
      {"Z=g=", std::nullopt},
      {"Zg==Zg==", std::nullopt},
      {"Zm 9v", std::nullopt},
      {"Zm9v\n", std::nullopt},
      {"Zm9\xff", std::nullopt},
      {std::string("Zm9\0", 4), std::nullopt},
  };
  for (const auto& c : kCases) EXPECT_EQ(DecodeBase64(c.text), c.bytes) << c.text;
}

TEST(Base64, EncodesInTheStandardAlphabetPadded) {
  EXPECT_EQ(EncodeBase64(""), "");
  EXPECT_EQ(EncodeBase64("f"), "Zg==");
  EXPECT_EQ(EncodeBase64("fo"), "Zm8=");
  EXPECT_EQ(EncodeBase64("foo"), "Zm9v");
  EXPECT_EQ(EncodeBase64("\xfb\xff\xbf"), "+/+/");
}

TEST(Base64, DecodesWhatItEncoded) {
  std::mt19937 random(20);
  for (std::size_t length = 0; length < 200; ++length) {
    std::string bytes(length, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    EXPECT_EQ(DecodeBase64(EncodeBase64(bytes)), bytes);
  }
}

}  // namespace
}  // namespace puente

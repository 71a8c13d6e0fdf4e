#include "transcoder/well_known_text.h"

#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace puente {
namespace {

TEST(WellKnownText, Timestamps) {
  const std::vector<std::pair<std::string, SecondsAndNanos>> cases = {
      {"1970-01-01T00:00:00Z", {0, 0}},
      {"0001-01-01T00:00:00Z", {-62135596800, 0}},
      {"9999-12-31T23:59:59.999999999Z", {253402300799, 999999999}},
      {"1969-12-31T23:59:59.5Z", {-1, 500000000}},
      {"2024-02-29T12:00:00.000001-05:30", {1709227800, 1000}},
      {"1970-01-01T00:00:00+23:59", {-86340, 0}},
  };
  for (const auto& [text, time] : cases) EXPECT_EQ(ParseTimestamp(text), time) << text;
}

TEST(WellKnownText, WhatIsNoTimestamp) {
  for (const std::string text : {"",
                                 "1970-01-01",
                                 "1970-01-01T00:00:00",
                                 "1970-01-01 00:00:00Z",
                                 "1970-01-01t00:00:00Z",
                                 "1970-01-01T00:00:00z",
                                 "1970-1-01T00:00:00Z",
                                 "1970-13-01T00:00:00Z",
                                 "1970-02-29T00:00:00Z",
                                 "1970-00-01T00:00:00Z",
                                 "1970-01-00T00:00:00Z",
                                 "1970-01-01T24:00:00Z",
                                 "1970-01-01T00:60:00Z",
                                 "1970-01-01T00:00:60Z",
                                 "1970-01-01T00:00:00.Z",
                                 "1970-01-01T00:00:00.1234567890Z",
                                 "1970-01-01T00:00:00+1:00",
                                 "1970-01-01T00:00:00+24:00",
                                 "1970-01-01T00:00:00+0100",
                                 "1970-01-01T00:00:00Z ",
                                 " 1970-01-01T00:00:00Z",
                                 "0000-01-01T00:00:00Z",
                                 "0001-01-01T00:00:00+00:01",
                                 "9999-12-31T23:59:59-00:01",
                                 "10000-01-01T00:00:00Z",
                                 "-001-01-01T00:00:00Z"}) {
    EXPECT_EQ(ParseTimestamp(text), std::nullopt) << text;
  }
}

TEST(WellKnownText, Durations) {
  const std::vector<std::pair<std::string, SecondsAndNanos>> cases = {
      {"0s", {0, 0}},
      {"3.5s", {3, 500000000}},
      {"-0.000000001s", {0, -1}},
      {"-1.5s", {-1, -500000000}},
      {"315576000000s", {315576000000, 0}},
      {"-315576000000.000s", {-315576000000, 0}},
      {"315576000000.999999999s", {315576000000, 999999999}},
  };
  for (const auto& [text, time] : cases) EXPECT_EQ(ParseJsonDuration(text), time) << text;
  for (const std::string text :
       {"", "s", "1", "1.s", ".5s", "+1s", "1 s", "1h", "1S", "01s", "1.0000000000s", "1e3s",
        "315576000001s", "-315576000001s", "9999999999999s", "--1s", "NaNs"}) {
    EXPECT_EQ(ParseJsonDuration(text), std::nullopt) << text;
  }
}

TEST(WellKnownText, FormattedTimesReadBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    const auto seconds = static_cast<std::int64_t>(random() % 315537897600u) - 62135596800;
    const SecondsAndNanos time{seconds, static_cast<std::int32_t>(random() % 1000000000)};
    const auto text = FormatTimestamp(time);
    ASSERT_TRUE(text);
    EXPECT_EQ(ParseTimestamp(*text), time) << *text;
    google::protobuf::Timestamp oracle;
    ASSERT_TRUE(google::protobuf::util::TimeUtil::FromString(*text, &oracle)) << *text;
    EXPECT_EQ((SecondsAndNanos{oracle.seconds(), oracle.nanos()}), time);
    const SecondsAndNanos duration{seconds, seconds < 0 ? -time.nanos : time.nanos};
    EXPECT_EQ(ParseJsonDuration(FormatJsonDuration(duration).value_or("")), duration);
  }
}

TEST(WellKnownText, FieldMasks) {
  using Paths = std::vector<std::string>;
  EXPECT_EQ(ParseFieldMask(""), Paths());
  EXPECT_EQ(ParseFieldMask("fooBar"), Paths{"foo_bar"});
  EXPECT_EQ(ParseFieldMask("*"), Paths{"*"});
  EXPECT_EQ(FormatFieldMask({"*"}), "*");
  EXPECT_EQ(ParseFieldMask("foo_bar,a.bC.d1"), (Paths{"foo_bar", "a.b_c.d1"}));
  for (const std::string text : {",", "a,", ",a", "a..b", ".a", "a.", "a b", "a-b", "1a", "a[0]",
                                 "\xC3\xA9", "a.*", "*.a", "**", "a*"}) {
    EXPECT_EQ(ParseFieldMask(text), std::nullopt) << text;
  }
  EXPECT_EQ(FormatFieldMask({}), "");
  EXPECT_EQ(FormatFieldMask({"foo_bar", "a.b_c"}), "fooBar,a.bC");
  for (const std::string path : {"", "fooBar", "foo__bar", "foo_3", "foo_", "a b", "a,b"}) {
    EXPECT_EQ(FormatFieldMask({path}), std::nullopt) << path;
  }
}

// Each letter behind an underscore raised, and the underscores left out.
std::string CamelCase(const std::string& path) {
  std::string text;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool raise = i > 0 && path[i - 1] == '_' && path[i] >= 'a' && path[i] <= 'z';
    if (path[i] != '_') text += static_cast<char>(raise ? path[i] - 'a' + 'A' : path[i]);
  }
  return text;
}

TEST(WellKnownText, FieldMasksAreFormattedIfTheyReadBack) {
  constexpr std::string_view kCharacters = "abcz__..190B,*- ";
  std::mt19937 random(1);
  int formatted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string path;
    for (unsigned n = random() % 6; n > 0; --n) path += kCharacters[random() % kCharacters.size()];
    const std::string text = CamelCase(path);
    const bool reads_back = ParseFieldMask(text) == std::vector{path};
    ASSERT_EQ(FormatFieldMask({path}), reads_back ? std::optional(text) : std::nullopt) << path;
    formatted += reads_back;
  }
  EXPECT_GT(formatted, 1000);
}

}  // namespace
}  // namespace puente

#include "config/duration_text.h"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>

namespace puente {
namespace {

using namespace std::chrono_literals;

struct Case {
  std::string_view text;
  std::optional<std::chrono::nanoseconds> duration;
};

TEST(DurationTextTest, ReadsNumbersWithUnits) {
  const Case cases[] = {
      {"5s", 5s},
      {"250ms", 250ms},
      {"1m30s", 90s},
      {"1h", 1h},
      {"1h1m1s1ms1us1ns", 1h + 1min + 1s + 1ms + 1us + 1ns},
      {"0s", 0s},
      {"1.5s", 1500ms},
      {"0.25h", 15min},
      {"0.0000000019s", 1ns},
      {"0.1ns", 0ns},
      {"007s", 7s},
      {"87600h", 87600h},
  };
  for (const Case& c : cases) EXPECT_EQ(ParseDuration(c.text), c.duration) << c.text;
}

TEST(DurationTextTest, RefusesWhatIsNoDuration) {
  for (const std::string_view text : {"",
                                      "5",
                                      "s",
                                      "-5s",
                                      "+5s",
                                      "5 s",
                                      " 5s",
                                      "5s ",
                                      "1.s",
                                      ".5s",
                                      "1..5s",
                                      "5sec",
                                      "30s1m",
                                      "1s1s",
                                      "1m-1s",
                                      "1d",
                                      "1e3s",
                                      "5S",
                                      "87600h1ns",
                                      "99999999999999999999h",
                                      "9223372036854775807ns1",
                                      "87599h999999999999m"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(DurationTextTest, PrintsWhatItReads) {
  for (const std::string_view text : {"0s", "5s", "1m30s", "1h", "250ms", "1h1m1s1ms1us1ns"}) {
    EXPECT_EQ(FormatDuration(*ParseDuration(text)), text);
  }
}

TEST(DurationTextTest, ConvertsToProtobufAndBack) {
  for (const std::chrono::nanoseconds duration : {0ns, 1ns, 1500000000ns, 86400000000000ns}) {
    EXPECT_EQ(ToChrono(ToProto(duration)), duration);
  }
  EXPECT_EQ(ToProto(1500ms).seconds(), 1);
  EXPECT_EQ(ToProto(1500ms).nanos(), 500000000);
}

}  // namespace
}  // namespace puente

// W3C Trace Context (design section 4, rule 11).
#include "transcoder/trace_context.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace puente {
namespace {

constexpr char kGood[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, Traceparents) {
  const std::vector<std::pair<std::string, bool>> cases = {
      {kGood, true},
      {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true},
      {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff", true},
      {"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true},
      {"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", true},
      {"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more", false},
      {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false},
      {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-", false},
      {"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false},
      {"00-00000000000000000000000000000000-00f067aa0ba902b7-01", false},
      {"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false},
      {"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false},
      {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", false},
      {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x", false},
      {"00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01", false},
      {"0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false},
      {"", false},
      {"garbage", false},
  };
  for (const auto& [value, valid] : cases) EXPECT_EQ(IsTraceparent(value), valid) << value;
}

TEST(TraceContext, ATraceIsContinuedByOneValidHeader) {
  const HeaderView good{"Traceparent", kGood}, bad{"traceparent", "x"}, other{"accept", "*/*"};
  const auto continues = [](const std::vector<HeaderView>& headers) {
    return ContinuesTrace(headers);
  };
  EXPECT_TRUE(continues({other, good}));
  EXPECT_FALSE(continues({other}));
  EXPECT_FALSE(continues({bad}));
  EXPECT_FALSE(continues({good, other, good}));
}

}  // namespace
}  // namespace puente

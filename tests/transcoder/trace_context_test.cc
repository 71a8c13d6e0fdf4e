// W3C Trace Context (design section 4, rule 11).
#include "transcoder/trace_context.h"

#include <gtest/gtest.h>

#include <optional>
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
  for (const auto& [value, valid] : cases)
    EXPECT_EQ(ParseTraceparent(value).has_value(), valid) << value;
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

TEST(TraceContext, TracestatesOfAllFieldsAreJoined) {
  std::string many = "k0=v";
  for (int i = 1; i < 32; ++i) many += ",k" + std::to_string(i) + "=v";
  const struct {
    std::vector<std::string> fields;
    std::string expected;
  } cases[] = {
      {{}, ""},
      {{"vendor=1"}, "vendor=1"},
      {{"a=1, b=2", "c@d=x y"}, "a=1,b=2,c@d=x y"},
      {{"a=1,,\t,b=2,"}, "a=1,b=2"},
      {{many}, many},
      {{many, "one=more"}, ""},
      {{"a=" + std::string(510, 'x')}, "a=" + std::string(510, 'x')},
      {{"a=" + std::string(511, 'x')}, ""},
      {{"novalue"}, ""},
      {{"a=1,=2"}, ""},
      {{"a="}, ""},
      {{"UPPER=1"}, ""},
      {{"a=b=c"}, ""},
      {{"a=\x01"}, ""},
  };
  for (const auto& c : cases) {
    std::vector<HeaderView> headers = {{"traceparent", kGood}};
    for (const std::string& field : c.fields) headers.push_back({"TraceState", field});
    const auto context = ReadW3cContext(headers);
    ASSERT_TRUE(context);
    EXPECT_EQ(context->trace_state, c.expected) << testing::PrintToString(c.fields);
  }
}

TEST(TraceContext, TraceparentsAreWrittenAsTheyAreRead) {
  for (const std::string text :
       {kGood, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"}) {
    EXPECT_EQ(FormatTraceparent(ParseTraceparent(text).value()), text);
  }
  EXPECT_TRUE(ParseTraceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff")->sampled);
  EXPECT_FALSE(
      ParseTraceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-fe")->sampled);
}

TEST(B3, IsReadFromOneHeader) {
  const std::string ids = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";
  const struct {
    std::string value;
    std::optional<std::string> as;  // what FormatB3 makes of it
  } cases[] = {
      {ids + "-1", ids + "-1"},
      {ids + "-0", ids + "-0"},
      {ids + "-d", ids + "-d"},
      {ids, ids + "-1"},
      {ids + "-1-05e3ac9a4f6e3b90", ids + "-1"},
      {"a3ce929d0e0e4736-00f067aa0ba902b7-1",
       "0000000000000000a3ce929d0e0e4736-00f067aa0ba902b7-1"},
      {"0", std::nullopt},
      {"1", std::nullopt},
      {"", std::nullopt},
      {ids + "-", std::nullopt},
      {ids + "-2", std::nullopt},
      {ids + "-1-", std::nullopt},
      {ids + "-1-05e3ac9a4f6e3b90-x", std::nullopt},
      {"0000000000000000-00f067aa0ba902b7-1", std::nullopt},
      {"4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-1", std::nullopt},
      {"4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-1", std::nullopt},
  };
  for (const auto& c : cases) {
    const auto context = ReadB3Context(std::vector<HeaderView>{{"B3", c.value}});
    EXPECT_EQ(context ? std::optional(FormatB3(*context)) : std::nullopt, c.as) << c.value;
  }
}

TEST(B3, SaysToKeepNothingWithoutATrace) {
  const auto declines = [](const std::vector<HeaderView>& headers) {
    return DeclinesB3Sampling(headers);
  };
  EXPECT_TRUE(declines({{"b3", "0"}}));
  EXPECT_TRUE(declines({{"X-B3-Sampled", "0"}}));
  EXPECT_TRUE(declines({{"X-B3-Sampled", "false"}}));
  EXPECT_FALSE(declines({{"b3", "1"}}));
  EXPECT_FALSE(declines({{"X-B3-Sampled", "1"}}));
  EXPECT_FALSE(declines({{"X-B3-Sampled", "0"}, {"X-B3-TraceId", "4bf92f3577b34da6"}}));
  EXPECT_FALSE(declines({}));
}

TEST(B3, IsReadFromManyHeaders) {
  const HeaderView trace{"X-B3-TraceId", "4bf92f3577b34da6a3ce929d0e0e4736"};
  const HeaderView span{"X-B3-SpanId", "00f067aa0ba902b7"};
  const auto read = [](const std::vector<HeaderView>& headers) -> std::string {
    const auto context = ReadB3Context(headers);
    return context ? FormatB3(*context) : "none";
  };
  const std::string ids = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";
  EXPECT_EQ(read({trace, span}), ids + "-1");
  EXPECT_EQ(read({trace, span, {"x-b3-sampled", "0"}}), ids + "-0");
  EXPECT_EQ(read({trace, span, {"x-b3-sampled", "false"}}), ids + "-0");
  EXPECT_EQ(read({trace, span, {"x-b3-sampled", "true"}}), ids + "-1");
  EXPECT_EQ(read({trace, span, {"x-b3-sampled", "0"}, {"x-b3-flags", "1"}}), ids + "-d");
  EXPECT_EQ(read({trace, span, {"x-b3-sampled", "maybe"}}), "none");
  EXPECT_EQ(read({trace}), "none");
  EXPECT_EQ(read({span}), "none");
  EXPECT_EQ(read({}), "none");
}

}  // namespace
}  // namespace puente

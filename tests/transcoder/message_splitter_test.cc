#include "transcoder/message_splitter.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

namespace puente {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::size_t kMax = 64;
constexpr std::size_t kSteps[] = {1, 2, 3, 5, 7, 11, 1000};

struct Outcome {
  std::vector<std::string> messages;
  Error error{.code = Code::kOk};  // kOk: the body was taken whole
};

// Takes all messages that are there; false after an error.
bool Drain(MessageSplitter& splitter, Outcome& outcome) {
  while (true) {
    const auto message = splitter.Next();
    if (!message) {
      outcome.error = message.error();
      return false;
    }
    if (!*message) return true;
    outcome.messages.emplace_back(**message);
  }
}

Outcome Split(BodyFormat format, std::string_view body, std::size_t step) {
  MessageSplitter splitter(format, kMax);
  Outcome outcome;
  for (std::size_t pos = 0; pos < body.size(); pos += step) {
    splitter.Push(std::string(body.substr(pos, step)));
    if (!Drain(splitter, outcome)) return outcome;
  }
  splitter.End();
  Drain(splitter, outcome);
  return outcome;
}

struct Case {
  BodyFormat format;
  std::string body;
  std::vector<std::string> messages;
  std::string problem;  // "" when there is none
  Code code = Code::kInvalidArgument;
};

void Check(const std::vector<Case>& cases) {
  for (const auto& c : cases) {
    for (const std::size_t step : kSteps) {
      SCOPED_TRACE(c.body + " by " + std::to_string(step));
      const Outcome outcome = Split(c.format, c.body, step);
      EXPECT_THAT(outcome.messages, ElementsAreArray(c.messages));
      EXPECT_EQ(outcome.error.message, c.problem);
      EXPECT_EQ(outcome.error.code, c.problem.empty() ? Code::kOk : c.code);
    }
  }
}

TEST(MessageSplitter, Rule5AnEmptyBodyIsNoMessage) {
  Check({
      {BodyFormat::kJson, "", {}},
      {BodyFormat::kJson, " \r\n\t ", {}},
      {BodyFormat::kJson, "[]", {}},
      {BodyFormat::kJson, " [ \n ] ", {}},
      {BodyFormat::kLines, "", {}},
      {BodyFormat::kLines, "\n\r\n \t\n", {}},
  });
}

TEST(MessageSplitter, Rule5TheElementsOfAnArrayAreTheMessages) {
  Check({
      {BodyFormat::kJson, "[{}]", {"{}"}},
      {BodyFormat::kJson, R"([{"a":1},{"a":2}])", {R"({"a":1})", R"({"a":2})"}},
      {BodyFormat::kJson, " \n[ {} ,\t{\"a\" : 1}\r\n, {} ] \n", {"{}", "{\"a\" : 1}", "{}"}},
      {BodyFormat::kJson,
       R"(["a",",","]","[","\"]","\\"])",
       {R"("a")", R"(",")", R"("]")", R"("[")", R"("\"]")", R"("\\")"}},
      {BodyFormat::kJson, "[1,-2.5e3 , null,true]", {"1", "-2.5e3", "null", "true"}},
      {BodyFormat::kJson, "[[],[1,[2]],[[3]]]", {"[]", "[1,[2]]", "[[3]]"}},
      {BodyFormat::kJson, R"([{"a":"}{][,\"","b":[{}]}])", {R"({"a":"}{][,\"","b":[{}]})"}},
  });
}

TEST(MessageSplitter, Rule5ValuesBehindEachOtherAreMessages) {
  Check({
      {BodyFormat::kJson, "{}", {"{}"}},
      {BodyFormat::kJson, " {}\n", {"{}"}},
      {BodyFormat::kJson, "{\"a\":1}\n{\"a\":2}", {"{\"a\":1}", "{\"a\":2}"}},
      {BodyFormat::kJson, "{\n \"a\": 1\n}\r\n\r\n{\n}\n", {"{\n \"a\": 1\n}", "{\n}"}},
      {BodyFormat::kJson, "{} \t\n [1]\n", {"{}", "[1]"}},
      {BodyFormat::kJson, "{}\n[\n]", {"{}", "[\n]"}},
      {BodyFormat::kJson, "1\n2", {"1", "2"}},
      {BodyFormat::kJson, "\"a\\\"\"\nnull\r\n-3", {"\"a\\\"\"", "null", "-3"}},
  });
}

TEST(MessageSplitter, Rule5LinesAreMessages) {
  Check({
      {BodyFormat::kLines, "{}", {"{}"}},
      {BodyFormat::kLines, "{}\n{\"a\":1}\n", {"{}", "{\"a\":1}"}},
      {BodyFormat::kLines, "{}\r\n{\"a\":1}\r\n", {"{}", "{\"a\":1}"}},
      {BodyFormat::kLines, "\n\n{}\n\r\n  \n {}\n", {"{}", "{}"}},
      {BodyFormat::kLines, "1\r", {"1"}},
      // A message whose body is a repeated field.
      {BodyFormat::kLines, "[1,2]\n[]\n[3]", {"[1,2]", "[]", "[3]"}},
      {BodyFormat::kLines, "[{},{}]", {"[{},{}]"}},
      // Each is for the reader to refuse.
      {BodyFormat::kLines, "{\n}\n,\n]", {"{", "}", ",", "]"}},
      {BodyFormat::kLines, "{} {}\n1 \r2\n", {"{} {}", "1 \r2"}},
  });
}

// The reader refuses them; where they end must not depend on how they came.
TEST(MessageSplitter, WhatIsNoJsonEndsSomewhere) {
  Check({
      {BodyFormat::kJson, "[{],1]", {"{]", "1"}},
      {BodyFormat::kJson, "[nonsense{\"a\",:]", {"nonsense{\"a\"", ":"}},
      {BodyFormat::kJson, "'a'\n\\", {"'a'", "\\"}},
      {BodyFormat::kJson,
       "\xEF\xBB\xBF[1]",
       {"\xEF\xBB\xBF[1"},
       "message 2: there is a closing bracket that closes nothing"},
      {BodyFormat::kJson, std::string("[\0,1]", 5), {std::string("\0", 1), "1"}},
      {BodyFormat::kJson,
       "\v[]",
       {"\v["},
       "message 2: there is a closing bracket that closes nothing"},
  });
}

TEST(MessageSplitter, Rule5MalformedArraysAreRefused) {
  const std::string kMissing = ": there is no ',' in front of it";
  const std::string kComma = ": there is a ',' where it should begin";
  const std::string kBracket = ": there is a ']' behind the ',' that announces it";
  const std::string kCloses = ": there is a closing bracket that closes nothing";
  const std::string kBehind = ": it stands behind the ']' that ends the array";
  const std::string kUnclosed = ": the body ends before it, without the ']' of the array";
  const std::string kCut = ": the body ends in the middle of it";
  const std::string kOne = "message 1";
  const std::string kTwo = "message 2";
  const std::string kThree = "message 3";
  Check({
      {BodyFormat::kJson, "[", {}, kOne + kUnclosed},
      {BodyFormat::kJson, "[ \n", {}, kOne + kUnclosed},
      {BodyFormat::kJson, "[{}", {"{}"}, kTwo + kUnclosed},
      {BodyFormat::kJson, "[{},{} ", {"{}", "{}"}, kThree + kUnclosed},
      {BodyFormat::kJson, "[{},", {"{}"}, kTwo + kUnclosed},
      {BodyFormat::kJson, "[{},{", {"{}"}, kTwo + kCut},
      {BodyFormat::kJson, "[{},{\"a\":\"]", {"{}"}, kTwo + kCut},
      {BodyFormat::kJson, "[{},12", {"{}"}, kTwo + kCut},
      {BodyFormat::kJson, "[,1]", {}, kOne + kComma},
      {BodyFormat::kJson, "[1,,2]", {"1"}, kTwo + kComma},
      {BodyFormat::kJson, "[1,]", {"1"}, kTwo + kBracket},
      {BodyFormat::kJson, "[{} {}]", {"{}"}, kTwo + kMissing},
      {BodyFormat::kJson, "[{}{}]", {"{}"}, kTwo + kMissing},
      {BodyFormat::kJson, "[1 2]", {"1"}, kTwo + kMissing},
      {BodyFormat::kJson, "[\"a\"b]", {"\"a\""}, kTwo + kMissing},
      {BodyFormat::kJson, "[1,2}", {"1", "2"}, kThree + kCloses},
      {BodyFormat::kJson, "[}", {}, kOne + kCloses},
      {BodyFormat::kJson, "[{}}]", {"{}"}, kTwo + kCloses},
      {BodyFormat::kJson, "[]]", {}, kOne + kBehind},
      {BodyFormat::kJson, "[{}]\n{}", {"{}"}, kTwo + kBehind},
      {BodyFormat::kJson, "[1],", {"1"}, kTwo + kBehind},
      {BodyFormat::kJson, "[1] \n [2]", {"1"}, kTwo + kBehind},
      {BodyFormat::kJson, std::string("[1]\0", 4), {"1"}, kTwo + kBehind},
  });
}

TEST(MessageSplitter, Rule5MalformedValuesAreRefused) {
  const std::string kLine = ": there is no line break in front of it";
  const std::string kComma = ": there is a ',' where it should begin";
  const std::string kCloses = ": there is a closing bracket that closes nothing";
  const std::string kOne = "message 1";
  const std::string kTwo = "message 2";
  Check({
      {BodyFormat::kJson, "{}{}", {"{}"}, kTwo + kLine},
      {BodyFormat::kJson, "{} {}", {"{}"}, kTwo + kLine},
      {BodyFormat::kJson, "1 \t\r2", {"1"}, kTwo + kLine},
      {BodyFormat::kJson, "\"a\"\"b\"", {"\"a\""}, kTwo + kLine},
      {BodyFormat::kJson, "{},{}", {"{}"}, kTwo + kComma},
      {BodyFormat::kJson, "1,2", {"1"}, kTwo + kComma},
      {BodyFormat::kJson, "{}\n,\n{}", {"{}"}, kTwo + kComma},
      {BodyFormat::kJson, ",", {}, kOne + kComma},
      {BodyFormat::kJson, "]", {}, kOne + kCloses},
      {BodyFormat::kJson, " }", {}, kOne + kCloses},
      {BodyFormat::kJson, "{}}", {"{}"}, kTwo + kCloses},
      {BodyFormat::kJson, "{}\n]", {"{}"}, kTwo + kCloses},
      {BodyFormat::kJson, "{}\n{", {"{}"}, kTwo + ": the body ends in the middle of it"},
      {BodyFormat::kJson, "\"a", {}, kOne + ": the body ends in the middle of it"},
  });
}

TEST(MessageSplitter, MessagesOfExactlyTheLimitPass) {
  const std::string longest = "\"" + std::string(kMax - 2, 'x') + "\"";
  const std::string number(kMax, '1');
  Check({
      {BodyFormat::kJson, "[" + longest + "," + number + "]", {longest, number}},
      {BodyFormat::kJson, longest + "\n" + number, {longest, number}},
      {BodyFormat::kLines, longest + "\n" + number + "\r\n", {longest, number}},
      {BodyFormat::kLines, longest + "\r", {longest}},
  });
}

TEST(MessageSplitter, LargerMessagesAreRefused) {
  const std::string text = "\"" + std::string(kMax - 1, 'x') + "\"";
  const std::string number(kMax + 1, '1');
  const std::string problem = " is larger than the limit of 64 bytes";
  const std::string kOne = "message 1" + problem;
  const std::string kTwo = "message 2" + problem;
  Check({
      {BodyFormat::kJson, "[{}," + text + "]", {"{}"}, kTwo, Code::kResourceExhausted},
      {BodyFormat::kJson, "[" + number + "}]", {}, kOne, Code::kResourceExhausted},
      {BodyFormat::kJson, "[" + text, {}, kOne, Code::kResourceExhausted},
      {BodyFormat::kJson, "1\n" + number, {"1"}, kTwo, Code::kResourceExhausted},
      {BodyFormat::kJson, "{" + number, {}, kOne, Code::kResourceExhausted},
      {BodyFormat::kLines, "1\n" + number + "\n2", {"1"}, kTwo, Code::kResourceExhausted},
      {BodyFormat::kLines, number, {}, kOne, Code::kResourceExhausted},
      {BodyFormat::kLines, "1" + std::string(kMax, ' ') + "\n", {}, kOne, Code::kResourceExhausted},
  });
  EXPECT_EQ(Split(BodyFormat::kJson, text, 1000).error.HttpStatus(), 413);
}

TEST(MessageSplitter, LargeMessagesAreRefusedAsSoonAsThatIsKnown) {
  for (const BodyFormat format : {BodyFormat::kJson, BodyFormat::kLines}) {
    MessageSplitter splitter(format, 10);
    splitter.Push("\"123456789");
    const auto within = splitter.Next();
    ASSERT_TRUE(within);
    EXPECT_EQ(*within, std::nullopt);
    splitter.Push("0");
    const auto beyond = splitter.Next();
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().code, Code::kResourceExhausted);
  }
}

TEST(MessageSplitter, WhiteSpaceBetweenMessagesIsUnlimited) {
  const std::string space(10 * kMax, ' ');
  Check({
      {BodyFormat::kJson,
       space + "[" + space + "1" + space + "," + space + "2" + space + "]" + space,
       {"1", "2"}},
      {BodyFormat::kJson, space + "1" + space + "\n" + space + "2" + space, {"1", "2"}},
      {BodyFormat::kLines, space + "1\n" + space + "\n" + space + "2\n" + space, {"1", "2"}},
  });
}

TEST(MessageSplitter, Rule5AMessageIsThereWithItsLastByte) {
  struct Arrival {
    BodyFormat format;
    std::vector<std::string> pushes;
    std::vector<std::size_t> messages_then;  // after each of them
  };
  const Arrival kArrivals[] = {
      {BodyFormat::kJson, {"[", "{}", ",", "{", "}", "]"}, {0, 1, 1, 1, 2, 2}},
      {BodyFormat::kJson, {"[1", ",2", "]"}, {0, 1, 2}},
      {BodyFormat::kJson, {"{}", "\n", "{\"a\":", "\"}\"", "}"}, {1, 1, 1, 1, 2}},
      {BodyFormat::kJson, {"\"a", "\"", "\n1", "\n"}, {0, 1, 1, 2}},
      {BodyFormat::kLines, {"{}", "\n", "{}\r", "\n"}, {0, 1, 1, 2}},
  };
  for (const auto& arrival : kArrivals) {
    MessageSplitter splitter(arrival.format, kMax);
    Outcome outcome;
    for (std::size_t i = 0; i < arrival.pushes.size(); ++i) {
      splitter.Push(arrival.pushes[i]);
      EXPECT_TRUE(Drain(splitter, outcome));
      EXPECT_EQ(outcome.messages.size(), arrival.messages_then[i]) << arrival.pushes[i];
    }
  }
}

TEST(MessageSplitter, StaysAtAnError) {
  for (const std::string body : {"[1,,2]", "{}{}", "[}", "[1]2",
                                 "\""
                                 "12345678901",
                                 "["}) {
    MessageSplitter splitter(BodyFormat::kJson, 10);
    splitter.Push(body);
    splitter.End();
    Outcome outcome;
    ASSERT_FALSE(Drain(splitter, outcome)) << body;
    const auto again = splitter.Next();
    ASSERT_FALSE(again) << body;
    EXPECT_EQ(again.error().message, outcome.error.message);
  }
}

TEST(MessageSplitter, NothingFollowsTheEnd) {
  MessageSplitter splitter(BodyFormat::kJson, kMax);
  splitter.Push("1");
  splitter.End();
  EXPECT_NE(*splitter.Next(), std::nullopt);
  EXPECT_EQ(*splitter.Next(), std::nullopt);
  EXPECT_EQ(*splitter.Next(), std::nullopt);
}

TEST(MessageSplitter, NeverRepeatsTheBody) {
  for (const std::string body :
       {"[\"secret\" secret]", "\"secret\" secret", "[\"secret", "secret]"}) {
    const Outcome outcome = Split(BodyFormat::kJson, body, 1);
    EXPECT_NE(outcome.error.code, Code::kOk) << body;
    EXPECT_THAT(outcome.error.message, Not(HasSubstr("secret")));
  }
}

// Byte by byte, and with what would make a rescan costly: long text, deep brackets, escapes, white
// space. Quadratic time would be hours.
TEST(MessageSplitter, TakesTimeLinearInTheBody) {
  constexpr std::size_t kSize = 2'000'000;
  const std::string bodies[] = {
      "[\"" + std::string(kSize, 'x') + "\"]",
      "[" + std::string(kSize, '[') + std::string(kSize, ']') + "]",
      "[\"" + std::string(kSize, '\\') + "\"]",
      "[" + std::string(kSize, ' ') + "1]",
      "1" + std::string(kSize, ' ') + "\n2",
      "[1" + std::string(kSize, '1') + "]",
  };
  for (const BodyFormat format : {BodyFormat::kJson, BodyFormat::kLines}) {
    for (const std::string& body : bodies) {
      MessageSplitter splitter(format, 3 * kSize);
      Outcome outcome;
      for (const char& c : body) {
        splitter.Push({&c, 1});
        ASSERT_TRUE(Drain(splitter, outcome));
      }
      splitter.End();
      ASSERT_TRUE(Drain(splitter, outcome));
      EXPECT_FALSE(outcome.messages.empty());
    }
  }
}

TEST(MessageSplitter, TakesManyMessagesInOnePushInLinearTime) {
  constexpr std::size_t kMessages = 500'000;
  std::string array = "[";
  for (std::size_t i = 0; i < kMessages; ++i) array += "{},";
  array.back() = ']';
  EXPECT_EQ(Split(BodyFormat::kJson, array, array.size()).messages.size(), kMessages);
}

}  // namespace
}  // namespace puente

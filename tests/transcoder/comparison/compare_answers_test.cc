// Statuses, media types, and bodies as wholes.
#include "transcoder/comparison/compare_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec_types.pb.h"
#include "tests/transcoder/comparison/comparison_text.h"
#include "transcoder/comparison/found_differences.h"

namespace puente {
namespace {

using ::testing::AllOf;
using testing::CompareBodies;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ToText;

struct Case {
  std::string what;
  Answer primary, shadow;
  std::string differences;
};

const std::vector<Case> kCases = {
    {"the same", {200, "application/json", "{}"}, {200, "application/json", "{}"}, ""},
    {"one failed", {200, "application/json", "{}"}, {500, "text/plain", "no"}, " status"},
    {"bodies of other statuses", {200, "", R"({"a":1})"}, {201, "", R"({"a":2})"}, " status"},
    {"both refused it", {404, "text/html", "Not Found"}, {404, "", R"({"code":5})"}, ""},
    {"broken errors", {400, "application/json", "{"}, {400, "application/json", "}"}, ""},
    {"the last that is no error", {399, "text/plain", "a"}, {399, "text/plain", "b"}, " value"},
    {"nothing", {204, "", ""}, {204, "application/json", ""}, ""},
    {"the same bytes", {200, "image/png", "\x89\0"}, {200, "image/png", "\x89\0"}, ""},
    {"other bytes", {200, "text/plain", "a"}, {200, "text/plain", "a "}, " value"},
    {"JSON and not", {200, "application/json", "1"}, {200, "text/plain", "1"}, " type"},
    {"not and JSON", {200, "text/plain", "1"}, {200, "application/json", "1"}, " type"},
    {"no type is JSON", {200, "", "[1.0]"}, {200, "application/hal+json", "[1]"}, ""},
    {"nothing and text", {200, "", ""}, {200, "text/plain", "a"}, " value"},
    {"nothing and JSON", {200, "", ""}, {200, "application/json", "{}"}, " extra"},
    {"JSON and nothing", {200, "application/json", "[]"}, {200, "text/plain", ""}, " missing"},
    {"lines of JSON are bytes",
     {200, "application/x-ndjson", "{}\n"},
     {200, "application/x-ndjson", "{ }\n"},
     " value"},
};

TEST(CompareAnswers, ComparesStatusesAndBodies) {
  for (const Case& c : kCases) {
    EXPECT_EQ(ToText(CompareAnswers(c.primary, c.shadow, {}, {})), c.differences) << c.what;
  }
}

TEST(CompareAnswers, TakesAnEmptyBodyForAnEmptyMessage) {
  const AnswerType type = codec::Inner::descriptor();
  const Answer empty{200, "", ""};
  EXPECT_EQ(ToText(CompareAnswers(empty, {200, "application/json", "{}"}, type, {})), "");
  EXPECT_EQ(ToText(CompareAnswers(empty, {200, "application/json", R"({"id":"1"})"}, type, {})),
            " extra");
}

TEST(CompareAnswers, ComparesTheFieldThatABodyIs) {
  const auto field = [](const char* name) {
    return AnswerType(codec::Everything::descriptor()->FindFieldByName(name));
  };
  EXPECT_EQ(ToText(CompareBodies(R"(["1"])", "[1]", field("int64s"))), "");
  EXPECT_EQ(ToText(CompareBodies("[]", "null", field("int64s"))), "");
  EXPECT_EQ(ToText(CompareBodies("[1,2]", "[1]", field("int64s"))), "[] missing");
  EXPECT_EQ(ToText(CompareBodies(R"([{"amount":1}])", R"([{"amount":2}])", field("inners"))),
            "[].amount value");
  EXPECT_EQ(ToText(CompareBodies(R"([{"amount":1}])", R"([{"amount":2}])", field("inners"),
                                 testing::Ignoring({"[].amount"}))),
            "");
  EXPECT_EQ(ToText(CompareBodies("0", R"("0")", field("an_int64"))), "");
}

TEST(CompareAnswers, SaysWhichAnswerCannotBeRead) {
  const std::string bad = R"({"secret":"hunter2)";
  EXPECT_THAT(
      ToText(CompareBodies(bad, "{}", {})),
      AllOf(HasSubstr("ERROR: the primary's answer: line 1, column "), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(ToText(CompareBodies("{}", bad, {})), HasSubstr("ERROR: the shadow's answer: "));
  EXPECT_THAT(ToText(CompareBodies("{", "{", {})), HasSubstr("ERROR: the primary's answer: "));
}

TEST(CompareAnswers, RefusesWhatIsBeyondTheLimits) {
  const JsonTree::Limits limits{.bytes = 20, .values = 3, .depth = 2};
  const auto compare = [&](const std::string& body) {
    return ToText(CompareBodies(body, body, {}, {}, limits));
  };
  EXPECT_EQ(compare("[1, 2]"), "");
  EXPECT_EQ(compare("[1, 2, 3]"), "ERROR: the primary's answer: it has too many values");
  EXPECT_EQ(compare("[[]]"), "");
  EXPECT_THAT(compare("[[[]]]"), HasSubstr("nested deeper than 2 levels"));
  EXPECT_EQ(compare(std::string(17, ' ') + "[1]"), "");
  EXPECT_EQ(compare(std::string(18, ' ') + "[1]"),
            "ERROR: the primary's answer: it is larger than 20 bytes");
}

TEST(CompareAnswers, KeepsNoMoreThanSoManyDifferences) {
  std::string primary = "{", shadow = "{";
  for (int i = 0; i < 500; ++i) {
    primary += fmt::format("{}\"f{}\":1", i == 0 ? "" : ",", i);
    shadow += fmt::format("{}\"f{}\":2", i == 0 ? "" : ",", i);
  }
  const auto comparison = CompareBodies(primary + "}", shadow + "}", {});
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->size(), FoundDifferences::kMost);
}

TEST(CompareAnswers, NamesItsResult) {
  EXPECT_EQ(ComparisonResult(CompareBodies("1", "1.0", {})), "match");
  EXPECT_EQ(ComparisonResult(CompareBodies("1", "2", {})), "mismatch");
  EXPECT_EQ(ComparisonResult(CompareBodies("1", "x", {})), "error");
}

}  // namespace
}  // namespace puente

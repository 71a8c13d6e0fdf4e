// JSON that no descriptor is known of.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/transcoder/comparison/comparison_text.h"
#include "transcoder/comparison/found_differences.h"

namespace puente {
namespace {

using testing::CompareBodies;
using testing::Ignoring;
using testing::ToText;

struct Case {
  std::string primary, shadow, differences;
};

const std::vector<Case> kCases = {
    {"null", "null", ""},
    {"true", "true", ""},
    {"true", "false", " value"},
    {R"({"a":1,"b":[true,"x"]})", R"({ "b" : [true, "x"], "a" : 1.0 })", ""},
    {R"({"a":null})", "{}", ""},
    {R"({"a":1})", "{}", "a missing"},
    {"{}", R"({"a":0})", "a extra"},
    {R"({"a":{}})", "{}", "a missing"},
    {R"({"a":"1"})", R"({"a":1})", "a type"},
    {R"({"a":[]})", R"({"a":{}})", "a type"},
    {R"({"a":"\u00e9"})", "{\"a\":\"\xC3\xA9\"}", ""},
    {R"({"a":{"b":1,"c":2}})", R"({"a":{"c":3,"d":4}})", "a.b missing, a.c value, a.d extra"},
    {R"([1,2,3])", "[1]", "[] missing"},
    {"[1]", R"([2,3])", "[] value, [] extra"},
    {"[1,2]", "[2,1]", "[] value"},
    {R"([[{"a":1}],[{"a":1}]])", R"([[{"a":2}],[{"a":3}]])", "[][].a value"},
    {"[null]", "[]", "[] missing"},
    {"[null]", "[1]", "[] extra"},
    // Numbers.
    {"1", "1e0", ""},
    {"100", "1e2", ""},
    {"-0", "0", ""},
    {"0.5", "5e-1", ""},
    {"1", "1.5", " value"},
    {"9007199254740993", "9007199254740992", " value"},
    {"18446744073709551615", "18446744073709551614", " value"},
    {"18446744073709551615", "18446744073709551615.0", ""},
    {"1e30", "1000000000000000000000000000000", ""},
    {"1e400", "1e400", ""},
    {"1e400", "1e401", " value"},
};

TEST(ComparePlain, ComparesByValue) {
  for (const Case& c : kCases) {
    EXPECT_EQ(ToText(CompareBodies(c.primary, c.shadow, {})), c.differences)
        << c.primary << " and " << c.shadow;
  }
}

TEST(ComparePlain, LeavesOutWhatIsIgnored) {
  const std::string primary = R"({"at":1,"items":[{"at":1,"by":{"at":1}}],"b":1})";
  const std::string shadow = R"({"at":2,"items":[{"at":2,"by":{"at":2,"x":3}}]})";
  const auto compare = [&](const std::vector<std::string>& ignored) {
    return ToText(CompareBodies(primary, shadow, {}, Ignoring(ignored)));
  };
  EXPECT_EQ(compare({}),
            "at value, b missing, items[].at value, items[].by.at value, items[].by.x extra");
  EXPECT_EQ(compare({"at", "b"}), "items[].at value, items[].by.at value, items[].by.x extra");
  EXPECT_EQ(compare({"items[].by", "items.at", "b"}), "at value");
  EXPECT_EQ(compare({"items", "at", "b"}), "");
}

TEST(ComparePlain, IgnoresInAListThatIsTheBody) {
  EXPECT_EQ(ToText(CompareBodies(R"([{"at":1}])", R"([{"at":2}])", {}, Ignoring({"[].at"}))), "");
  EXPECT_EQ(ToText(CompareBodies(R"([{"at":1}])", R"([{"at":2}])", {}, Ignoring({"at"}))), "");
}

// Names go to logs.
TEST(ComparePlain, ShowsOnlyWhatLooksLikeAName) {
  const auto path_of = [](const std::string& key) {
    return ToText(CompareBodies("{\"" + key + "\":1}", "{}", {}));
  };
  for (const std::string name :
       {"a", "snake_case", "kebab-case", "A1", "_links", "@type", "$ref"}) {
    EXPECT_EQ(path_of(name), name + " missing");
  }
  for (const std::string key : {"", "1", "a b", "a.b", "ana@example.com", "x\\n2026 ERROR",
                                "\xC3\xA9", "a\\u0000", "@", "a[0]", "a\\\"b"}) {
    EXPECT_EQ(path_of(key), "* missing") << key;
  }
  EXPECT_EQ(path_of(std::string(64, 'n')), std::string(64, 'n') + " missing");
  EXPECT_EQ(path_of(std::string(65, 'n')), "* missing");
}

TEST(ComparePlain, CutsLongPaths) {
  std::string primary, shadow, path;
  for (int i = 0; i < 20; ++i) {
    primary += "{\"" + std::string(60, 'n') + "\":";
    path += std::string(60, 'n') + ".";
  }
  shadow = primary + "2";
  primary += "1";
  const std::string end(20, '}');
  const auto comparison = CompareBodies(primary + end, shadow + end, {});
  ASSERT_TRUE(comparison);
  ASSERT_EQ(comparison->size(), 1u);
  EXPECT_EQ(comparison->front().path, path.substr(0, FoundDifferences::kLongestPath - 3) + "...");
}

TEST(ComparePlain, RefusesKeysThatAreGivenTwice) {
  EXPECT_EQ(ToText(CompareBodies("{}", R"({"a":{"b":1,"c":2,"\u0062":1}})", {})),
            "ERROR: the shadow's answer: a key is given twice");
}

}  // namespace
}  // namespace puente

// RFC 8259 to the letter: design section 4, rule 6.
#include "transcoder/json_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace puente {
namespace {

using ::testing::HasSubstr;

// "" when the whole text is JSON, or the problem.
std::string Scan(std::string_view json, int max_depth = 100) {
  JsonScanner scanner(json, max_depth);
  if (scanner.Skip() && scanner.End()) return "";
  if (!scanner.problem()) return "no problem given";
  return scanner.problem()->text;
}

TEST(JsonScanner, AcceptsAllOfRfc8259) {
  for (const std::string json :
       {"{}", "[]", "[[]]", "null", "true", "false", "0", "-0", "1.5", "-1.5e+10", "1E-2", "1e0",
        "\"\"", R"("\"\\\/\b\f\n\r\t\u0000\u00e9\uD83D\uDE00")", "\"\x7f\xC3\xA9\xF0\x9F\x98\x80\"",
        " \t\r\n[ 1 , 2 ] \n", R"({"a":1,"b":{"a":[true,null]}})", R"({"":""})"}) {
    EXPECT_EQ(Scan(json), "") << json;
  }
}

TEST(JsonScanner, RefusesEverythingElse) {
  for (const std::string json : {"",
                                 " ",
                                 "{",
                                 "[",
                                 "}",
                                 "]",
                                 "[1,]",
                                 "[,]",
                                 "[,1]",
                                 "[1 2]",
                                 "{,}",
                                 R"({"a":1,})",
                                 R"({"a"})",
                                 R"({"a" 1})",
                                 R"({"a":})",
                                 R"({"a":1 "b":2})",
                                 "{a:1}",
                                 "{'a':1}",
                                 "'a'",
                                 "{1:2}",
                                 "{null:1}",
                                 "// x\n1",
                                 "/* */1",
                                 "[1]/**/",
                                 "#",
                                 "01",
                                 "-01",
                                 "00",
                                 "1.",
                                 ".5",
                                 "+1",
                                 "-",
                                 "1e",
                                 "1e+",
                                 "--1",
                                 "0x10",
                                 "1_0",
                                 "NaN",
                                 "Infinity",
                                 "-Infinity",
                                 "nan",
                                 "True",
                                 "nul",
                                 "nulll",
                                 "truefalse",
                                 "undefined",
                                 "\"",
                                 "\"a",
                                 "\"\\",
                                 "\"\\u",
                                 "\"\\u12\"",
                                 R"("\x41")",
                                 R"("\'")",
                                 R"("\u12G4")",
                                 R"("\uD83D")",
                                 R"("\uD83Dx")",
                                 R"("\uDE00")",
                                 R"("\uD83D\u0041")",
                                 R"("\uDE00\uD83D")",
                                 "\"\x01\"",
                                 "\"\n\"",
                                 "\"a\tb\"",
                                 "\"\\n\x1f\"",
                                 "\xEF\xBB\xBF{}",
                                 "\"\xff\"",
                                 "\"\xC0\x80\"",
                                 "\"\xED\xA0\x80\"",
                                 "\"\xF4\x90\x80\x80\"",
                                 "\"\xC3\"",
                                 "\"\xE2\x82\"",
                                 "{} {}",
                                 "1 1",
                                 "1,",
                                 "[1]]",
                                 "\f1",
                                 "\v1",
                                 "\xC2\xA0"
                                 "1",
                                 R"({"a":1,"a":2})",
                                 R"({"a":1,"\u0061":2})",
                                 R"([{"x":{"":1,"":1}}])"}) {
    EXPECT_NE(Scan(json), "") << json;
  }
  EXPECT_NE(Scan(std::string("1\0", 2)), "");
  EXPECT_NE(Scan(std::string("\"\0\"", 3)), "");
}

TEST(JsonScanner, SaysWhatIsWrongAndWhere) {
  JsonScanner scanner("{\"a\":\n  [1,\n 2,]}", 100);
  EXPECT_FALSE(scanner.Skip());
  ASSERT_TRUE(scanner.problem());
  EXPECT_EQ(scanner.problem()->line, 3);
  EXPECT_EQ(scanner.problem()->column, 4);
  EXPECT_EQ(scanner.problem()->text, "expected a value");
  EXPECT_FALSE(scanner.Skip()) << "every call fails after the first failure";
  EXPECT_EQ(scanner.Peek(), JsonScanner::Kind::kNone);
  EXPECT_FALSE(scanner.End());
}

TEST(JsonScanner, CountsObjectsAndArraysTogether) {
  EXPECT_EQ(Scan(R"([{"a":[1]}])", 3), "");
  EXPECT_THAT(Scan(R"([{"a":[1]}])", 2), HasSubstr("nested deeper than 2 levels"));
  EXPECT_EQ(Scan("[[1],[2],{}]", 2), "") << "leaving counts, too";
  EXPECT_THAT(Scan(std::string(1000000, '[')), HasSubstr("nested deeper"));
}

TEST(JsonScanner, ReadsPieceByPiece) {
  JsonScanner scanner(R"( {"a":"x\ty", "b":[1e2,true,null]} )", 10);
  using Step = JsonScanner::Step;
  std::string_view key, text;
  bool truth = false;
  ASSERT_TRUE(scanner.EnterObject());
  ASSERT_EQ(scanner.NextKey(key), Step::kNext);
  EXPECT_EQ(key, "a");
  ASSERT_TRUE(scanner.String(text));
  EXPECT_EQ(text, "x\ty");
  ASSERT_EQ(scanner.NextKey(key), Step::kNext);
  ASSERT_TRUE(scanner.EnterArray());
  ASSERT_EQ(scanner.NextElement(), Step::kNext);
  ASSERT_TRUE(scanner.Number(text));
  EXPECT_EQ(text, "1e2");
  ASSERT_EQ(scanner.NextElement(), Step::kNext);
  ASSERT_TRUE(scanner.Bool(truth));
  EXPECT_TRUE(truth);
  ASSERT_EQ(scanner.NextElement(), Step::kNext);
  ASSERT_TRUE(scanner.Null());
  EXPECT_EQ(scanner.NextElement(), Step::kEnd);
  EXPECT_EQ(scanner.NextKey(key), Step::kEnd);
  EXPECT_TRUE(scanner.End());
}

TEST(JsonScanner, FindsTheTypeWhereverItStands) {
  for (const std::string json : {R"({"@type":"T","a":1})", R"({"a":1,"@type":"T"})",
                                 R"({"a":{"@type":"x"},"@type":"T"})", R"({"\u0040type":"T"})"}) {
    JsonScanner scanner(json, 10);
    EXPECT_EQ(scanner.FindType(), "T") << json;
    EXPECT_TRUE(scanner.Skip() && scanner.End()) << "nothing was consumed";
  }
  for (const std::string json : {"{}", "[]", "1", R"({"a":{"@type":"x"}})", R"({"@type":1})",
                                 R"({"a":1,"@type":"T")", R"({"a")"}) {
    EXPECT_EQ(JsonScanner(json, 10).FindType(), std::nullopt) << json;
  }
}

}  // namespace
}  // namespace puente

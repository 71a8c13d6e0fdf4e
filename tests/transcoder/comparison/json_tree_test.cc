#include "transcoder/comparison/json_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace puente {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;
using Kind = JsonScanner::Kind;

// The tree as JSON again, with the keys in order and strings as they are.
std::string Print(const JsonValue& value) {
  std::string children;
  for (const JsonValue& child : value.children) {
    if (!children.empty()) children += ',';
    if (value.kind == Kind::kObject) children += std::string(child.key) + ":";
    children += Print(child);
  }
  if (value.kind == Kind::kObject) return "{" + children + "}";
  if (value.kind == Kind::kArray) return "[" + children + "]";
  if (value.kind == Kind::kNull) return "null";
  if (value.kind == Kind::kString) return "'" + std::string(value.text) + "'";
  return std::string(value.text);
}

std::string Read(const std::string& json) {
  const JsonTree tree(json, {});
  return tree.problem() ? "ERROR: " + *tree.problem() : Print(tree.root());
}

TEST(JsonTree, HoldsEverything) {
  EXPECT_EQ(Read(R"( {"b":[1.50,-2e3,true,false,null],"a":{"\u0062":"\"\\","a":[]},"":{}} )"),
            R"({:{},a:{a:[],b:'"\'},b:[1.50,-2e3,true,false,null]})");
  EXPECT_EQ(Read("1"), "1");
  EXPECT_EQ(Read("null"), "null");
}

TEST(JsonTree, RefusesWhatIsNoJson) {
  for (const std::string json : {"", " ", "{", "[1,]", "{\"a\"}", "nul", "1 2", "'a'", "\xff"}) {
    EXPECT_THAT(Read(json), HasSubstr("ERROR: line 1, column ")) << json;
  }
}

TEST(JsonTree, RefusesAKeyThatIsGivenTwice) {
  EXPECT_EQ(Read(R"([{"a":1,"b":2,"\u0061":3}])"), "ERROR: a key is given twice");
  EXPECT_EQ(Read(R"({"a":{"a":1}})"), "{a:{a:1}}");
}

TEST(JsonTree, KeepsToItsLimits) {
  EXPECT_FALSE(JsonTree("[[1]]", {.bytes = 5, .values = 3, .depth = 2}).problem());
  EXPECT_THAT(JsonTree("[[1]]", {.bytes = 4}).problem(), Optional(HasSubstr("larger than 4")));
  EXPECT_THAT(JsonTree("[[1]]", {.values = 2}).problem(), Optional(HasSubstr("too many values")));
  EXPECT_THAT(JsonTree("[[1]]", {.depth = 1}).problem(), Optional(HasSubstr("nested deeper")));
}

}  // namespace
}  // namespace puente

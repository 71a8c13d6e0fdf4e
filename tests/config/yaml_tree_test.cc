#include "config/yaml_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace puente {
namespace {

using ::testing::HasSubstr;
using Kind = YamlNode::Kind;

std::string Repeat(std::string_view text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

TEST(YamlTreeTest, KeepsKeysValuesAndTheirPlaces) {
  const auto tree = ParseYaml("a: 1\nb:\n  - \"2\"\n  - c: [x, ~]\n");
  ASSERT_TRUE(tree.has_value());
  ASSERT_EQ(tree->root.kind, Kind::kMapping);
  ASSERT_EQ(tree->root.children.size(), 2u);

  const YamlNode& a = tree->root.children[0];
  EXPECT_EQ(a.key, "a");
  EXPECT_EQ(a.scalar, "1");
  EXPECT_FALSE(a.quoted);
  EXPECT_EQ(a.position.line, 1);
  EXPECT_EQ(a.position.column, 1);

  const YamlNode& b = tree->root.children[1];
  ASSERT_EQ(b.kind, Kind::kSequence);
  ASSERT_EQ(b.children.size(), 2u);
  EXPECT_TRUE(b.children[0].quoted);
  EXPECT_EQ(b.children[0].position.line, 3);
  EXPECT_EQ(b.children[0].position.column, 5);
  const YamlNode& c = b.children[1].children[0];
  EXPECT_EQ(c.key, "c");
  EXPECT_EQ(c.position.line, 4);
  EXPECT_EQ(c.children[1].kind, Kind::kNull);
}

TEST(YamlTreeTest, AnEmptyTextIsNull) {
  for (const std::string_view text : {"", "\n", "# only a comment\n", "---\n", "~"}) {
    const auto tree = ParseYaml(text);
    ASSERT_TRUE(tree.has_value()) << text;
    EXPECT_EQ(tree->root.kind, Kind::kNull) << text;
  }
}

TEST(YamlTreeTest, RefusesWhatIsNotYamlAndSaysWhere) {
  struct Case {
    std::string_view text;
    int line;
  };
  const Case cases[] = {
      {"a: [1, 2\nb: 3\n", 2},
      {"a: {b: 1\n", 1},
      {"a: 1\n b: 2\n", 2},
      {"a: 1\nb: c: d\n", 2},
      {"a: 1\n\tb: 2\n", 2},
      {"a: 1\n--- \ny: 2\n", 2},
      {"a: 1\n}\n", 2},
      {"a: 1\n---\n", 2},
      {"- a\nb: 1\n", 2},
      {"a: \"open\n\n", 1},
      {"a: 1\nb: 'open\nc: 3\nd: 4\n", 2},
  };
  for (const Case& c : cases) {
    const auto tree = ParseYaml(c.text);
    ASSERT_FALSE(tree.has_value()) << c.text;
    EXPECT_EQ(tree.error().position.line, c.line) << c.text << tree.error().message;
    EXPECT_GT(tree.error().position.column, 0) << c.text;
    EXPECT_FALSE(tree.error().message.empty());
  }
}

TEST(YamlTreeTest, NamesWhatAConfigurationDoesNotHave) {
  struct Case {
    std::string_view text;
    std::string_view message;
  };
  const Case cases[] = {
      {"a: &x 1\n", "anchors"},
      {"a: &x {b: 1}\n", "anchors"},
      {"a: &x [1]\n", "anchors"},
      {"a: &x ~\n", "anchors"},
      {"a: !!str 1\n", "tags"},
      {"a: !mine {b: 1}\n", "tags"},
      {"<<: {a: 1}\n", "merge keys"},
      {"? [a, b]\n: 1\n", "a key must be text"},
      {"? {a: b}\n: 1\n", "a key must be text"},
      {"~: 1\n", "a key must be text"},
  };
  for (const Case& c : cases) {
    const auto tree = ParseYaml(c.text);
    ASSERT_TRUE(tree.has_value()) << c.text << tree.error().message;
    ASSERT_EQ(tree->problems.size(), 1u) << c.text;
    EXPECT_THAT(tree->problems[0].message, HasSubstr(c.message)) << c.text;
    EXPECT_EQ(tree->problems[0].position.line, 1) << c.text;
  }
}

TEST(YamlTreeTest, AnAliasIsNotFollowed) {
  const auto tree = ParseYaml("a: &x [1]\nb: *x\n");
  ASSERT_TRUE(tree.has_value());
  ASSERT_EQ(tree->problems.size(), 2u);
  EXPECT_THAT(tree->problems[1].message, HasSubstr("aliases"));
  EXPECT_EQ(tree->problems[1].position.line, 2);
  EXPECT_EQ(tree->root.children[1].kind, Kind::kInvalid);
}

TEST(YamlTreeTest, AQuotedMergeSignIsAnOrdinaryKey) {
  const auto tree = ParseYaml("\"<<\": 1\n");
  ASSERT_TRUE(tree.has_value());
  EXPECT_TRUE(tree->problems.empty());
  EXPECT_EQ(tree->root.children[0].key, "<<");
}

TEST(YamlTreeTest, ASecondDocumentIsRefused) {
  const auto tree = ParseYaml("a: 1\n---\nb: 2\n");
  ASSERT_FALSE(tree.has_value());
  EXPECT_THAT(tree.error().message, HasSubstr("a file is one YAML document"));
}

TEST(YamlTreeTest, DepthIsBounded) {
  EXPECT_TRUE(ParseYaml(Repeat("[", kMaxYamlDepth) + Repeat("]", kMaxYamlDepth)).has_value());
  for (const std::string& text :
       {Repeat("[", kMaxYamlDepth + 1) + Repeat("]", kMaxYamlDepth + 1), Repeat("[", 1'000'000),
        Repeat("{a: ", 250'000) + "1", Repeat("- ", 500'000) + "1", Repeat("? ", 500'000)}) {
    const auto tree = ParseYaml(text);
    ASSERT_FALSE(tree.has_value()) << text.substr(0, 10);
    EXPECT_THAT(tree.error().message, HasSubstr("nested deeper")) << text.substr(0, 10);
  }
}

TEST(YamlTreeTest, SizeIsBounded) {
  const auto tree = ParseYaml("[" + Repeat("1,", kMaxYamlNodes) + "]");
  ASSERT_FALSE(tree.has_value());
  EXPECT_THAT(tree.error().message, HasSubstr("more than 50000 values"));
}

}  // namespace
}  // namespace puente

#include "transcoder/path_trie.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace puente {
namespace {

using ::testing::ElementsAre;

class PathTrieTest : public ::testing::Test {
 protected:
  void Insert(const std::string& text) {
    const std::size_t leaf = trie_.Insert(PathTemplate::Parse(text)->segments);
    if (leaf == texts_.size()) texts_.push_back(text);
  }

  // The templates that `path` matches, in the order of the walk.
  std::vector<std::string> Walk(std::string_view path) const {
    std::vector<std::string> found;
    PathTrie::Walk walk(trie_, path);
    while (auto hit = walk.Next()) found.push_back(texts_.at(hit->leaf));
    EXPECT_FALSE(walk.Next());
    return found;
  }

  PathTrie trie_;
  std::vector<std::string> texts_;
};

TEST_F(PathTrieTest, WalksThroughAllThatMatchThePreferredFirst) {
  for (const char* text : {"/**", "/**/c", "/**/b/c", "/*/b/c", "/a/**", "/a/**/c", "/a/*/c",
                           "/a/*/*", "/a/b/c", "/a/b", "/*/*/*", "/"}) {
    Insert(text);
  }
  EXPECT_THAT(Walk("/a/b/c"), ElementsAre("/a/b/c", "/a/*/c", "/a/*/*", "/a/**/c", "/a/**",
                                          "/*/b/c", "/*/*/*", "/**/b/c", "/**/c", "/**"));
  EXPECT_THAT(Walk("/a"), ElementsAre("/a/**", "/**"));
  EXPECT_THAT(Walk(""), ElementsAre("/", "/**"));
  EXPECT_THAT(Walk("/"), ElementsAre("/**"));
  EXPECT_THAT(Walk("/x//"), ElementsAre("/**"));
}

TEST_F(PathTrieTest, EqualSegmentsShareALeaf) {
  for (const char* text : {"/a/{x}", "/a/*", "/{y=a/*}", "/%61/{z}"}) Insert(text);
  EXPECT_THAT(texts_, ElementsAre("/a/{x}"));
  Insert("/a/%2A");
  EXPECT_EQ(texts_.size(), 2u);
}

TEST_F(PathTrieTest, TellsWhereTheMultiSegmentPartEnds) {
  Insert("/a/**/y/z");
  PathTrie::Walk walk(trie_, "/a/b/c/y/z");
  const auto hit = walk.Next();
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->multi_end, std::string_view("/a/b/c").size());
}

TEST_F(PathTrieTest, AnEmptyTrieMatchesNothing) {
  for (const char* path : {"", "/", "/a", "/a/b"}) EXPECT_THAT(Walk(path), ElementsAre()) << path;
}

}  // namespace
}  // namespace puente

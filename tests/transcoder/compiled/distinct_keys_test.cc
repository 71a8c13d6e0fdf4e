#include "transcoder/compiled/distinct_keys.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace puente {
namespace {

// `count` keys, of which those at `a` and `b` are the same.
std::vector<int> Keys(int count, bool ascending, int a, int b) {
  std::vector<int> keys;
  for (int i = 0; i < count; ++i) keys.push_back(ascending ? i : count - i);
  keys[static_cast<std::size_t>(b)] = keys[static_cast<std::size_t>(a)];
  return keys;
}

TEST(DistinctKeys, FindAKeyThatComesTwiceWhereverItIs) {
  for (const int count : {1, 2, 3, 7, 8, 9, 10, 25}) {
    for (const bool ascending : {true, false}) {
      for (int a = 0; a < count; ++a) {
        for (int b = a; b < count; ++b) {
          DistinctKeys<std::uint64_t> numbers;
          DistinctKeys<std::string_view> names;
          std::list<std::string> texts;
          for (const int key : Keys(count, ascending, a, b)) {
            numbers.Add(static_cast<std::uint64_t>(key));
            names.Add(texts.emplace_back(fmt::to_string(key)));
          }
          EXPECT_EQ(numbers.Close(0), a == b);
          EXPECT_EQ(names.Close(0), a == b);
        }
      }
    }
  }
}

TEST(DistinctKeys, KeepObjectsApart) {
  DistinctKeys<std::string_view> keys;
  const std::size_t outer = keys.Open();
  keys.Add("a");
  for (int i = 0; i < 2; ++i) {
    const std::size_t inner = keys.Open();
    EXPECT_TRUE(keys.Close(keys.Open()));
    keys.Add("a");
    keys.Add("b");
    EXPECT_TRUE(keys.Close(inner));
  }
  keys.Add("b");
  const std::size_t inner = keys.Open();
  keys.Add("c");
  keys.Add("c");
  EXPECT_FALSE(keys.Close(inner));
  EXPECT_TRUE(keys.Close(outer));
  EXPECT_EQ(keys.Open(), 0u);
}

}  // namespace
}  // namespace puente

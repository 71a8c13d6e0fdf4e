#include "transcoder/compiled/name_index.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace puente {
namespace {

std::vector<NameIndex::Entry> EntriesOf(const std::vector<std::string>& names) {
  std::vector<NameIndex::Entry> entries;
  for (const std::string& name : names) {
    entries.push_back({name, static_cast<std::uint32_t>(entries.size())});
  }
  return entries;
}

TEST(NameIndex, FindsNamesOfEveryLengthAndNothingElse) {
  std::vector<std::string> names;
  for (std::size_t length = 0; length < 40; ++length) {
    names.push_back(std::string(length, 'a'));
    if (length > 0) names.push_back(std::string(length - 1, 'a') + "b");
  }
  const NameIndex index(EntriesOf(names));
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(index.Find(names[i]), i) << names[i];
  for (const std::string other : {"c", "A", "ab_", "aaaaaaaaaaaaaaaaac", "ba"}) {
    EXPECT_EQ(index.Find(other), NameIndex::kNone) << other;
  }
  EXPECT_EQ(NameIndex().Find("a"), NameIndex::kNone);
}

TEST(NameIndex, TheFirstOfEqualNamesCounts) {
  const std::vector<std::string> names = {"a", "b", "a"};
  const NameIndex index(EntriesOf(names));
  EXPECT_EQ(index.Find("a"), 0u);
}

// Names of generated messages often differ in the middle only.
TEST(NameIndex, IsQuickWhereNamesShareTheirBeginningsAndEnds) {
  std::vector<std::string> names;
  for (int i = 0; i < 20000; ++i) {
    names.push_back(fmt::format("configuration_of_item_{:05}_in_the_list", i));
  }
  const auto begin = std::chrono::steady_clock::now();
  const NameIndex index(EntriesOf(names));
  for (std::size_t i = 0; i < names.size(); ++i) ASSERT_EQ(index.Find(names[i]), i);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace puente

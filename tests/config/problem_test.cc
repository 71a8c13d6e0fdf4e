#include "config/problem.h"

#include <gtest/gtest.h>

#include <string_view>

namespace puente {
namespace {

TEST(ProblemTest, IsPrintedWithWhatIsKnown) {
  struct Case {
    Problem problem;
    std::string_view text;
  };
  const Case cases[] = {
      {{"f.yaml", 12, 5, "a.b", "is missing"}, "f.yaml:12:5: a.b: is missing"},
      {{"f.yaml", 12, 5, "", "not valid YAML"}, "f.yaml:12:5: not valid YAML"},
      {{"command line", 0, 0, "a.b", "is missing"}, "command line: a.b: is missing"},
      {{"f.yaml", 0, 0, "", "is empty"}, "f.yaml: is empty"},
      {{"", 0, 0, "a.b", "is missing"}, "a.b: is missing"},
  };
  for (const Case& c : cases) EXPECT_EQ(ToString(c.problem), c.text);
}

TEST(ProblemTest, SortsByPlaceAndKeepsTheOrderOtherwise) {
  std::vector<Problem> problems = {{"g", 1, 1, "e", ""},
                                   {"f", 2, 1, "c", ""},
                                   {"f", 1, 9, "b", ""},
                                   {"f", 1, 2, "a", ""},
                                   {"f", 2, 1, "d", ""}};
  SortByPosition(problems);
  std::string order;
  for (const Problem& problem : problems) order += problem.key;
  EXPECT_EQ(order, "abcde");
}

TEST(ProblemTest, KeysAreJoinedAndTakenApart) {
  EXPECT_EQ(JoinKey("", "a"), "a");
  EXPECT_EQ(JoinKey(IndexKey("a", 3), "b"), "a[3].b");
  EXPECT_EQ(ParentKey("a[3].b"), "a[3]");
  EXPECT_EQ(ParentKey("a[3]"), "a");
  EXPECT_EQ(ParentKey("a"), "");
  EXPECT_EQ(ParentKey(""), "");
}

}  // namespace
}  // namespace puente

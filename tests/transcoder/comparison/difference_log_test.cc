#include "transcoder/comparison/difference_log.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "transcoder/comparison/json_tree.h"

namespace puente {
namespace {

using ::testing::HasSubstr;

Comparison Mismatch(std::vector<Difference> differences) { return differences; }

std::string JsonOf(const DifferenceLog& log) {
  std::string json;
  log.AppendJson(json);
  EXPECT_FALSE(JsonTree(json, {}).problem()) << json;
  std::erase_if(json, [](char c) { return c == '\n' || c == ' '; });
  return json;
}

TEST(DifferenceLog, IsEmptyAtFirst) {
  EXPECT_EQ(JsonOf(DifferenceLog()),
            R"({"compared":0,"matched":0,"mismatched":0,"errors":0,"differences":[],"dropped":0})");
}

TEST(DifferenceLog, CountsByResultPathAndKind) {
  DifferenceLog log;
  log.Add(Comparison());
  log.Add(Comparison());
  log.Add(Mismatch({{"a", DifferenceKind::kValue}, {"lines[].quantity", DifferenceKind::kValue}}));
  log.Add(
      Mismatch({{"a", DifferenceKind::kMissing}, {"lines[].quantity", DifferenceKind::kValue}}));
  log.Add(Mismatch({{"", DifferenceKind::kStatus}}));
  log.Add(Fail(Code::kInvalidArgument, "broken"));
  EXPECT_EQ(JsonOf(log), R"({"compared":5,"matched":2,"mismatched":3,"errors":1,"differences":[)"
                         R"({"path":"lines[].quantity","kind":"value","count":2},)"
                         R"({"path":"","kind":"status","count":1},)"
                         R"({"path":"a","kind":"value","count":1},)"
                         R"({"path":"a","kind":"missing","count":1}],"dropped":0})");
}

TEST(DifferenceLog, AppendsToWhatIsThere) {
  std::string json = "before";
  DifferenceLog().AppendJson(json);
  EXPECT_THAT(json, ::testing::StartsWith("before{"));
}

TEST(DifferenceLog, IsBounded) {
  DifferenceLog log;
  const auto add = [&](std::size_t i) {
    log.Add(Mismatch({{fmt::format("f{}", i), DifferenceKind::kValue}}));
  };
  for (std::size_t i = 0; i < DifferenceLog::kMostListed + 5; ++i) add(i);
  add(3);
  const std::string json = JsonOf(log);
  EXPECT_THAT(json, HasSubstr(R"("mismatched":1006,)"));
  EXPECT_THAT(json, HasSubstr(R"("differences":[{"path":"f3","kind":"value","count":2},)"));
  EXPECT_THAT(json, HasSubstr(R"("path":"f999",)"));
  EXPECT_THAT(json, Not(HasSubstr(R"("path":"f1000",)")));
  EXPECT_THAT(json, HasSubstr(R"("dropped":5})"));
}

TEST(DifferenceLog, IsWrittenAndReadByManyThreads) {
  constexpr int kThreads = 4, kEach = 500;
  DifferenceLog log;
  std::vector<std::jthread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&log, t] {
      for (int i = 0; i < kEach; ++i) {
        log.Add(Mismatch({{fmt::format("f{}", t % 2), DifferenceKind::kValue}}));
        if (i % 50 == 0) JsonOf(log);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(JsonOf(log),
            R"({"compared":2000,"matched":0,"mismatched":2000,"errors":0,"differences":[)"
            R"({"path":"f0","kind":"value","count":1000},)"
            R"({"path":"f1","kind":"value","count":1000}],"dropped":0})");
}

}  // namespace
}  // namespace puente

#include "proxy/traffic/retry_budget.h"

#include <gmock/gmock.h>

#include <thread>
#include <vector>

namespace puente {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using TimePoint = RetryBudget::TimePoint;

// In the middle of a second.
constexpr TimePoint kStart{hours(1000) + milliseconds(500)};

config::Retry Percent(double percent) {
  config::Retry config;
  config.set_budget_percent(percent);
  return config;
}

void Count(RetryBudget& budget, int calls, TimePoint now) {
  for (int i = 0; i < calls; ++i) budget.CountCall(now);
}

// How many retries there may be: asks until there may be none, at most `limit` times.
int TakeAll(RetryBudget& budget, TimePoint now, int limit = 100'000) {
  int taken = 0;
  while (taken < limit && budget.Take(now)) ++taken;
  return taken;
}

TEST(RetryBudget, IsAShareOfTheCallsAndAtLeastThree) {
  const struct {
    double percent;
    int calls;
    int retries;
  } kCases[] = {{20, 0, 3},   {20, 15, 3},    {20, 19, 3},       {20, 20, 4},    {20, 1000, 200},
                {0, 1000, 3}, {0.5, 1000, 5}, {100, 1000, 1000}, {12.5, 100, 12}};
  for (const auto& [percent, calls, retries] : kCases) {
    RetryBudget budget(Percent(percent));
    Count(budget, calls, kStart);
    EXPECT_EQ(TakeAll(budget, kStart), retries) << percent << "% of " << calls;
    EXPECT_FALSE(budget.Take(kStart));
  }
}

TEST(RetryBudget, CountsTheLastTenSeconds) {
  RetryBudget budget(Percent(10));
  for (int i = 0; i < 10; ++i) Count(budget, 100, kStart + seconds(i));
  const TimePoint last = kStart + seconds(9);
  EXPECT_EQ(TakeAll(budget, last), 100);
  // A hundred calls are too long ago, and all of the retries are not.
  EXPECT_EQ(TakeAll(budget, last + seconds(1)), 0);
  Count(budget, 150, last + seconds(1));
  EXPECT_EQ(TakeAll(budget, last + seconds(1)), 5);
}

TEST(RetryBudget, ForgetsWhatIsTenSecondsAgo) {
  RetryBudget budget(Percent(10));
  Count(budget, 1000, kStart);
  EXPECT_EQ(TakeAll(budget, kStart + seconds(9), 1), 1);
  EXPECT_EQ(TakeAll(budget, kStart + seconds(10)), 2);
  for (const auto later : {seconds(100), seconds(100'000), seconds(10'000'000)}) {
    EXPECT_EQ(TakeAll(budget, kStart + later), 3);
  }
}

TEST(RetryBudget, RefusedOnesDoNotCount) {
  RetryBudget budget(Percent(10));
  EXPECT_EQ(TakeAll(budget, kStart), 3);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(budget.Take(kStart));
  Count(budget, 40, kStart);
  EXPECT_EQ(TakeAll(budget, kStart), 1);
}

// From one end to the other of what a word can count, the stamp of a second wraps around.
TEST(RetryBudget, KeepsCountingWhenSecondsWrapAround) {
  constexpr TimePoint kWrap{seconds((1 << 20) - 5)};
  RetryBudget budget(Percent(10));
  for (int i = 0; i < 10; ++i) Count(budget, 100, kWrap + seconds(i));
  EXPECT_EQ(TakeAll(budget, kWrap + seconds(9)), 100);
}

TEST(RetryBudgetThreads, NeverGetMoreThanThereIs) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 20'000;
  RetryBudget budget(Percent(20));
  std::atomic<int> taken{0};
  std::atomic<bool> too_many{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kCalls; ++n) {
        budget.CountCall(kStart);
        if (budget.Take(kStart)) ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  constexpr int kShare = kThreads * kCalls / 5;
  EXPECT_LE(taken, kShare);
  // Nothing was lost: what nobody took is still there.
  EXPECT_EQ(taken + TakeAll(budget, kStart), kShare);
}

// Whatever happens at the turn of a second, the budget is whole again ten seconds later.
TEST(RetryBudgetThreads, MoveOnTogether) {
  constexpr int kThreads = 4;
  constexpr int kSteps = 200'000;
  RetryBudget budget(Percent(50));
  std::atomic<std::int64_t> clock{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kSteps; ++n) {
        const TimePoint now = kStart + milliseconds(clock++);
        budget.CountCall(now);
        budget.Take(now);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const TimePoint later = kStart + milliseconds(clock) + seconds(11);
  Count(budget, 100, later);
  EXPECT_EQ(TakeAll(budget, later), 50);
}

}  // namespace
}  // namespace puente

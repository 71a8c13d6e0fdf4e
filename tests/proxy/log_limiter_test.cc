#include "proxy/telemetry/log_limiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace puente {
namespace {

using namespace std::chrono_literals;

TEST(LogLimiter, LetsPassSoManyEachSecondAndCountsTheRest) {
  struct Case {
    std::chrono::milliseconds at;
    std::optional<std::uint64_t> left_out;
  };
  const Case cases[] = {
      {5000ms, 0}, {5000ms, 0},   {5001ms, std::nullopt}, {5999ms, std::nullopt},
      {6000ms, 2}, {6500ms, 0},   {6600ms, std::nullopt}, {9000ms, 1},
      {9001ms, 0}, {20'000ms, 0},
  };
  LogLimiter limiter(2);
  for (const Case& c : cases) {
    EXPECT_EQ(limiter.Admit(LogLimiter::Time(c.at)), c.left_out) << c.at.count();
  }
}

TEST(LogLimiter, LosesNoLineOfManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kLines = 1000;
  LogLimiter limiter(10);
  std::atomic<std::uint64_t> seen = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int line = 0; line < kLines; ++line) {
        if (const auto left_out = limiter.Admit(LogLimiter::Time(1s))) seen += 1 + *left_out;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(seen, 10u);
  EXPECT_EQ(limiter.Admit(LogLimiter::Time(2s)), kThreads * kLines - 10u);
}

}  // namespace
}  // namespace puente

#include "proxy/traffic/weighted_choice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

namespace puente {
namespace {

using Seeds = std::vector<std::uint64_t>;
using Weights = std::vector<std::uint32_t>;

constexpr std::size_t kCallers = 10'000;

std::vector<std::uint64_t> Callers() {
  std::vector<std::uint64_t> callers;
  for (std::size_t i = 0; i < kCallers; ++i)
    callers.push_back(CallerHash("user-" + std::to_string(i)));
  return callers;
}

Seeds SeedsOf(std::size_t count) {
  const std::array names = {"legacy", "billing", "canary", "blue", "green"};
  Seeds seeds;
  for (std::size_t i = 0; i < count; ++i) seeds.push_back(BackendSeed("migration", names.at(i)));
  return seeds;
}

std::vector<std::size_t> ChooseAll(const Seeds& seeds, const Weights& weights) {
  std::vector<std::size_t> chosen;
  for (const std::uint64_t caller : Callers()) {
    chosen.push_back(ChooseWeighted(caller, seeds, weights));
  }
  return chosen;
}

// How far the counts of `chosen` are from what `weights` promise: Pearson's statistic.
double ChiSquare(const std::vector<std::size_t>& chosen, const Weights& weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  double statistic = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double expected = static_cast<double>(chosen.size()) * weights[i] / sum;
    const auto count = static_cast<double>(std::count(chosen.begin(), chosen.end(), i));
    if (weights[i] == 0) {
      EXPECT_EQ(count, 0);
    } else {
      statistic += (count - expected) * (count - expected) / expected;
    }
  }
  return statistic;
}

// Replicas of other versions and processors have to agree: these values are for ever.
TEST(WeightedChoice, IsAContract) {
  EXPECT_EQ(CallerHash(""), 0xf52a15e9a9b5e89bU);
  EXPECT_EQ(CallerHash("user-1"), 0xc499b5f8a721df58U);
  EXPECT_EQ(CallerHash("\xc3\xa9\xff"), 0x760335eae80ff27cU);
  EXPECT_EQ(BackendSeed("billing-migration", "legacy"), 0xef3a32708d211627U);
  EXPECT_EQ(MinusLog2(0x123456789abcdef0), 549623793652404946U);
  std::string chosen;
  for (int i = 0; i < 40; ++i) {
    const std::uint64_t caller = CallerHash("user-" + std::to_string(i));
    chosen += static_cast<char>('0' + ChooseWeighted(caller, SeedsOf(3), Weights{5, 3, 2}));
  }
  EXPECT_EQ(chosen, "0100011001112110002220210110101010102110");
}

TEST(WeightedChoice, TakesTheLogarithm) {
  std::uint64_t bits = 1;
  for (int i = 0; i < 100'000; ++i) {
    bits = CallerHash(std::to_string(i)) >> (i % 64);
    const long double u = std::ldexp(static_cast<long double>(bits | 1), -64);
    const long double expected = std::ldexp(-std::log2(u), kLogFractionBits);
    ASSERT_NEAR(static_cast<double>(static_cast<long double>(MinusLog2(bits)) - expected), 0, 8)
        << bits;
  }
}

TEST(WeightedChoice, TakesTheLogarithmAtItsEnds) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(MinusLog2(0), std::uint64_t{64} << kLogFractionBits);
  EXPECT_EQ(MinusLog2(1), std::uint64_t{64} << kLogFractionBits);
  for (std::uint64_t below = 0; below < 100'000; ++below) {
    ASSERT_LE(MinusLog2(kMax - below), below / 64 + 9);
  }
  // Just below and above every power of two.
  for (int shift = 0; shift < 40; ++shift) {
    for (const std::uint64_t bits : {kMax >> shift, (kMax >> shift >> 1) + 2}) {
      const long double u = std::ldexp(static_cast<long double>(bits | 1), -64);
      const auto log = static_cast<double>(MinusLog2(bits));
      EXPECT_NEAR(std::ldexp(log, -kLogFractionBits), static_cast<double>(-std::log2(u)), 1e-14);
    }
  }
}

TEST(WeightedChoice, GivesEachItsShare) {
  const Weights cases[] = {{1, 1},       {5, 95},         {1, 99},   {50, 30, 20},        {1, 0, 1},
                           {7, 1, 1, 1}, {20, 0, 30, 50}, {1000, 1}, {10, 20, 30, 25, 15}};
  for (const Weights& weights : cases) {
    // One in a million for 4 degrees of freedom; less for fewer.
    EXPECT_LT(ChiSquare(ChooseAll(SeedsOf(weights.size()), weights), weights), 33.4)
        << testing::PrintToString(weights);
  }
}

TEST(WeightedChoice, SharesHoldForVerySmallWeights) {
  const Seeds seeds = SeedsOf(2);
  constexpr int kDraws = 2'000'000;
  int rare = 0;
  for (int i = 0; i < kDraws; ++i) {
    rare +=
        ChooseWeighted(CallerHash(std::to_string(i)), seeds, Weights{4'000'000'000, 400'000}) == 1;
  }
  constexpr double kExpected = kDraws / 10'001.0;
  EXPECT_NEAR(rare, kExpected, 6 * std::sqrt(kExpected));
}

TEST(WeightedChoice, NeverMovesACallerTwiceWhileAWeightRises) {
  const Seeds seeds = SeedsOf(2);
  std::vector<std::size_t> before(kCallers, 0);
  for (std::uint32_t share = 0; share <= 100; ++share) {
    const std::vector<std::size_t> now = ChooseAll(seeds, {100 - share, share});
    for (std::size_t i = 0; i < kCallers; ++i) ASSERT_GE(now[i], before[i]) << share << ": " << i;
    before = now;
  }
  EXPECT_EQ(before, std::vector<std::size_t>(kCallers, 1));
}

TEST(WeightedChoice, MovesCallersOnlyToWhatGrows) {
  const Seeds seeds = SeedsOf(3);
  for (std::uint32_t weight = 0; weight < 60; weight += 3) {
    const std::vector<std::size_t> before = ChooseAll(seeds, {40, 20, weight});
    const std::vector<std::size_t> after = ChooseAll(seeds, {40, 20, weight + 3});
    std::size_t moved = 0;
    for (std::size_t i = 0; i < kCallers; ++i) {
      if (before[i] == after[i]) continue;
      ASSERT_EQ(after[i], 2U);
      ++moved;
    }
    EXPECT_GT(moved, 0U);
  }
}

TEST(WeightedChoice, DoesNotCareAboutTheScale) {
  const Seeds seeds = SeedsOf(2);
  EXPECT_EQ(ChooseAll(seeds, {5, 95}), ChooseAll(seeds, {50, 950}));
  EXPECT_EQ(ChooseAll(seeds, {5, 95}), ChooseAll(seeds, {200'000'000, 3'800'000'000}));
}

TEST(WeightedChoice, KnowsNoPosition) {
  const Seeds seeds = SeedsOf(2);
  const std::vector<std::size_t> forward = ChooseAll(seeds, {30, 70});
  const std::vector<std::size_t> backward = ChooseAll({seeds[1], seeds[0]}, {70, 30});
  for (std::size_t i = 0; i < kCallers; ++i) ASSERT_EQ(forward[i], 1 - backward[i]);
}

TEST(WeightedChoice, SplitsAreIndependent) {
  const Seeds other = {BackendSeed("other", "legacy"), BackendSeed("other", "billing")};
  const std::vector<std::size_t> one = ChooseAll(SeedsOf(2), {1, 1});
  const std::vector<std::size_t> two = ChooseAll(other, {1, 1});
  int same = 0;
  for (std::size_t i = 0; i < kCallers; ++i) same += one[i] == two[i];
  EXPECT_NEAR(same, kCallers / 2.0, 300);  // six standard deviations
  EXPECT_NE(BackendSeed("a", "bc"), BackendSeed("ab", "c"));
}

TEST(WeightedChoice, TakesTheOnlyOneThatHasAWeight) {
  for (const std::uint64_t caller : Callers()) {
    ASSERT_EQ(ChooseWeighted(caller, SeedsOf(3), Weights{0, 7, 0}), 1U);
  }
}

}  // namespace
}  // namespace puente

#include "proxy/traffic/outlier_detector.h"

#include <gmock/gmock.h>

#include <thread>
#include <vector>

#include "config/duration_text.h"

namespace puente {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using enum Outcome;

constexpr seconds kEjectionTime{30};
constexpr std::uint32_t kFailures = 3;

config::OutlierDetection Config(std::uint32_t max_ejection_percent = 50) {
  config::OutlierDetection config;
  config.set_failures(kFailures);
  *config.mutable_ejection_time() = ToProto(kEjectionTime);
  config.set_max_ejection_percent(max_ejection_percent);
  return config;
}

class OutlierDetectorTest : public testing::Test {
 protected:
  // Calls to `target` fail until they would have been enough to put it out. For how long it was
  // put out; zero: it was not.
  nanoseconds Fail(OutlierDetector& detector, std::size_t target) {
    nanoseconds lasting{0};
    for (std::uint32_t i = 0; i < kFailures; ++i) {
      const auto ejection = detector.Report(target, kFailure, now_);
      if (ejection) lasting = ejection->lasting;
    }
    return lasting;
  }

  std::vector<bool> Usable(const OutlierDetector& detector, std::size_t count) const {
    std::vector<bool> usable;
    for (std::size_t i = 0; i < count; ++i) usable.push_back(detector.IsUsable(i, now_));
    return usable;
  }

  OutlierDetector::TimePoint now_{hours(1000)};
  const config::OutlierDetection config_ = Config();
};

TEST_F(OutlierDetectorTest, PutsATargetOutAfterSoManyFailuresInARow) {
  OutlierDetector detector(2, &config_);
  EXPECT_FALSE(detector.Report(1, kFailure, now_));
  EXPECT_FALSE(detector.Report(1, kFailure, now_));
  EXPECT_FALSE(detector.Report(1, kNeutral, now_));
  EXPECT_THAT(Usable(detector, 2), ElementsAre(true, true));
  const auto ejection = detector.Report(1, kFailure, now_);
  ASSERT_TRUE(ejection);
  EXPECT_EQ(ejection->failures, kFailures);
  EXPECT_EQ(ejection->lasting, kEjectionTime);
  EXPECT_THAT(Usable(detector, 2), ElementsAre(true, false));
}

TEST_F(OutlierDetectorTest, ASuccessBeginsTheCountAnewAndTargetsAreCountedApart) {
  OutlierDetector detector(3, &config_);
  for (int i = 0; i < 10; ++i) {
    for (const std::size_t target : {0, 1, 2}) {
      EXPECT_FALSE(detector.Report(target, kFailure, now_));
      EXPECT_FALSE(detector.Report(target, kFailure, now_));
    }
    for (const std::size_t target : {0, 1, 2}) {
      EXPECT_FALSE(detector.Report(target, kSuccess, now_));
    }
  }
  EXPECT_THAT(Usable(detector, 3), ElementsAre(true, true, true));
}

TEST_F(OutlierDetectorTest, ATargetIsBackWhenItsTimeIsOver) {
  OutlierDetector detector(2, &config_);
  EXPECT_EQ(Fail(detector, 0), kEjectionTime);
  now_ += kEjectionTime - nanoseconds(1);
  EXPECT_FALSE(detector.IsUsable(0, now_));
  now_ += nanoseconds(1);
  EXPECT_TRUE(detector.IsUsable(0, now_));
  // It begins without failures.
  EXPECT_FALSE(detector.Report(0, kFailure, now_));
  EXPECT_FALSE(detector.Report(0, kFailure, now_));
}

TEST_F(OutlierDetectorTest, WhatEndsWhileATargetIsOutIsNotCounted) {
  OutlierDetector detector(2, &config_);
  Fail(detector, 0);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(detector.Report(0, kFailure, now_));
  now_ += kEjectionTime;
  EXPECT_FALSE(detector.Report(0, kFailure, now_));
  EXPECT_TRUE(detector.IsUsable(0, now_));
}

TEST_F(OutlierDetectorTest, AgainAndAgainLastsLonger) {
  OutlierDetector detector(2, &config_);
  for (int times = 1; times <= 12; ++times) {
    const nanoseconds lasting = kEjectionTime * std::min(times, 10);
    EXPECT_EQ(Fail(detector, 0), lasting) << times;
    now_ += lasting + seconds(1);
  }
  // It has been back for as long as it was away.
  now_ += kEjectionTime * 10;
  EXPECT_EQ(Fail(detector, 0), kEjectionTime);
}

TEST_F(OutlierDetectorTest, NeverPutsOutMoreThanItMay) {
  const struct {
    std::size_t targets;
    std::uint32_t percent;
    std::size_t out;
  } kCases[] = {{1, 100, 0}, {2, 0, 1},  {2, 50, 1}, {2, 100, 1}, {3, 10, 1}, {3, 66, 1},
                {3, 67, 2},  {4, 50, 2}, {4, 74, 2}, {5, 100, 4}, {10, 30, 3}};
  for (const auto& [targets, percent, out] : kCases) {
    const config::OutlierDetection config = Config(percent);
    OutlierDetector detector(targets, &config);
    for (std::size_t i = 0; i < targets; ++i) Fail(detector, i);
    std::size_t unusable = 0;
    for (const bool usable : Usable(detector, targets)) unusable += usable ? 0 : 1;
    EXPECT_EQ(unusable, out) << targets << " targets, " << percent << "%";
  }
}

TEST_F(OutlierDetectorTest, TheNextFailureGetsTheRoomThatAnotherLeaves) {
  OutlierDetector detector(2, &config_);
  Fail(detector, 0);
  EXPECT_EQ(Fail(detector, 1), nanoseconds(0));
  now_ += kEjectionTime;
  EXPECT_TRUE(detector.Report(1, kFailure, now_));
  EXPECT_THAT(Usable(detector, 2), ElementsAre(true, false));
}

TEST_F(OutlierDetectorTest, LeavesOutWhatIsNotHealthy) {
  for (const config::OutlierDetection* config :
       std::initializer_list<const config::OutlierDetection*>{&config_, nullptr}) {
    OutlierDetector detector(2, config);
    detector.SetHealthy(0, false);
    EXPECT_THAT(Usable(detector, 2), ElementsAre(false, true));
    detector.SetHealthy(0, true);
    EXPECT_THAT(Usable(detector, 2), ElementsAre(true, true));
  }
}

TEST_F(OutlierDetectorTest, DoesNotPutOutTheLastThatIsHealthy) {
  OutlierDetector detector(2, &config_);
  detector.SetHealthy(0, false);
  EXPECT_EQ(Fail(detector, 1), nanoseconds(0));
  EXPECT_THAT(Usable(detector, 2), ElementsAre(false, true));
}

TEST_F(OutlierDetectorTest, UsesAllWhenNoneIsLeft) {
  OutlierDetector detector(3, &config_);
  for (const std::size_t target : {0, 1, 2}) detector.SetHealthy(target, false);
  EXPECT_THAT(Usable(detector, 3), ElementsAre(true, true, true));
  detector.SetHealthy(2, true);
  EXPECT_THAT(Usable(detector, 3), ElementsAre(false, false, true));
  Fail(detector, 0);
  detector.SetHealthy(2, false);
  EXPECT_THAT(Usable(detector, 3), ElementsAre(true, true, true));
}

TEST_F(OutlierDetectorTest, WithoutConfigurationCallsPutNobodyOut) {
  OutlierDetector detector(2, nullptr);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(detector.Report(0, kFailure, now_));
  EXPECT_THAT(Usable(detector, 2), ElementsAre(true, true));
}

// Whatever order the failures of many threads come in: one of four may be out, and each time that
// one is, somebody is told.
TEST(OutlierDetectorThreads, KeepTheRules) {
  constexpr int kThreads = 4;
  constexpr std::size_t kTargets = 4;
  constexpr int kSteps = 50'000;
  const config::OutlierDetection config = Config(25);
  OutlierDetector detector(kTargets, &config);
  std::atomic<std::int64_t> clock{0};
  std::atomic<int> told{0};
  std::atomic<int> looked{0};
  std::atomic<bool> too_many{false};
  const auto run = [&](unsigned seed) {
    for (int i = 0; i < kSteps; ++i) {
      seed = seed * 1664525 + 1013904223;
      const OutlierDetector::TimePoint now{hours(1) + milliseconds(clock += 10)};
      const auto outcome = (seed >> 20) % 8 == 0 ? kSuccess : kFailure;
      if (detector.Report((seed >> 16) % kTargets, outcome, now)) ++told;
      // What is seen while the clock stands still is what there is at one time.
      const std::int64_t before = clock;
      const OutlierDetector::TimePoint seen_at{hours(1) + milliseconds(before)};
      int unusable = 0;
      for (std::size_t t = 0; t < kTargets; ++t) unusable += detector.IsUsable(t, seen_at) ? 0 : 1;
      if (clock != before) continue;
      ++looked;
      if (unusable > 1) too_many = true;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) threads.emplace_back(run, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(told, 1);
  // Only one at a time is out, and for no less than this.
  EXPECT_LE(told, milliseconds(clock) / milliseconds(kEjectionTime) + 1);
  EXPECT_GT(looked, 0);
  EXPECT_FALSE(too_many);
}

}  // namespace
}  // namespace puente

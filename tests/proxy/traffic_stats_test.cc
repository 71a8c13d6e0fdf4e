#include "proxy/traffic/traffic_stats.h"

#include <gtest/gtest.h>

#include <thread>
#include <utility>
#include <vector>

#include "proxy/traffic/latency_buckets.h"
#include "proxy/traffic/stats_window.h"

namespace puente {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

double Milliseconds(nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

TEST(LatencyBuckets, CoverTheScaleWithoutGaps) {
  for (std::size_t i = 0; i < kLatencyBuckets; ++i) {
    const nanoseconds begin = LatencyBucketBegin(i);
    const nanoseconds end = LatencyBucketBegin(i + 1);
    EXPECT_EQ(LatencyBucket(begin), i);
    EXPECT_EQ(LatencyBucket(end - nanoseconds(1)), i);
    if (begin >= microseconds(100)) {
      EXPECT_LE((end - begin) * 16, begin) << i;
    }
  }
  EXPECT_GT(LatencyBucketBegin(kLatencyBuckets - 1), seconds(60));
}

TEST(LatencyBuckets, HaveEnds) {
  EXPECT_EQ(LatencyBucket(nanoseconds(-5)), 0U);
  EXPECT_EQ(LatencyBucket(nanoseconds(0)), 0U);
  EXPECT_EQ(LatencyBucket(nanoseconds::max()), kLatencyBuckets - 1);
}

TEST(TrafficCount, KnowsPercentiles) {
  const microseconds kScales[] = {microseconds(1), microseconds(10), microseconds(500)};
  for (const microseconds scale : kScales) {
    TrafficCount count;
    for (int i = 1; i <= 1000; ++i) count.Add(false, scale * i);
    for (const double share : {0.5, 0.95, 0.99, 1.0}) {
      const double exact = Milliseconds(scale) * share * 1000;
      EXPECT_NEAR(Milliseconds(count.Percentile(share)), exact, exact * 0.0625) << share;
    }
  }
}

TEST(TrafficCount, KnowsThePercentileOfOneAndOfNone) {
  TrafficCount count;
  EXPECT_EQ(count.Percentile(0.95), nanoseconds(0));
  count.Add(false, milliseconds(80));
  EXPECT_NEAR(Milliseconds(count.Percentile(0.95)), 80, 5);
}

TEST(TrafficCount, KnowsHowManyTookLonger) {
  TrafficCount count;
  for (int i = 1; i <= 100; ++i) count.Add(false, milliseconds(i));
  EXPECT_EQ(count.SlowerThan(milliseconds(200)), 0U);
  EXPECT_EQ(count.SlowerThan(milliseconds(0)), 100U);
  EXPECT_NEAR(static_cast<double>(count.SlowerThan(milliseconds(50))), 50, 4);
  count.Add(false, seconds(1000));
  EXPECT_EQ(count.SlowerThan(nanoseconds::max()), 0U);
}

TEST(TrafficCount, IsAddedAndSubtracted) {
  TrafficCount one;
  one.Add(true, milliseconds(1));
  one.Add(false, milliseconds(2));
  TrafficCount two = one;
  two += one;
  EXPECT_EQ(two.Requests(), 4U);
  EXPECT_EQ(two.errors, 2U);
  two -= one;
  EXPECT_EQ(two.answered, one.answered);
  EXPECT_EQ(two.errors, 1U);
}

TEST(TrafficCount, HasFigures) {
  TrafficCount count;
  EXPECT_EQ(FiguresOf(count).ErrorRate(), 0);
  for (int i = 0; i < 8; ++i) count.Add(i < 2, milliseconds(10));
  const TrafficFigures figures = FiguresOf(count);
  EXPECT_EQ(figures.requests, 8U);
  EXPECT_EQ(figures.errors, 2U);
  EXPECT_EQ(figures.ErrorRate(), 0.25);
  EXPECT_NEAR(Milliseconds(figures.p95), 10, 0.625);
  // An error whose request is counted a moment later.
  TrafficCount torn;
  torn.errors = 1;
  EXPECT_EQ(FiguresOf(torn).errors, 0U);
}

TEST(TrafficStats, CountsWhatManyThreadsDo) {
  constexpr int kThreads = 12;  // more than there are shards
  constexpr int kEach = 20'000;
  TrafficStats stats;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&stats] {
      for (int i = 0; i < kEach; ++i) stats.Count(i % 4 == 0, microseconds(i));
    });
  }
  std::uint64_t before = 0;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t now = stats.Take().Requests();
    EXPECT_GE(now, before);
    before = now;
  }
  for (std::thread& thread : threads) thread.join();
  const TrafficCount total = stats.Take();
  EXPECT_EQ(total.Requests(), kThreads * kEach);
  EXPECT_EQ(total.errors, kThreads * kEach / 4);
  EXPECT_NEAR(Milliseconds(total.Percentile(0.95)), kEach * 0.95 / 1000, 0.5);
}

TEST(TrafficStats, KnowsWhoWaitsAndForHowLong) {
  const TrafficStats::Time start(seconds(1'000'000));
  const auto waiting = [&](const TrafficStats& stats, nanoseconds after, nanoseconds shortest) {
    TrafficCount count = stats.Take();
    count.CountWaiting(start + after, shortest, std::chrono::hours(1));
    return count.All();
  };
  TrafficStats stats;
  {
    TrafficStats::Wait first = stats.BeginWait(start);
    const TrafficStats::Wait second = stats.BeginWait(start + seconds(2));
    const TrafficStats::Wait moved(std::move(first));
    EXPECT_EQ(waiting(stats, seconds(3), seconds(4)), 0U);
    EXPECT_EQ(waiting(stats, seconds(3), seconds(2)), 1U);
    EXPECT_EQ(waiting(stats, seconds(3), milliseconds(500)), 2U);
    // Looked at by somebody whose clock was read a moment earlier.
    EXPECT_EQ(waiting(stats, seconds(2) - milliseconds(200), seconds(2)), 0U);
    TrafficCount count = stats.Take();
    count.CountWaiting(start + seconds(3), milliseconds(500), seconds(2));
    EXPECT_EQ(count.All(), 1U) << "the second";
    EXPECT_EQ(count.Requests(), 0U);
  }
  EXPECT_EQ(waiting(stats, seconds(3), milliseconds(500)), 0U);
}

TEST(TrafficStats, CountsThoseWhoLeft) {
  TrafficStats stats;
  stats.CountLeft(seconds(2));
  const TrafficCount count = stats.Take();
  EXPECT_EQ(count.Requests(), 0U);
  EXPECT_EQ(count.All(), 1U);
  EXPECT_EQ(count.SlowerThan(seconds(1)), 1U);
}

class StatsWindowTest : public testing::Test {
 protected:
  // Counts requests, then lets time pass.
  std::uint64_t Pass(nanoseconds time, int requests) {
    for (int i = 0; i < requests; ++i) total_.Add(false, milliseconds(1));
    now_ += time;
    return window_.Advance(now_, total_).Requests();
  }

  StatsWindow window_{seconds(30)};
  StatsWindow::Time now_{};
  TrafficCount total_;
};

TEST_F(StatsWindowTest, ForgetsWhatIsOld) {
  EXPECT_EQ(Pass(seconds(1), 1000), 0U);  // before it began
  EXPECT_EQ(Pass(seconds(1), 10), 10U);
  for (int i = 0; i < 9; ++i) Pass(seconds(1), 10);
  EXPECT_EQ(Pass(seconds(1), 10), 110U);
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t requests = Pass(seconds(1), 10);
    if (i <= 20) continue;
    EXPECT_LE(requests, 300U);
    EXPECT_GE(requests, 270U);
  }
  for (int i = 0; i < 30; ++i) Pass(seconds(1), 0);
  EXPECT_EQ(Pass(seconds(1), 0), 0U);
}

TEST_F(StatsWindowTest, WorksWhenItIsAskedRarely) {
  Pass(seconds(0), 1000);
  EXPECT_EQ(Pass(seconds(45), 7), 7U);
  EXPECT_EQ(Pass(seconds(45), 8), 8U);
  EXPECT_EQ(Pass(seconds(10), 9), 9U);
  EXPECT_EQ(Pass(seconds(20), 9), 18U);
}

TEST_F(StatsWindowTest, WorksWhenItIsAskedOften) {
  Pass(seconds(0), 0);
  std::uint64_t requests = 0;
  for (int i = 0; i < 100'000; ++i) requests = Pass(milliseconds(1), 1);
  EXPECT_LE(requests, 30'000U);
  EXPECT_GE(requests, 27'000U);
}

TEST_F(StatsWindowTest, BeginsAnew) {
  Pass(seconds(0), 0);
  EXPECT_EQ(Pass(seconds(1), 5), 5U);
  window_.Clear();
  EXPECT_EQ(Pass(seconds(1), 5), 0U);
  EXPECT_EQ(Pass(seconds(1), 5), 5U);
}

TEST_F(StatsWindowTest, CountsThoseThatBeganInItAndWait) {
  TrafficStats stats;
  std::vector<TrafficStats::Wait> waits;
  waits.push_back(stats.BeginWait(now_));  // before it
  const auto count_after = [&](nanoseconds time) {
    now_ += time;
    return window_.Advance(now_, stats.Take()).All();
  };
  EXPECT_EQ(count_after(seconds(1)), 0U);
  for (int i = 0; i < 5; ++i) waits.push_back(stats.BeginWait(now_ + milliseconds(200)));
  EXPECT_EQ(count_after(seconds(2)), 0U);  // not for a tenth of the window yet
  EXPECT_EQ(count_after(seconds(2)), 5U);
  waits.erase(waits.begin() + 1, waits.begin() + 3);
  EXPECT_EQ(count_after(seconds(1)), 3U);
  window_.Clear();
  EXPECT_EQ(count_after(seconds(1)), 0U);
  EXPECT_EQ(count_after(seconds(10)), 0U);
}

}  // namespace
}  // namespace puente

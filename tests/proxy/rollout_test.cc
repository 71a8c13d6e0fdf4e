#include "proxy/traffic/rollout.h"

#include <gmock/gmock.h>

#include <random>
#include <string>
#include <vector>

#include "config/duration_text.h"
#include "proxy/traffic/latency_buckets.h"
#include "proxy/traffic/rollout_judgement.h"

namespace puente {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = RolloutAction::Kind;

config::Split SplitWith(std::uint32_t legacy, std::uint32_t billing) {
  config::Split split;
  split.set_name("migration");
  config::Backend& first = *split.add_backends();
  first.set_upstream("legacy");
  first.set_weight(legacy);
  config::Backend& second = *split.add_backends();
  second.set_upstream("billing");
  second.set_weight(billing);
  return split;
}

config::Rollout Options(const std::vector<std::uint32_t>& steps = {5, 25, 50, 100}) {
  config::Rollout options;
  options.set_to("billing");
  for (const std::uint32_t step : steps) options.add_steps(step);
  *options.mutable_interval() = ToProto(seconds(60));
  *options.mutable_window() = ToProto(seconds(30));
  options.set_min_requests(50);
  options.set_max_error_increase(0.01);
  options.set_max_latency_ratio(1.5);
  return options;
}

// What a side gets in one second.
struct Traffic {
  int requests = 10;
  int errors = 0;
  nanoseconds latency = milliseconds(10);
};

class RolloutTest : public testing::Test {
 protected:
  void Begin(const config::Rollout& options, const config::Split& file) {
    rollout_.emplace(options, file);
    split_.emplace(file, 1);
    Do(rollout_->Start(now_));
  }

  void Do(const RolloutAction& action) {
    last_ = action;
    Apply(action, std::chrono::system_clock::time_point(now_.time_since_epoch()), *split_);
  }
  void Do(const Result<RolloutAction>& action) {
    ASSERT_TRUE(action) << action.error().message;
    Do(*action);
  }

  static void Count(const Traffic& traffic, TrafficCount& total) {
    for (int i = 0; i < traffic.requests; ++i) total.Add(i < traffic.errors, traffic.latency);
  }

  // Lets seconds pass; how many did until the weights were to be changed.
  int Pass(int count, const Traffic& to = {}, const Traffic& others = {}) {
    for (int i = 1; i <= count; ++i) {
      now_ += seconds(1);
      Count(to, to_);
      Count(others, others_);
      const RolloutAction action = rollout_->Tick(now_, to_, others_);
      if (action.kind == Kind::kNone) continue;
      Do(action);
      return i;
    }
    return 0;
  }

  // For tests that begin at some step.
  void PassSteps(int count) {
    for (int i = 0; i < count; ++i) EXPECT_EQ(Pass(60), 60);
  }

  RolloutPhase Phase() const { return rollout_->State().phase; }
  Weights Now() const { return split_->State().weights; }
  WeightSource Source() const { return split_->State().source; }

  std::optional<Rollout> rollout_;
  std::optional<Split> split_;
  RolloutAction last_;
  Rollout::Time now_{seconds(1000)};
  TrafficCount to_, others_;
};

TEST_F(RolloutTest, GoesStepByStepToTheEnd) {
  Begin(Options(), SplitWith(100, 0));
  EXPECT_THAT(Now(), ElementsAre(95, 5));
  EXPECT_EQ(last_.message, "step 1 of 4 of the rollout: 5 % to billing");
  EXPECT_EQ(Pass(60), 60);
  EXPECT_THAT(Now(), ElementsAre(75, 25));
  EXPECT_EQ(Pass(60), 60);
  EXPECT_THAT(Now(), ElementsAre(50, 50));
  EXPECT_EQ(Pass(60), 60);
  EXPECT_THAT(Now(), ElementsAre(0, 100));
  EXPECT_EQ(Source(), WeightSource::kRollout);
  // It is watched for another interval, with nothing to compare with.
  EXPECT_EQ(Pass(59, {}, {.requests = 0}), 0);
  EXPECT_EQ(Phase(), RolloutPhase::kRunning);
  EXPECT_EQ(Pass(1, {}, {.requests = 0}), 0);
  EXPECT_EQ(Phase(), RolloutPhase::kCompleted);
  EXPECT_THAT(Now(), ElementsAre(0, 100));
  // No more is judged.
  EXPECT_EQ(Pass(100, {.errors = 10}), 0);
}

TEST_F(RolloutTest, BeginsAboveTheShareOfTheFile) {
  const struct {
    std::uint32_t legacy, billing;
    Weights begins;
    RolloutPhase phase;
  } cases[] = {
      {100, 0, {95, 5}, RolloutPhase::kRunning}, {96, 4, {95, 5}, RolloutPhase::kRunning},
      {95, 5, {75, 25}, RolloutPhase::kRunning}, {3, 1, {50, 50}, RolloutPhase::kRunning},
      {1, 1, {0, 100}, RolloutPhase::kRunning},  {0, 1, {0, 1}, RolloutPhase::kCompleted},
  };
  for (const auto& c : cases) {
    Begin(Options(), SplitWith(c.legacy, c.billing));
    EXPECT_EQ(Now(), c.begins);
    EXPECT_EQ(Phase(), c.phase);
  }
  EXPECT_EQ(Source(), WeightSource::kFile);
}

TEST_F(RolloutTest, MayEndBelowAHundredPercent) {
  Begin(Options({10, 20}), SplitWith(100, 0));
  PassSteps(1);
  EXPECT_EQ(Pass(60), 0);
  EXPECT_EQ(Phase(), RolloutPhase::kCompleted);
  EXPECT_THAT(Now(), ElementsAre(80, 20));
}

TEST_F(RolloutTest, HoldsWhileThereAreTooFewRequests) {
  Begin(Options(), SplitWith(100, 0));
  const Traffic one = {.requests = 1};
  EXPECT_EQ(Pass(59, one), 0);
  EXPECT_EQ(Phase(), RolloutPhase::kRunning);
  EXPECT_EQ(Pass(100, one), 0);
  EXPECT_EQ(Phase(), RolloutPhase::kHolding);
  EXPECT_THAT(rollout_->State().held, testing::MatchesRegex("(28|29|30) requests in the window, of "
                                                            "at least 50"));
  EXPECT_THAT(Now(), ElementsAre(95, 5));
  const int until = Pass(30);
  EXPECT_GT(until, 1);
  EXPECT_LT(until, 5);  // 20 more were missing
  EXPECT_EQ(Phase(), RolloutPhase::kRunning);
  EXPECT_THAT(rollout_->State().held, IsEmpty());
  EXPECT_THAT(Now(), ElementsAre(75, 25));
}

TEST_F(RolloutTest, RollsBackWhenThereAreMoreErrors) {
  Begin(Options(), SplitWith(100, 0));
  PassSteps(1);
  EXPECT_EQ(Pass(40), 0);
  EXPECT_EQ(Pass(30, {.errors = 10}), 1);
  EXPECT_EQ(Phase(), RolloutPhase::kRolledBack);
  EXPECT_THAT(Now(), ElementsAre(100, 0));
  const SplitState state = split_->State();
  EXPECT_EQ(state.source, WeightSource::kRollback);
  ASSERT_TRUE(state.last_rollback);
  EXPECT_EQ(state.last_rollback->reason, RollbackReason::kErrorRate);
  EXPECT_THAT(state.last_rollback->message,
              testing::MatchesRegex("10 of [0-9]+ requests failed \\(3...? %\\), against 0.00 % of "
                                    "the others; allowed are 1.00 % more"));
  EXPECT_EQ(Pass(100, {.errors = 10}), 0);
}

// However little worse it is, the window is long enough to see it.
TEST_F(RolloutTest, RollsBackWithinOneWindow) {
  for (const int good : {0, 5, 29, 40}) {
    Begin(Options(), SplitWith(100, 0));
    Pass(good, {.requests = 40});
    const int until = Pass(100, {.requests = 40, .errors = 1});  // 2.5 %
    EXPECT_GT(until, 0);
    EXPECT_LE(until, 30);
    EXPECT_EQ(Phase(), RolloutPhase::kRolledBack);
  }
}

TEST_F(RolloutTest, RollsBackWhileItHolds) {
  Begin(Options(), SplitWith(100, 0));
  EXPECT_EQ(Pass(100, {.requests = 1}), 0);
  EXPECT_EQ(Phase(), RolloutPhase::kHolding);
  EXPECT_GT(Pass(10, {.errors = 10}), 0);
  EXPECT_EQ(Phase(), RolloutPhase::kRolledBack);
  EXPECT_THAT(rollout_->State().held, IsEmpty());
}

TEST_F(RolloutTest, ToleratesWhatTheOthersDoToo) {
  Begin(Options(), SplitWith(100, 0));
  const Traffic bad = {.requests = 100, .errors = 20};
  EXPECT_EQ(Pass(60, bad, bad), 60);
  EXPECT_EQ(Phase(), RolloutPhase::kRunning);
  // One in a hundred more is allowed, two are not.
  EXPECT_EQ(Pass(60, {.requests = 100, .errors = 21}, bad), 60);
  EXPECT_GT(Pass(60, {.requests = 100, .errors = 22}, bad), 0);
  EXPECT_EQ(Phase(), RolloutPhase::kRolledBack);
}

TEST_F(RolloutTest, RemembersTheErrorsOfTheOthers) {
  Begin(Options({50, 100}), SplitWith(1, 1));
  const Traffic bad = {.requests = 100, .errors = 20};
  // At the start there is nothing to remember.
  EXPECT_GT(Pass(60, bad, {.requests = 0}), 0);
  EXPECT_EQ(Phase(), RolloutPhase::kRolledBack);
  Begin(Options({50, 100}), SplitWith(9, 1));
  EXPECT_EQ(Pass(60, bad, bad), 60);
  EXPECT_THAT(Now(), ElementsAre(0, 100));
  EXPECT_EQ(Pass(60, bad, {.requests = 0}), 0);
  EXPECT_EQ(Phase(), RolloutPhase::kCompleted);
}

TEST_F(RolloutTest, RollsBackWhenItIsSlower) {
  Begin(Options(), SplitWith(100, 0));
  EXPECT_EQ(Pass(60, {.latency = milliseconds(14)}), 60);
  EXPECT_GT(Pass(60, {.latency = milliseconds(20)}), 0);
  EXPECT_EQ(Phase(), RolloutPhase::kRolledBack);
  ASSERT_TRUE(split_->State().last_rollback);
  EXPECT_EQ(split_->State().last_rollback->reason, RollbackReason::kLatency);
  EXPECT_THAT(split_->State().last_rollback->message,
              testing::MatchesRegex("the 95th percentile of the latency is [0-9.]+ ms, against "
                                    "[0-9.]+ ms of the others; allowed is 1.5 times as much"));
}

TEST_F(RolloutTest, IgnoresOneSlowRequestInTwenty) {
  Begin(Options(), SplitWith(100, 0));
  for (int i = 0; i < 59; ++i) {
    Count({.requests = 1, .latency = seconds(5)}, to_);
    ASSERT_EQ(Pass(1, {.requests = 24}), 0);
  }
  EXPECT_EQ(Phase(), RolloutPhase::kRunning);
}

TEST_F(RolloutTest, CanBePausedAndResumed) {
  Begin(Options(), SplitWith(100, 0));
  PassSteps(1);
  Pass(30);
  Do(rollout_->Pause());
  EXPECT_EQ(Phase(), RolloutPhase::kPaused);
  EXPECT_EQ(rollout_->State().held, "paused by an administrator");
  EXPECT_THAT(Now(), ElementsAre(75, 25));
  EXPECT_EQ(Pass(200, {.errors = 10}), 0);  // not judged
  Do(rollout_->Pause());
  Do(rollout_->Resume(now_));
  EXPECT_EQ(Phase(), RolloutPhase::kRunning);
  EXPECT_EQ(rollout_->State().step, 2U);
  EXPECT_THAT(rollout_->State().held, IsEmpty());
  // The step begins again, and what was before does not count.
  EXPECT_EQ(Pass(60), 60);
  EXPECT_THAT(Now(), ElementsAre(50, 50));
}

TEST_F(RolloutTest, ForgetsBothSidesOfThePause) {
  Begin(Options(), SplitWith(100, 0));
  Pass(30);
  Do(rollout_->Pause());
  Pass(5, {}, {.requests = 1000, .errors = 500});
  Do(rollout_->Resume(now_));
  EXPECT_GT(Pass(10, {.errors = 2}), 0);
  EXPECT_EQ(Phase(), RolloutPhase::kRolledBack);
}

TEST_F(RolloutTest, IsPausedByWeightsThatAreSet) {
  Begin(Options(), SplitWith(100, 0));
  PassSteps(1);
  ASSERT_TRUE(split_->Put({{{"legacy", 9}, {"billing", 1}}, {}}, std::nullopt, now_));
  rollout_->WeightsWereSet();
  EXPECT_EQ(Phase(), RolloutPhase::kPaused);
  EXPECT_EQ(rollout_->State().held, "weights were set by an administrator");
  EXPECT_EQ(Pass(100), 0);
  EXPECT_THAT(Now(), ElementsAre(9, 1));
  Do(rollout_->Resume(now_));
  EXPECT_THAT(Now(), ElementsAre(75, 25));
}

TEST_F(RolloutTest, WeightsThatAreSetLaterChangeNothing) {
  Begin(Options(), SplitWith(100, 0));
  Do(rollout_->Abort());
  rollout_->WeightsWereSet();
  EXPECT_EQ(Phase(), RolloutPhase::kAborted);
}

TEST_F(RolloutTest, BeginsAgainAfterARollback) {
  Begin(Options(), SplitWith(95, 5));
  EXPECT_EQ(rollout_->State().step, 2U);
  PassSteps(1);
  EXPECT_GT(Pass(30, {.errors = 10}), 0);
  EXPECT_EQ(rollout_->State().step, 3U);
  EXPECT_THAT(Now(), ElementsAre(100, 0));
  Pass(5, {.errors = 10});  // what was under way
  Do(rollout_->Resume(now_));
  // With the very first step, although the file gives 5 % already.
  EXPECT_EQ(rollout_->State().step, 1U);
  EXPECT_THAT(Now(), ElementsAre(95, 5));
  EXPECT_EQ(Pass(60), 60);  // the errors of before are forgotten
  EXPECT_EQ(Phase(), RolloutPhase::kRunning);
  EXPECT_TRUE(split_->State().last_rollback);
}

TEST_F(RolloutTest, CanBePromoted) {
  Begin(Options(), SplitWith(100, 0));
  Do(rollout_->Promote());
  EXPECT_EQ(Phase(), RolloutPhase::kCompleted);
  EXPECT_THAT(Now(), ElementsAre(0, 100));
  EXPECT_EQ(Pass(100, {.errors = 10}), 0);
}

TEST_F(RolloutTest, CanBeAborted) {
  Begin(Options(), SplitWith(95, 5));
  PassSteps(1);
  Do(rollout_->Abort());
  EXPECT_EQ(Phase(), RolloutPhase::kAborted);
  EXPECT_THAT(Now(), ElementsAre(95, 5));
  EXPECT_EQ(Source(), WeightSource::kFile);
  EXPECT_EQ(Pass(100), 0);
  Do(rollout_->Resume(now_));
  EXPECT_THAT(Now(), ElementsAre(75, 25));
}

TEST_F(RolloutTest, CanBeRolledBackByHand) {
  Begin(Options(), SplitWith(95, 5));
  Do(rollout_->Promote());
  Do(rollout_->RollBack("on request"));
  EXPECT_EQ(Phase(), RolloutPhase::kRolledBack);
  EXPECT_THAT(Now(), ElementsAre(100, 0));
  ASSERT_TRUE(split_->State().last_rollback);
  EXPECT_EQ(split_->State().last_rollback->reason, RollbackReason::kManual);
  EXPECT_EQ(split_->State().last_rollback->message, "on request");
}

TEST_F(RolloutTest, CanBeRolledBackWhenItHadNothingToDo) {
  Begin(Options({5, 50}), SplitWith(1, 1));
  EXPECT_EQ(Phase(), RolloutPhase::kCompleted);
  EXPECT_EQ(rollout_->State().step, 0U);
  Do(rollout_->RollBack("on request"));
  EXPECT_THAT(Now(), ElementsAre(100, 0));
  Do(rollout_->Resume(now_));
  EXPECT_THAT(Now(), ElementsAre(95, 5));
}

TEST_F(RolloutTest, RefusesWhatDoesNotFitItsPhase) {
  enum class Call { kPause, kResume, kAbort };
  const struct {
    RolloutPhase phase;
    std::vector<Call> refused;
  } cases[] = {
      {RolloutPhase::kRunning, {}},
      {RolloutPhase::kHolding, {}},
      {RolloutPhase::kPaused, {}},
      {RolloutPhase::kCompleted, {Call::kPause, Call::kResume, Call::kAbort}},
      {RolloutPhase::kRolledBack, {Call::kPause, Call::kAbort}},
      {RolloutPhase::kAborted, {Call::kPause}},
  };
  for (const auto& c : cases) {
    for (const Call call : {Call::kPause, Call::kResume, Call::kAbort}) {
      Begin(Options(), SplitWith(100, 0));
      if (c.phase == RolloutPhase::kHolding) Pass(61, {.requests = 0});
      if (c.phase == RolloutPhase::kPaused) Do(rollout_->Pause());
      if (c.phase == RolloutPhase::kCompleted) Do(rollout_->Promote());
      if (c.phase == RolloutPhase::kRolledBack) Do(rollout_->RollBack(""));
      if (c.phase == RolloutPhase::kAborted) Do(rollout_->Abort());
      ASSERT_EQ(Phase(), c.phase);
      const auto result = call == Call::kPause    ? rollout_->Pause()
                          : call == Call::kResume ? rollout_->Resume(now_)
                                                  : rollout_->Abort();
      const bool refused = testing::Value(c.refused, testing::Contains(call));
      EXPECT_EQ(!result, refused) << NameOf(c.phase) << " " << static_cast<int>(call);
      if (result) continue;
      EXPECT_EQ(result.error().HttpStatus(), 409);
      EXPECT_EQ(result.error().message, "the rollout is " + std::string(NameOf(c.phase)));
      EXPECT_EQ(Phase(), c.phase);
    }
  }
}

TEST_F(RolloutTest, ShowsWhatItLookedAt) {
  Begin(Options(), SplitWith(100, 0));
  EXPECT_FALSE(rollout_->State().judged);
  Pass(11, {}, {.requests = 20, .errors = 1});
  const RolloutState state = rollout_->State();
  EXPECT_EQ(state.to, "billing");
  EXPECT_EQ(state.to_index, 1U);
  EXPECT_THAT(state.steps, ElementsAre(5, 25, 50, 100));
  EXPECT_EQ(state.step, 1U);
  ASSERT_TRUE(state.judged);
  EXPECT_EQ(state.judged->to.requests, 100U);
  EXPECT_EQ(state.judged->others.requests, 200U);
  EXPECT_EQ(state.judged->others.errors, 10U);
}

TEST_F(RolloutTest, RemembersTheLatencyOfTheOthers) {
  Begin(Options({50, 100}), SplitWith(9, 1));
  EXPECT_EQ(Pass(60), 60);
  EXPECT_THAT(Now(), ElementsAre(0, 100));
  EXPECT_GT(Pass(60, {.latency = milliseconds(30)}, {.requests = 0}), 0);
  EXPECT_EQ(Phase(), RolloutPhase::kRolledBack);
}

TEST_F(RolloutTest, RollsBackWhenItNeverAnswers) {
  Begin(Options(), SplitWith(100, 0));
  TrafficStats stats;
  std::vector<TrafficStats::Wait> waits;
  const Traffic none = {.requests = 0};
  for (int second = 0; second < 29 && Phase() == RolloutPhase::kRunning; ++second) {
    for (int i = 0; i < 10; ++i) waits.push_back(stats.BeginWait(now_));
    to_ = stats.Take();
    Pass(1, none);
  }
  EXPECT_EQ(Phase(), RolloutPhase::kRolledBack);
  EXPECT_EQ(split_->State().last_rollback->reason, RollbackReason::kLatency);
}

TEST_F(RolloutTest, RollsBackWhenSomeAreNeverAnswered) {
  Begin(Options(), SplitWith(100, 0));
  TrafficStats stats;
  std::vector<TrafficStats::Wait> waits;
  for (int second = 0; second < 29 && Phase() == RolloutPhase::kRunning; ++second) {
    for (int i = 0; i < 2; ++i) waits.push_back(stats.BeginWait(now_));
    for (int i = 0; i < 8; ++i) stats.Count(false, milliseconds(10));
    to_ = stats.Take();
    Pass(1, {.requests = 0}, {.requests = 50});
  }
  EXPECT_EQ(Phase(), RolloutPhase::kRolledBack);
}

// Whether they got nothing or did not wait, nobody knows.
TEST_F(RolloutTest, HoldsWhenAllClientsLeave) {
  Begin(Options(), SplitWith(100, 0));
  for (int second = 0; second < 100; ++second) {
    for (int i = 0; i < 10; ++i) ++to_.unanswered[LatencyBucket(milliseconds(8))];
    ASSERT_EQ(Pass(1, {.requests = 0}), 0);
  }
  EXPECT_EQ(Phase(), RolloutPhase::kHolding);
}

TEST_F(RolloutTest, RollsBackWhenClientsDoNotWaitAnyLonger) {
  Begin(Options(), SplitWith(100, 0));
  for (int second = 0; second < 29 && Phase() == RolloutPhase::kRunning; ++second) {
    for (int i = 0; i < 10; ++i) ++to_.unanswered[LatencyBucket(seconds(1))];
    Pass(1, {.requests = 0});
  }
  EXPECT_EQ(Phase(), RolloutPhase::kRolledBack);
  EXPECT_EQ(split_->State().last_rollback->reason, RollbackReason::kLatency);
}

// The same latencies on both sides, as services have them: a few requests are much slower.
TEST_F(RolloutTest, LetsAHealthyOnePass) {
  constexpr int kRollouts = 20;
  std::mt19937 random(7);
  std::lognormal_distribution<double> milliseconds_of(3, 1);
  int passed = 0;
  for (int i = 0; i < kRollouts; ++i) {
    Begin(Options(), SplitWith(100, 0));
    const auto add = [&](TrafficCount& to) {
      to.Add(false, microseconds(static_cast<int>(1000 * milliseconds_of(random))));
    };
    for (int second = 0; second < 240; ++second) {
      for (int request = 0; request < 20; ++request) add(request % 2 == 0 ? to_ : others_);
      Pass(1, {.requests = 0}, {.requests = 0});
    }
    passed += Phase() == RolloutPhase::kCompleted ? 1 : 0;
  }
  EXPECT_GE(passed, kRollouts - 1);
}

TEST(Judge, ComparesTheTwoSides) {
  const RolloutLimits limits{
      .min_requests = 50, .max_error_increase = 0.01, .max_latency_ratio = 2};
  const auto Others = [](double error_rate, nanoseconds p95) {
    return Baseline{error_rate, Baseline::Latency{p95, p95}};
  };
  const auto ms = [](int count) { return milliseconds(count); };
  const struct {
    Traffic to;
    Baseline others;
    Verdict verdict;
  } cases[] = {
      {{49, 49, seconds(9)}, Others(0, ms(1)), Verdict::kTooFewRequests},
      {{50, 0, ms(9)}, Others(0, ms(9)), Verdict::kGood},
      {{100, 1, ms(9)}, Others(0, ms(9)), Verdict::kGood},
      {{100, 2, ms(9)}, Others(0, ms(9)), Verdict::kMoreErrors},
      {{100, 3, ms(9)}, Others(0.02, ms(9)), Verdict::kGood},
      {{100, 4, ms(9)}, Others(0.02, ms(9)), Verdict::kMoreErrors},
      {{100, 0, ms(18)}, Others(0, ms(9)), Verdict::kGood},
      {{100, 0, ms(20)}, Others(0, ms(9)), Verdict::kSlower},
      {{100, 0, ms(20)}, Baseline{0, std::nullopt}, Verdict::kGood},
      {{100, 2, ms(99)}, Others(0, ms(9)), Verdict::kMoreErrors},
      // Noise.
      {{100, 0, microseconds(1200)}, Others(0, microseconds(200)), Verdict::kGood},
      {{100, 0, microseconds(1300)}, Others(0, microseconds(200)), Verdict::kSlower},
  };
  for (const auto& c : cases) {
    TrafficCount count;
    for (int i = 0; i < c.to.requests; ++i) count.Add(i < c.to.errors, c.to.latency);
    const Judgement judgement = Judge(limits, count, c.others);
    EXPECT_EQ(judgement.verdict, c.verdict) << judgement.message;
    EXPECT_EQ(judgement.message.empty(), c.verdict == Verdict::kGood);
  }
}

// A twentieth is above the 95th percentile anyway; of few requests it may be a few more.
TEST(Judge, TellsSlownessFromChance) {
  const RolloutLimits limits{.min_requests = 20, .max_latency_ratio = 1.5};
  const struct {
    int requests, slow;
    Verdict verdict;
  } cases[] = {
      {20, 3, Verdict::kGood},     {20, 4, Verdict::kSlower},     {50, 7, Verdict::kGood},
      {50, 8, Verdict::kSlower},   {200, 19, Verdict::kGood},     {200, 20, Verdict::kSlower},
      {5000, 290, Verdict::kGood}, {5000, 300, Verdict::kSlower},
  };
  for (const auto& c : cases) {
    TrafficCount count;
    for (int i = 0; i < c.requests; ++i) {
      count.Add(false, i < c.slow ? milliseconds(100) : milliseconds(10));
    }
    const Baseline others{0, Baseline::Latency{milliseconds(10), milliseconds(10)}};
    EXPECT_EQ(Judge(limits, count, others).verdict, c.verdict) << c.slow << " of " << c.requests;
  }
}

// The fewer there were, the higher it may really be.
TEST(BaselineOf, LeavesRoomForChance) {
  TrafficCount count;
  EXPECT_FALSE(BaselineOf(count).latency);
  for (int i = 1; i <= 50; ++i) count.Add(i == 50, milliseconds(i));
  EXPECT_EQ(BaselineOf(count).error_rate, 0.02);
  EXPECT_NEAR(BaselineOf(count).latency->p95 / milliseconds(1), 47, 3);
  EXPECT_GE(BaselineOf(count).latency->p95_at_most, milliseconds(50));
  for (int i = 1; i <= 50'000; ++i) count.Add(false, milliseconds(i % 50));
  EXPECT_NEAR(BaselineOf(count).latency->p95_at_most / milliseconds(1), 47, 3);
}

TEST(Judge, BearsAnyRatio) {
  const RolloutLimits limits{.min_requests = 1, .max_latency_ratio = 1e300};
  TrafficCount count;
  count.Add(false, seconds(60));
  const Baseline others{0, Baseline::Latency{milliseconds(10), milliseconds(10)}};
  EXPECT_EQ(Judge(limits, count, others).verdict, Verdict::kGood);
}

}  // namespace
}  // namespace puente

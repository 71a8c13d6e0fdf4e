#include "proxy/traffic/split.h"

#include <gmock/gmock.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "proxy/traffic/share_weights.h"
#include "proxy/traffic/split_json.h"
#include "proxy/traffic/weighted_choice.h"

namespace puente {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

using Backends = std::vector<std::pair<std::string, std::uint32_t>>;

constexpr std::uint64_t kLineage = 0xabc;

config::Split FileWith(const Backends& backends) {
  config::Split split;
  split.set_name("migration");
  for (const auto& [upstream, weight] : backends) {
    config::Backend& backend = *split.add_backends();
    backend.set_upstream(upstream);
    backend.set_weight(weight);
  }
  return split;
}

config::Split FileWith(std::uint32_t legacy, std::uint32_t billing) {
  return FileWith(Backends{{"legacy", legacy}, {"billing", billing}});
}

WeightsRequest Request(std::uint32_t legacy, std::uint32_t billing,
                       std::optional<std::chrono::nanoseconds> ttl = std::nullopt) {
  return {{{"legacy", legacy}, {"billing", billing}}, ttl};
}

class SplitTest : public testing::Test {
 protected:
  SplitState Put(std::uint32_t legacy, std::uint32_t billing,
                 std::optional<std::chrono::nanoseconds> ttl = std::nullopt) {
    const auto state = split_->Put(Request(legacy, billing, ttl), std::nullopt, now_);
    EXPECT_TRUE(state);
    return state.value_or(SplitState{});
  }

  void Reload(const config::Split& file) {
    const std::shared_ptr<Split> next = Split::Next(file, split_, kLineage + 1);
    next->Adopt(file, split_.get());
    split_ = next;
  }

  std::shared_ptr<Split> split_ = std::make_shared<Split>(FileWith(95, 5), kLineage);
  Split::Time now_ = Split::Time(minutes(100));
};

TEST_F(SplitTest, BeginsAsTheFileSays) {
  const SplitState state = split_->State();
  EXPECT_EQ(state.name, "migration");
  EXPECT_THAT(state.backends, ElementsAre("legacy", "billing"));
  EXPECT_THAT(state.weights, ElementsAre(95, 5));
  EXPECT_THAT(state.file_weights, ElementsAre(95, 5));
  EXPECT_EQ(state.source, WeightSource::kFile);
  EXPECT_EQ(state.generation, 1U);
  EXPECT_EQ(state.etag, "\"1-abc\"");
  EXPECT_EQ(state.expires, std::nullopt);
  EXPECT_FALSE(state.last_rollback);
}

TEST_F(SplitTest, ChoosesByItsWeights) {
  const std::vector<std::uint64_t> seeds = {BackendSeed("migration", "legacy"),
                                            BackendSeed("migration", "billing")};
  Put(50, 50);
  for (std::uint64_t caller = 0; caller < 1000; ++caller) {
    const std::size_t expected = ChooseWeighted(caller, seeds, Weights{50, 50});
    ASSERT_EQ(split_->Choose(caller), expected);
  }
  Put(0, 1);
  for (std::uint64_t caller = 0; caller < 100; ++caller) ASSERT_EQ(split_->Choose(caller), 1U);
}

TEST_F(SplitTest, FindsBackendsWhateverTheirWeight) {
  Put(1, 0);
  EXPECT_EQ(split_->Find("legacy"), 0U);
  EXPECT_EQ(split_->Find("billing"), 1U);
  EXPECT_EQ(split_->Find("other"), std::nullopt);
  EXPECT_EQ(split_->Find(""), std::nullopt);
}

TEST_F(SplitTest, TakesWeightsFromAnAdministrator) {
  const SplitState state = Put(80, 20);
  EXPECT_THAT(state.weights, ElementsAre(80, 20));
  EXPECT_THAT(state.file_weights, ElementsAre(95, 5));
  EXPECT_EQ(state.source, WeightSource::kAdmin);
  EXPECT_EQ(state.why, "set by an administrator");
  EXPECT_EQ(state.etag, "\"2-abc\"");
  EXPECT_EQ(Put(80, 20).etag, "\"3-abc\"");
  EXPECT_EQ(split_->State().etag, "\"3-abc\"");
}

TEST_F(SplitTest, RefusesWhatDoesNotNameItsBackends) {
  const auto refused = split_->Put({{{"legacy", 1}}, {}}, std::nullopt, now_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().HttpStatus(), 400);
  EXPECT_EQ(split_->State().generation, 1U);
  EXPECT_THAT(split_->State().weights, ElementsAre(95, 5));
}

TEST_F(SplitTest, HonoursIfMatch) {
  const std::string first = split_->State().etag;
  EXPECT_TRUE(split_->Put(Request(80, 20), first, now_));
  const auto stale = split_->Put(Request(0, 100), first, now_);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().HttpStatus(), 412);
  EXPECT_THAT(stale.error().headers, ElementsAre(testing::Pair("ETag", "\"2-abc\"")));
  EXPECT_THAT(split_->State().weights, ElementsAre(80, 20));
  EXPECT_TRUE(split_->Put(Request(70, 30), "*", now_));
  EXPECT_TRUE(split_->Put(Request(60, 40), "\"3-abc\"", now_));
}

TEST_F(SplitTest, GoesBackWhenTheTtlEnds) {
  const SplitState changed = Put(0, 100, minutes(10));
  EXPECT_EQ(changed.expires, now_ + minutes(10));
  EXPECT_EQ(changed.why, "set by an administrator for 10m");
  EXPECT_FALSE(split_->Expire(now_ + minutes(10) - seconds(1)));
  EXPECT_THAT(split_->State().weights, ElementsAre(0, 100));
  EXPECT_TRUE(split_->Expire(now_ + minutes(10)));
  const SplitState back = split_->State();
  EXPECT_THAT(back.weights, ElementsAre(95, 5));
  EXPECT_EQ(back.source, WeightSource::kFile);
  EXPECT_EQ(back.generation, 3U);
  EXPECT_EQ(back.expires, std::nullopt);
  EXPECT_EQ(split_->Choose(1), ChooseWeighted(1,
                                              std::vector{BackendSeed("migration", "legacy"),
                                                          BackendSeed("migration", "billing")},
                                              Weights{95, 5}));
  EXPECT_FALSE(split_->Expire(now_ + minutes(20)));
}

TEST_F(SplitTest, GoesBackToTheLastWithoutATtl) {
  Put(80, 20);
  Put(50, 50, minutes(10));
  now_ += minutes(5);
  Put(0, 100, minutes(10));
  EXPECT_FALSE(split_->Expire(now_ + minutes(6)));  // the first ttl is gone
  EXPECT_TRUE(split_->Expire(now_ + minutes(10)));
  EXPECT_THAT(split_->State().weights, ElementsAre(80, 20));
  EXPECT_EQ(split_->State().source, WeightSource::kAdmin);
}

TEST_F(SplitTest, AChangeWithoutATtlEndsIt) {
  Put(50, 50, minutes(10));
  Put(80, 20);
  EXPECT_FALSE(split_->Expire(now_ + minutes(20)));
  EXPECT_THAT(split_->State().weights, ElementsAre(80, 20));
}

TEST_F(SplitTest, ARollbackEndsATtl) {
  Put(0, 100, minutes(10));
  const std::chrono::system_clock::time_point at{seconds(1'700'000'000)};
  split_->RollBack({1, 0}, {RollbackReason::kLatency, "too slow", at});
  EXPECT_FALSE(split_->Expire(now_ + minutes(20)));
  const SplitState state = split_->State();
  EXPECT_THAT(state.weights, ElementsAre(1, 0));
  EXPECT_EQ(state.source, WeightSource::kRollback);
  EXPECT_EQ(state.why, "too slow");
  ASSERT_TRUE(state.last_rollback);
  EXPECT_EQ(state.last_rollback->reason, RollbackReason::kLatency);
  EXPECT_EQ(state.last_rollback->at, at);
  // It is remembered, and a ttl goes back to it.
  Put(80, 20, minutes(1));
  EXPECT_TRUE(split_->State().last_rollback);
  EXPECT_TRUE(split_->Expire(now_ + minutes(1)));
  EXPECT_EQ(split_->State().source, WeightSource::kRollback);
}

TEST_F(SplitTest, IsSetByARollout) {
  split_->SetByRollout({3, 1}, "step 2");
  EXPECT_EQ(split_->State().source, WeightSource::kRollout);
  EXPECT_THAT(split_->State().weights, ElementsAre(3, 1));
  split_->RestoreFile("aborted");
  EXPECT_EQ(split_->State().source, WeightSource::kFile);
  EXPECT_THAT(split_->State().weights, ElementsAre(95, 5));
  EXPECT_EQ(split_->State().generation, 3U);
}

TEST_F(SplitTest, KeepsItsWeightsOverAReloadOfTheSameEntry) {
  Put(80, 20);
  Put(0, 100, minutes(10));
  config::Split file = FileWith(95, 5);
  file.set_override_header("x-puente-upstream");  // no concern of the weights
  const Split* before = split_.get();
  Reload(file);
  EXPECT_EQ(split_.get(), before);
  EXPECT_THAT(split_->State().weights, ElementsAre(0, 100));
  EXPECT_EQ(split_->State().generation, 3U);
  EXPECT_TRUE(split_->Expire(now_ + minutes(10)));
  EXPECT_THAT(split_->State().weights, ElementsAre(80, 20));
}

TEST_F(SplitTest, TakesTheFilesWeightsWhenTheyChange) {
  Put(80, 20);
  Put(0, 100, minutes(10));
  Reload(FileWith(90, 10));
  const SplitState state = split_->State();
  EXPECT_THAT(state.weights, ElementsAre(90, 10));
  EXPECT_THAT(state.file_weights, ElementsAre(90, 10));
  EXPECT_EQ(state.source, WeightSource::kFile);
  EXPECT_EQ(state.generation, 4U);
  EXPECT_EQ(state.etag, "\"4-abc\"");
  EXPECT_FALSE(split_->Expire(now_ + minutes(10)));
}

// Also when the file comes to say what holds already.
TEST_F(SplitTest, KnowsWhatTheFileSaidLast) {
  Put(80, 20);
  Reload(FileWith(80, 20));
  EXPECT_EQ(split_->State().source, WeightSource::kFile);
  Put(70, 30);
  Reload(FileWith(80, 20));
  EXPECT_THAT(split_->State().weights, ElementsAre(70, 30));
}

TEST_F(SplitTest, IsNotChangedByASnapshotThatIsRefused) {
  Put(80, 20);
  EXPECT_EQ(Split::Next(FileWith(90, 10), split_, kLineage), split_);
  EXPECT_THAT(split_->State().weights, ElementsAre(80, 20));
  EXPECT_EQ(split_->State().generation, 2U);
}

TEST_F(SplitTest, BeginsAnewWithOtherBackends) {
  const Backends kOthers[] = {
      {{"legacy", 95}, {"billing", 5}, {"canary", 0}},
      {{"legacy", 95}, {"canary", 5}},
      {{"billing", 5}, {"legacy", 95}},
  };
  for (const Backends& backends : kOthers) {
    split_ = std::make_shared<Split>(FileWith(95, 5), kLineage);
    Put(80, 20);
    split_->RollBack({1, 0}, {RollbackReason::kManual, "by hand", {}});
    const std::shared_ptr<Split> before = split_;
    const config::Split file = FileWith(backends);
    const std::shared_ptr<Split> next = Split::Next(file, split_, kLineage + 1);
    Put(70, 30);  // while the snapshot is built
    next->Adopt(file, split_.get());
    EXPECT_NE(next, before);
    const SplitState state = next->State();
    EXPECT_EQ(state.weights.size(), backends.size());
    EXPECT_EQ(state.weights[0], backends[0].second);
    EXPECT_EQ(state.source, WeightSource::kFile);
    EXPECT_EQ(state.generation, 5U);
    EXPECT_EQ(state.etag, "\"5-abc\"");
    EXPECT_TRUE(state.last_rollback);
    // The old snapshot's goes on until its last request.
    EXPECT_THAT(before->State().weights, ElementsAre(70, 30));
  }
}

TEST_F(SplitTest, TellsASplitThatCameBackByItsETag) {
  const std::shared_ptr<Split> anew = Split::Next(FileWith(95, 5), nullptr, kLineage + 1);
  anew->Adopt(FileWith(95, 5), nullptr);
  EXPECT_EQ(anew->State().etag, "\"1-abd\"");
}

// Readers see all weights of one change. Their sum says so.
TEST_F(SplitTest, ChangesAllWeightsAtOnce) {
  constexpr std::uint32_t kSum = 1000;
  SharedWeights weights(Weights{kSum, 0, 0});
  std::atomic<bool> stop{false};
  std::atomic<int> reads{0};
  std::atomic<int> torn{0};
  constexpr int kReaders = 2;
  std::vector<std::thread> readers;
  readers.reserve(kReaders);
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const WeightsNow now = weights.Load();
        const auto all = now.all();
        if (all.size() != 3 || all[0] + all[1] + all[2] != kSum) ++torn;
        ++reads;
      }
    });
  }
  for (std::uint32_t i = 0; i < 200'000 || reads < 1000; ++i) {
    const std::uint32_t a = i % kSum;
    const std::uint32_t b = (kSum - a) / 2;
    weights.Store(Weights{a, b, kSum - a - b});
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(torn, 0);
}

TEST_F(SplitTest, IsUsedByManyThreads) {
  const std::shared_ptr<const Split> split = split_;
  std::atomic<bool> stop{false};
  std::thread reader([&stop, split] {
    for (std::uint64_t caller = 0; !stop; ++caller) EXPECT_LT(split->Choose(caller), 2U);
  });
  std::thread watcher([&stop, split] {
    while (!stop) EXPECT_EQ(split->State().weights.size(), 2U);
  });
  for (std::uint32_t i = 0; i < 2000; ++i) {
    Put(i, 1, seconds(1));
    split_->Expire(now_ + seconds(2));
    Reload(FileWith(95, 5 + i % 2));
  }
  stop = true;
  reader.join();
  watcher.join();
  EXPECT_EQ(split, split_);
  EXPECT_GT(split_->State().generation, 4000U);
}

TEST(WeightsForShare, AreExact) {
  const struct {
    Weights file;
    std::size_t to;
    std::uint32_t share;
    Weights expected;
  } cases[] = {
      {{95, 5}, 1, 25, {75, 25}},          {{95, 5}, 1, 0, {100, 0}},
      {{95, 5}, 1, 100, {0, 100}},         {{95, 5}, 0, 25, {25, 75}},
      {{100, 0}, 1, 5, {95, 5}},           {{0, 100}, 1, 25, {75, 25}},
      {{0, 0, 100}, 2, 50, {25, 25, 50}},  {{0, 1, 0}, 1, 5, {19, 2, 19}},
      {{0, 1, 0}, 1, 0, {50, 0, 50}},      {{60, 30, 10}, 2, 10, {60, 30, 10}},
      {{60, 30, 10}, 2, 25, {50, 25, 25}}, {{2, 1, 0}, 2, 50, {2, 1, 3}},
      {{7, 0, 3}, 1, 1, {693, 10, 297}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(WeightsForShare(c.file, c.to, c.share), c.expected)
        << testing::PrintToString(c.file) << " " << c.share;
  }
}

TEST(WeightsForShare, Fit) {
  const Weights kFiles[] = {{4'294'967'295, 0},
                            {4'294'967'293, 1, 1},
                            {42'949'673, 1},
                            {1'000'000'007, 2'000'000'011, 3}};
  for (const Weights& file : kFiles) {
    const std::size_t to = file.size() - 1;
    for (const std::uint32_t share : {0U, 1U, 33U, 99U, 100U}) {
      const Weights weights = WeightsForShare(file, to, share);
      std::uint64_t sum = 0;
      for (const std::uint32_t weight : weights) sum += weight;
      EXPECT_LE(sum, kMostWeight);
      EXPECT_EQ(weights[to] * std::uint64_t{100}, sum * share);
      for (std::size_t i = 0; i < to; ++i) EXPECT_EQ(weights[i] == 0, share == 100);
    }
  }
}

TEST_F(SplitTest, IsPrintedAsJson) {
  EXPECT_EQ(SplitAsJson(split_->State(), nullptr, now_), R"({"name": "migration",
  "weights": {"legacy": 95, "billing": 5},
  "source": "FILE",
  "why": "as in the configuration file",
  "generation": 1,
  "etag": "\"1-abc\"",
  "file_weights": {"legacy": 95, "billing": 5}}
)");
}

TEST_F(SplitTest, IsPrintedWithAllThatItMayHave) {
  const std::chrono::system_clock::time_point at{std::chrono::milliseconds(1'700'000'000'999)};
  split_->RollBack({1, 0}, {RollbackReason::kErrorRate, "\"all\" failed", at});
  Put(3, 1, seconds(90));
  RolloutState rollout{RolloutPhase::kHolding, "billing", 1, {5, 25, 100}, 2, "too few", {}};
  rollout.judged = {{40, 1, std::chrono::microseconds(12'300)}, {120, 0, std::chrono::seconds(2)}};
  EXPECT_EQ(SplitAsJson(split_->State(), &rollout, now_ + std::chrono::milliseconds(500)),
            R"({"name": "migration",
  "weights": {"legacy": 3, "billing": 1},
  "source": "ADMIN",
  "why": "set by an administrator for 1m30s",
  "generation": 3,
  "etag": "\"3-abc\"",
  "file_weights": {"legacy": 95, "billing": 5},
  "expires_in": "1m30s",
  "last_rollback": {"reason": "error_rate", "message": "\"all\" failed", "at": "2023-11-14T22:13:20Z"},
  "rollout": {"state": "HOLDING", "to": "billing", "share": 25, "step": 2, "steps": [5, 25, 100], "held": "too few", "figures": {"to": {"requests": 40, "errors": 1, "error_rate": 0.025, "p95_ms": 12.3}, "others": {"requests": 120, "errors": 0, "error_rate": 0, "p95_ms": 2000}}}}
)");
  EXPECT_THAT(SplitAsJson(split_->State(), nullptr, now_ + minutes(3)),
              HasSubstr("\"expires_in\": \"1s\""));
}

}  // namespace
}  // namespace puente

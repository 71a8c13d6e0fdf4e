#include "proxy/rollout_run.h"

#include <google/protobuf/util/message_differencer.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "config/duration_text.h"
#include "proxy/traffic/rollout_action.h"

namespace puente {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr int kTicksInWindow = 10;
constexpr auto kLongestTick = std::chrono::seconds(1);

}  // namespace

RolloutRun::RolloutRun(const config::Route& route, std::shared_ptr<Split> split,
                       std::vector<std::shared_ptr<TrafficStats>> stats,
                       const SplitMetrics& metrics, Beginning beginning)
    : options_(route.rollout()),
      file_(route.split()),
      split_(std::move(split)),
      stats_(std::move(stats)),
      metrics_(metrics),
      to_(split_->Find(options_.to()).value()),
      tick_(std::min<std::chrono::nanoseconds>(ToChrono(options_.window()) / kTicksInWindow,
                                               kLongestTick)),
      rollout_(options_, file_),
      beginning_(beginning) {}

bool RolloutRun::IsOf(const config::Route& route) const {
  return MessageDifferencer::Equals(options_, route.rollout());
}

bool RolloutRun::MovesSplitOf(const config::Route& route) const {
  return std::ranges::equal(file_.backends(), route.split().backends(),
                            [](const config::Backend& a, const config::Backend& b) {
                              return MessageDifferencer::Equals(a, b);
                            });
}

void RolloutRun::Begin(Time now) {
  if (std::exchange(begun_, true)) return;
  const RolloutAction first = rollout_.Start(now);
  if (beginning_ == Beginning::kFirstStep) {
    Do(first);
  } else {
    rollout_.WeightsWereSet();
    spdlog::info("split {}: its rollout has other options now, and is paused", split_->name());
  }
}

void RolloutRun::Tick(Time now) {
  if (!begun_ || now < next_tick_) return;
  next_tick_ = now + std::chrono::duration_cast<Time::duration>(tick_);
  TrafficCount others;
  for (std::size_t i = 0; i < stats_.size(); ++i) {
    if (i != to_) others += stats_[i]->Take();
  }
  Do(rollout_.Tick(now, stats_[to_]->Take(), others));
}

Result<void> RolloutRun::Pause() { return Do(rollout_.Pause()); }
Result<void> RolloutRun::Resume(Time now) { return Do(rollout_.Resume(now)); }
void RolloutRun::Promote() { Do(rollout_.Promote()); }
Result<void> RolloutRun::Abort() { return Do(rollout_.Abort()); }
void RolloutRun::RollBack(std::string message) { Do(rollout_.RollBack(std::move(message))); }

Result<void> RolloutRun::Do(Result<RolloutAction> action) {
  if (!action) return tl::unexpected(std::move(action.error()));
  Do(*action);
  return {};
}

void RolloutRun::Do(const RolloutAction& action) {
  if (action.kind == RolloutAction::Kind::kNone) return;
  Apply(action, std::chrono::system_clock::now(), *split_);
  if (action.kind == RolloutAction::Kind::kRollBack) {
    CountRollback(action.reason, metrics_);
    spdlog::warn("split {}: rolled back: {}", split_->name(), action.message);
  } else {
    spdlog::info("split {}: {}", split_->name(), action.message);
  }
}

void CountRollback(RollbackReason reason, const SplitMetrics& metrics) {
  switch (reason) {
    case RollbackReason::kErrorRate:
      return metrics.error_rate_rollbacks.Increment();
    case RollbackReason::kLatency:
      return metrics.latency_rollbacks.Increment();
    case RollbackReason::kManual:
      return metrics.manual_rollbacks.Increment();
  }
}

}  // namespace puente

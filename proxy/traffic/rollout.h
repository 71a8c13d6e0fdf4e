// Raises the share of one backend of a split step by step, and takes it back when it does worse
// than the others.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/puente.pb.h"
#include "proxy/traffic/rollout_action.h"
#include "proxy/traffic/rollout_judgement.h"
#include "proxy/traffic/split_weights.h"
#include "proxy/traffic/stats_window.h"
#include "proxy/traffic/traffic_stats.h"
#include "transcoder/error.h"

namespace puente {

enum class RolloutPhase {
  kRunning,  // a step is under way
  kHolding,  // the step's interval is over, but there are too few requests to judge; goes on, or is
             // rolled back, as soon as there are
  kPaused,   // by an operator, or by weights that were set; until Resume
  kCompleted,   // the last step's interval was good, or Promote; the end but for RollBack
  kRolledBack,  // `to` was worse, or RollBack; until Resume
  kAborted,     // until Resume
};
// "RUNNING".
std::string_view NameOf(RolloutPhase phase);

// As GET /splits/{name} shows it.
struct RolloutState {
  RolloutPhase phase = RolloutPhase::kCompleted;
  std::string to;
  std::size_t to_index = 0;  // among the split's backends
  std::vector<std::uint32_t> steps;
  std::size_t step = 0;  // the last that began, from 1; 0 when none has
  std::string held;      // why it does not go on; empty unless it is holding or paused
  struct Figures {
    TrafficFigures to, others;
  };
  std::optional<Figures> judged;  // what was looked at last
};

// A state machine without clock and threads: every call says what time it is, and gets what to do
// with the split's weights (rollout_action.h), at once. One thread at a time.
//
// Every tick judges the last `window` (rollout_judgement.h), and of its second half the latency:
// one that has become slow is not to be hidden by the many fast answers of before. Worse: back to 0
// at once. A step lasts `interval` and then until there are min_requests in the window; then the
// next begins. The last, 100 % usually, is watched for as long, and then the rollout is complete
// and judges no more. Neither does it while it is paused: the operator has taken over.
class Rollout {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `to` is one of at least two backends of `split`, the steps rise. A rollout lives as long as its
  // section and the split's entry in the file stay the same; over such reloads the object stays.
  Rollout(const config::Rollout& options, const config::Split& split);

  // Begins the first step above the share that the file gives `to`; completed at once when there is
  // none.
  // Called once, before all others.
  RolloutAction Start(Time now);
  // To be called about once a second, or ten times in a window if that is more often. What both
  // sides have had, `others` added up, counted since any time in the past: TrafficStats::Take.
  RolloutAction Tick(Time now, const TrafficCount& to, const TrafficCount& others);

  // What an operator asks for. FAILED_PRECONDITION with HTTP status 409 when the rollout is not in
  // a phase for it. Asked for what it does anyway, it does nothing.
  Result<RolloutAction> Pause();
  // A paused rollout begins its step again. One that was rolled back begins with the first of
  // `steps`, also where the file gives `to` more; one that was aborted as Start does.
  Result<RolloutAction> Resume(Time now);
  // All to `to`, at once and unwatched, in any phase.
  RolloutAction Promote();
  // The file's weights.
  Result<RolloutAction> Abort();
  // Nothing to `to`, in any phase.
  RolloutAction RollBack(std::string message);
  // The weights have been set by other hands: pauses a rollout that is under way.
  void WeightsWereSet();

  RolloutState State() const;

 private:
  RolloutAction BeginStep(std::size_t step, Time now);
  std::size_t StepToResume() const;
  RolloutAction RollBack(RollbackReason reason, std::string message);
  RolloutAction SetShare(std::uint32_t share, std::string message) const;
  Judgement JudgeWindow(Time now, const TrafficCount& to, const TrafficCount& others);
  Judgement JudgeRecent(const TrafficCount& to, const TrafficCount& others) const;
  bool IsUnderWay() const;

  const std::string to_;
  const std::vector<std::uint32_t> steps_;
  const std::chrono::nanoseconds interval_;
  const RolloutLimits limits_;
  const Weights file_weights_;
  const std::size_t to_index_;
  const std::size_t first_step_;  // steps_.size() when there is none to take

  RolloutPhase phase_ = RolloutPhase::kCompleted;
  std::size_t steps_begun_ = 0;  // up to the one that is under way
  Time step_began_;
  std::string held_;
  StatsWindow to_window_, others_window_;
  StatsWindow to_recent_, others_recent_;
  std::optional<RolloutState::Figures> judged_;
  Baseline baseline_;  // of the others
};

}  // namespace puente

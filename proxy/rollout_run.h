// A rollout under way: its state machine, the split it moves, and the figures it looks at.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "config/puente.pb.h"
#include "proxy/telemetry/metrics/metrics.h"
#include "proxy/traffic/rollout.h"
#include "proxy/traffic/split.h"
#include "proxy/traffic/traffic_stats.h"

namespace puente {

// For the control thread. What it does to the weights it logs, and counts where it is a rollback.
class RolloutRun {
 public:
  using Time = Rollout::Time;

  enum class Beginning {
    kFirstStep,
    // The weights stay what they are until somebody resumes: another rollout moved the same split.
    kPaused,
  };

  // `stats` are parallel to the split's backends.
  RolloutRun(const config::Route& route, std::shared_ptr<Split> split,
             std::vector<std::shared_ptr<TrafficStats>> stats, const SplitMetrics& metrics,
             Beginning beginning);
  RolloutRun(const RolloutRun&) = delete;
  RolloutRun& operator=(const RolloutRun&) = delete;

  // Whether `route` asks for a rollout with the same options; whether its split has the backends
  // and weights of this one's. With both, this rollout goes on over a reload.
  bool IsOf(const config::Route& route) const;
  bool MovesSplitOf(const config::Route& route) const;

  // Begins, the first time. To be called when the configuration is in force.
  void Begin(Time now);
  // Looks at what happened, some ten times in a window.
  void Tick(Time now);

  // What an operator asks for; errors as those of Rollout.
  Result<void> Pause();
  Result<void> Resume(Time now);
  void Promote();
  Result<void> Abort();
  void RollBack(std::string message);
  // The weights were set by other hands.
  void WeightsWereSet() { rollout_.WeightsWereSet(); }

  RolloutState State() const { return rollout_.State(); }

 private:
  Result<void> Do(Result<RolloutAction> action);
  void Do(const RolloutAction& action);

  const config::Rollout options_;
  const config::Split file_;
  const std::shared_ptr<Split> split_;
  const std::vector<std::shared_ptr<TrafficStats>> stats_;
  const SplitMetrics metrics_;
  const std::size_t to_;
  const std::chrono::nanoseconds tick_;
  Rollout rollout_;
  const Beginning beginning_;
  bool begun_ = false;
  Time next_tick_ = Time::min();
};

// Counts a rollback by its reason.
void CountRollback(RollbackReason reason, const SplitMetrics& metrics);

}  // namespace puente

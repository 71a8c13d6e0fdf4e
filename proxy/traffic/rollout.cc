#include "proxy/traffic/rollout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "config/duration_text.h"
#include "proxy/traffic/share_weights.h"

namespace puente {
namespace {

constexpr int kConflict = 409;
constexpr std::uint32_t kAll = 100;

Weights WeightsOfFile(const config::Split& split) {
  Weights weights;
  for (const config::Backend& backend : split.backends()) weights.push_back(backend.weight());
  return weights;
}

std::size_t IndexOf(const config::Split& split, std::string_view upstream) {
  const auto found = std::ranges::find(split.backends(), upstream, &config::Backend::upstream);
  assert(found != split.backends().end());
  return static_cast<std::size_t>(found - split.backends().begin());
}

// The first that is above weights[to] / sum.
std::size_t FirstStepAbove(const std::vector<std::uint32_t>& steps, const Weights& weights,
                           std::size_t to) {
  const auto sum = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
  const auto is_above = [&](std::uint32_t step) {
    return step * sum > std::uint64_t{kAll} * weights[to];
  };
  return static_cast<std::size_t>(std::ranges::find_if(steps, is_above) - steps.begin());
}

tl::unexpected<Error> Conflict(RolloutPhase phase) {
  return Fail(Code::kFailedPrecondition, fmt::format("the rollout is {}", NameOf(phase)),
              kConflict);
}

RollbackReason ReasonOf(Verdict verdict) {
  return verdict == Verdict::kSlower ? RollbackReason::kLatency : RollbackReason::kErrorRate;
}

}  // namespace

std::string_view NameOf(RolloutPhase phase) {
  switch (phase) {
    case RolloutPhase::kRunning:
      return "RUNNING";
    case RolloutPhase::kHolding:
      return "HOLDING";
    case RolloutPhase::kPaused:
      return "PAUSED";
    case RolloutPhase::kCompleted:
      return "COMPLETED";
    case RolloutPhase::kRolledBack:
      return "ROLLED_BACK";
    case RolloutPhase::kAborted:
      return "ABORTED";
  }
  return "";
}

Rollout::Rollout(const config::Rollout& options, const config::Split& split)
    : to_(options.to()),
      steps_(options.steps().begin(), options.steps().end()),
      interval_(ToChrono(options.interval())),
      limits_(LimitsOf(options)),
      file_weights_(WeightsOfFile(split)),
      to_index_(IndexOf(split, to_)),
      first_step_(FirstStepAbove(steps_, file_weights_, to_index_)),
      to_window_(ToChrono(options.window())),
      others_window_(ToChrono(options.window())),
      to_recent_(ToChrono(options.window()) / 2),
      others_recent_(ToChrono(options.window()) / 2) {}

RolloutAction Rollout::Start(Time now) { return BeginStep(first_step_, now); }

RolloutAction Rollout::Tick(Time now, const TrafficCount& to, const TrafficCount& others) {
  if (!IsUnderWay()) return {};
  Judgement judgement = JudgeWindow(now, to, others);
  switch (judgement.verdict) {
    case Verdict::kMoreErrors:
    case Verdict::kSlower:
      return RollBack(ReasonOf(judgement.verdict), std::move(judgement.message));
    case Verdict::kTooFewRequests:
      if (now - step_began_ < interval_) return {};
      phase_ = RolloutPhase::kHolding;
      held_ = std::move(judgement.message);
      return {};
    case Verdict::kGood:
      return now - step_began_ < interval_ ? RolloutAction{} : BeginStep(steps_begun_, now);
  }
  return {};
}

Judgement Rollout::JudgeWindow(Time now, const TrafficCount& to, const TrafficCount& others) {
  const TrafficCount to_window = to_window_.Advance(now, to);
  const TrafficCount others_window = others_window_.Advance(now, others);
  const TrafficCount to_recent = to_recent_.Advance(now, to);
  const TrafficCount others_recent = others_recent_.Advance(now, others);
  judged_ = {FiguresOf(to_window), FiguresOf(others_window)};
  if (judged_->others.requests >= limits_.min_requests) baseline_ = BaselineOf(others_window);
  Judgement judgement = Judge(limits_, to_window, baseline_);
  if (judgement.verdict == Verdict::kGood) judgement = JudgeRecent(to_recent, others_recent);
  return judgement;
}

Judgement Rollout::JudgeRecent(const TrafficCount& to, const TrafficCount& others) const {
  const bool is_enough =
      to.All() >= limits_.min_requests && others.Requests() >= limits_.min_requests;
  return is_enough ? JudgeLatency(limits_, to, *BaselineOf(others).latency) : Judgement{};
}

// After the last step the rollout is complete.
RolloutAction Rollout::BeginStep(std::size_t step, Time now) {
  held_.clear();
  if (step >= steps_.size()) {
    phase_ = RolloutPhase::kCompleted;
    return {};
  }
  phase_ = RolloutPhase::kRunning;
  steps_begun_ = step + 1;
  step_began_ = now;
  return SetShare(steps_[step], fmt::format("step {} of {} of the rollout: {} % to {}", step + 1,
                                            steps_.size(), steps_[step], to_));
}

RolloutAction Rollout::SetShare(std::uint32_t share, std::string message) const {
  return {RolloutAction::Kind::kSetWeights,
          WeightsForShare(file_weights_, to_index_, share),
          {},
          std::move(message)};
}

Result<RolloutAction> Rollout::Pause() {
  if (!IsUnderWay() && phase_ != RolloutPhase::kPaused) return Conflict(phase_);
  phase_ = RolloutPhase::kPaused;
  held_ = "paused by an administrator";
  return RolloutAction{};
}

Result<RolloutAction> Rollout::Resume(Time now) {
  if (IsUnderWay()) return RolloutAction{};
  if (phase_ == RolloutPhase::kCompleted) return Conflict(phase_);
  // What was counted in between happened under other weights.
  for (StatsWindow* window : {&to_window_, &others_window_, &to_recent_, &others_recent_}) {
    window->Clear();
  }
  return BeginStep(StepToResume(), now);
}

std::size_t Rollout::StepToResume() const {
  if (phase_ == RolloutPhase::kPaused) return steps_begun_ - 1;
  return phase_ == RolloutPhase::kRolledBack ? 0 : first_step_;
}

RolloutAction Rollout::Promote() {
  phase_ = RolloutPhase::kCompleted;
  held_.clear();
  return SetShare(kAll, "promoted by an administrator");
}

Result<RolloutAction> Rollout::Abort() {
  if (phase_ == RolloutPhase::kAborted) return RolloutAction{};
  if (!IsUnderWay() && phase_ != RolloutPhase::kPaused) return Conflict(phase_);
  phase_ = RolloutPhase::kAborted;
  held_.clear();
  return RolloutAction{
      RolloutAction::Kind::kRestoreFile, {}, {}, "the rollout was aborted by an administrator"};
}

RolloutAction Rollout::RollBack(std::string message) {
  return RollBack(RollbackReason::kManual, std::move(message));
}

RolloutAction Rollout::RollBack(RollbackReason reason, std::string message) {
  phase_ = RolloutPhase::kRolledBack;
  held_.clear();
  return {RolloutAction::Kind::kRollBack, WeightsForShare(file_weights_, to_index_, 0), reason,
          std::move(message)};
}

void Rollout::WeightsWereSet() {
  if (!IsUnderWay()) return;
  phase_ = RolloutPhase::kPaused;
  held_ = "weights were set by an administrator";
}

RolloutState Rollout::State() const {
  return {phase_, to_, to_index_, steps_, steps_begun_, held_, judged_};
}

bool Rollout::IsUnderWay() const {
  return phase_ == RolloutPhase::kRunning || phase_ == RolloutPhase::kHolding;
}

}  // namespace puente

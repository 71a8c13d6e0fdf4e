#include "proxy/split_control.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "proxy/traffic/split_json.h"
#include "proxy/traffic/weights_request.h"

namespace puente {
namespace {

constexpr std::string_view kManualRollback = "rolled back by an administrator";

// "legacy 80, billing 20"
std::string WeightsText(const SplitState& state) {
  std::string text;
  for (std::size_t i = 0; i < state.backends.size(); ++i) {
    text += fmt::format("{}{} {}", i > 0 ? ", " : "", state.backends[i], state.weights[i]);
  }
  return text;
}

}  // namespace

std::string DescribeSplit(const RoutePolicy& policy, SteadyNow now) {
  const SplitState state = policy.split->State();
  if (!policy.rollout) return SplitAsJson(state, nullptr, now);
  const RolloutState rollout = policy.rollout->State();
  return SplitAsJson(state, &rollout, now);
}

Result<void> PutWeights(const RoutePolicy& policy, std::string_view body,
                        std::optional<std::string_view> if_match, SteadyNow now) {
  const auto request = ParseWeightsRequest(body);
  if (!request) return tl::unexpected(request.error());
  const auto state = policy.split->Put(*request, if_match, now);
  if (!state) return tl::unexpected(state.error());
  if (policy.rollout) policy.rollout->WeightsWereSet();
  spdlog::info("split {}: weights {}, {}", state->name, WeightsText(*state), state->why);
  return {};
}

void RollBackSplit(const RoutePolicy& policy) {
  if (policy.rollout) {
    policy.rollout->RollBack(std::string(kManualRollback));
    return;
  }
  policy.split->RollBack(
      policy.split->State().file_weights,
      {RollbackReason::kManual, std::string(kManualRollback), std::chrono::system_clock::now()});
  CountRollback(RollbackReason::kManual, *policy.split_metrics);
  spdlog::warn("split {}: {}, to the weights of the file", policy.split_name, kManualRollback);
}

void ClearDifferences(const RoutePolicy& policy) {
  if (policy.shadow) policy.shadow->differences->Clear();
  spdlog::info("split {}: its differences were cleared by an administrator", policy.split_name);
}

Result<void> DriveRollout(const RoutePolicy& policy, std::string_view action, SteadyNow now) {
  if (!policy.rollout) return Fail(Code::kNotFound, "this split has no rollout");
  if (action == "pause") return policy.rollout->Pause();
  if (action == "resume") return policy.rollout->Resume(now);
  if (action == "abort") return policy.rollout->Abort();
  if (action != "promote") return Fail(Code::kNotFound, "expected pause, resume, promote or abort");
  policy.rollout->Promote();
  return {};
}

void TickSplit(const RoutePolicy& policy, SteadyNow now) {
  if (policy.split->Expire(now)) {
    const SplitState state = policy.split->State();
    spdlog::info("split {}: weights {}, {}", state.name, WeightsText(state), state.why);
  }
  if (policy.rollout) policy.rollout->Tick(now);
}

}  // namespace puente

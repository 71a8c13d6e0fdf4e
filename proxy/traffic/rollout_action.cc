#include "proxy/traffic/rollout_action.h"

namespace puente {

void Apply(const RolloutAction& action, std::chrono::system_clock::time_point at, Split& split) {
  switch (action.kind) {
    case RolloutAction::Kind::kNone:
      return;
    case RolloutAction::Kind::kSetWeights:
      return split.SetByRollout(action.weights, action.message);
    case RolloutAction::Kind::kRestoreFile:
      return split.RestoreFile(action.message);
    case RolloutAction::Kind::kRollBack:
      return split.RollBack(action.weights, {action.reason, action.message, at});
  }
}

}  // namespace puente

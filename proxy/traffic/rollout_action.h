// What a rollout asks for.
#pragma once

#include <chrono>
#include <string>

#include "proxy/traffic/split.h"
#include "proxy/traffic/split_state.h"

namespace puente {

struct RolloutAction {
  enum class Kind { kNone, kSetWeights, kRestoreFile, kRollBack };

  Kind kind = Kind::kNone;
  Weights weights;  // with kSetWeights and kRollBack; in the order of the split's backends
  RollbackReason reason = RollbackReason::kManual;  // with kRollBack
  std::string message;                              // why; empty with kNone
};

// Does it. `at` is what the note of a rollback says. The split has the backends that the rollout
// was made with.
void Apply(const RolloutAction& action, std::chrono::system_clock::time_point at, Split& split);

}  // namespace puente

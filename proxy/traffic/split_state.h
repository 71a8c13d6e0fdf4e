// What holds for a split, as a value.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/traffic/split_weights.h"

namespace puente {

// Where the weights come from.
enum class WeightSource { kFile, kAdmin, kRollout, kRollback };
// "FILE".
std::string_view NameOf(WeightSource source);

enum class RollbackReason { kErrorRate, kLatency, kManual };
// "error_rate", as in puente_rollbacks_total.
std::string_view NameOf(RollbackReason reason);

struct RollbackNote {
  RollbackReason reason = RollbackReason::kManual;
  std::string message;
  std::chrono::system_clock::time_point at;
};

struct SplitState {
  std::string name;
  std::vector<std::string> backends;
  Weights file_weights;
  Weights weights;  // those that hold
  WeightSource source = WeightSource::kFile;
  std::string why;               // the last change, in words
  std::uint64_t generation = 1;  // counts changes, over reloads too
  std::string etag;              // strong, with its quotes; of this generation in this process
  // When the weights go back to what they were before.
  std::optional<std::chrono::steady_clock::time_point> expires;
  std::optional<RollbackNote> last_rollback;
};

}  // namespace puente

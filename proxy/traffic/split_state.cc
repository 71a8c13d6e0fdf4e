#include "proxy/traffic/split_state.h"

namespace puente {

std::string_view NameOf(WeightSource source) {
  switch (source) {
    case WeightSource::kFile:
      return "FILE";
    case WeightSource::kAdmin:
      return "ADMIN";
    case WeightSource::kRollout:
      return "ROLLOUT";
    case WeightSource::kRollback:
      return "ROLLBACK";
  }
  return "";
}

std::string_view NameOf(RollbackReason reason) {
  switch (reason) {
    case RollbackReason::kErrorRate:
      return "error_rate";
    case RollbackReason::kLatency:
      return "latency";
    case RollbackReason::kManual:
      return "manual";
  }
  return "";
}

}  // namespace puente

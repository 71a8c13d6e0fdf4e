#include "proxy/upstream/target_health.h"

namespace puente {

std::string_view HealthStatusName(HealthStatus status) {
  switch (status) {
    case HealthStatus::kServing:
      return "SERVING";
    case HealthStatus::kUnknown:
      return "UNKNOWN";
    case HealthStatus::kNotServing:
      return "NOT_SERVING";
    case HealthStatus::kServiceUnknown:
      return "SERVICE_UNKNOWN";
    case HealthStatus::kUnreachable:
      return "UNREACHABLE";
  }
  return "";
}

}  // namespace puente

// How one target of an upstream is, and what asks it.
#pragma once

#include <string_view>

#include "proxy/http/task.h"
#include "transcoder/error.h"

namespace puente {

// What was found out. The better come first.
enum class HealthStatus {
  kServing,
  kUnknown,         // it lives, but has no health service
  kNotServing,      // or it would not say
  kServiceUnknown,  // it does not know the service that it was asked about
  kUnreachable,     // no connection, or no answer in time
};

// "NOT_SERVING".
std::string_view HealthStatusName(HealthStatus status);

// Whether requests may go there. What has no health service counts as up.
inline bool IsUp(HealthStatus status) { return status <= HealthStatus::kUnknown; }

struct TargetHealth {
  HealthStatus status = HealthStatus::kUnreachable;
  Code code = Code::kUnknown;  // how the call ended

  bool operator==(const TargetHealth&) const = default;
};

// One question to one target. Pinned; used by one thread, and destroyed only after Ask has
// completed.
class HealthProbe {
 public:
  HealthProbe() = default;
  virtual ~HealthProbe() = default;
  HealthProbe(const HealthProbe&) = delete;
  HealthProbe& operator=(const HealthProbe&) = delete;

  // Once.
  virtual Task<TargetHealth> Ask() = 0;

  // Ask completes soon, or at once when it is still to come.
  virtual void Cancel() = 0;
};

}  // namespace puente

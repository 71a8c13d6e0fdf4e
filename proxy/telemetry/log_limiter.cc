#include "proxy/telemetry/log_limiter.h"

#include <utility>

namespace puente {

std::optional<std::uint64_t> LogLimiter::Admit(Time now) {
  const std::lock_guard lock(mutex_);
  if (!second_begun_ || now - *second_begun_ >= std::chrono::seconds(1)) {
    second_begun_ = now;
    admitted_ = 0;
  }
  if (admitted_ == per_second_) {
    ++left_out_;
    return std::nullopt;
  }
  ++admitted_;
  return std::exchange(left_out_, 0);
}

}  // namespace puente

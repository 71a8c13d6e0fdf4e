#include "proxy/upstream/unavailable_log.h"

#include <spdlog/spdlog.h>

#include <chrono>

namespace puente {

void UnavailableLog::Report(std::string_view upstream, std::string_view reason) {
  using std::chrono::floor, std::chrono::seconds, std::chrono::steady_clock;
  const auto now = floor<seconds>(steady_clock::now().time_since_epoch()).count();
  if (reported_at_.exchange(now, std::memory_order_relaxed) == now) return;
  spdlog::warn("upstream {} is not available: {}", upstream, reason);
}

}  // namespace puente

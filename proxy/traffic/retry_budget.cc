#include "proxy/traffic/retry_budget.h"

#include <algorithm>

namespace puente {
namespace {

// How a slot is divided: twelve days of seconds, four million calls in each.
constexpr int kCountBits = 22;
constexpr int kStampBits = 20;
constexpr std::uint64_t kCountMask = (1u << kCountBits) - 1;
constexpr std::uint64_t kStampMask = (1u << kStampBits) - 1;

std::uint64_t NumberOf(RetryBudget::TimePoint now) {
  return static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
}

}  // namespace

std::uint64_t RetryBudget::Pack(Second second) {
  return (second.stamp & kStampMask) << (2 * kCountBits) | second.calls << kCountBits |
         second.retries;
}

RetryBudget::Second RetryBudget::Unpack(std::uint64_t packed) {
  return {packed >> (2 * kCountBits), packed >> kCountBits & kCountMask, packed & kCountMask};
}

void RetryBudget::CountCall(TimePoint now) { Add(NumberOf(now), {0, 1, 0}); }

// It is counted first and looked at then, so that of several threads no two take the same place.
bool RetryBudget::Take(TimePoint now) {
  const std::uint64_t number = NumberOf(now);
  Add(number, {0, 0, 1});
  if (IsWithin(number)) return true;
  PutBackRetry(number);
  return false;
}

void RetryBudget::Add(std::uint64_t number, Second what) {
  std::atomic<std::uint64_t>& slot = slots_[number % kSeconds];
  std::uint64_t seen = slot.load(std::memory_order_relaxed);
  // What the slot has is ten seconds old.
  while (Unpack(seen).stamp != (number & kStampMask)) {
    const std::uint64_t fresh = Pack({number, what.calls, what.retries});
    if (slot.compare_exchange_weak(seen, fresh, std::memory_order_relaxed)) return;
  }
  slot.fetch_add(Pack(what), std::memory_order_relaxed);
}

void RetryBudget::PutBackRetry(std::uint64_t number) {
  std::atomic<std::uint64_t>& slot = slots_[number % kSeconds];
  std::uint64_t seen = slot.load(std::memory_order_relaxed);
  while (Unpack(seen).stamp == (number & kStampMask) && Unpack(seen).retries > 0) {
    if (slot.compare_exchange_weak(seen, seen - 1, std::memory_order_relaxed)) return;
  }
}

bool RetryBudget::IsWithin(std::uint64_t number) const {
  std::uint64_t calls = 0;
  std::uint64_t retries = 0;
  for (const auto& slot : slots_) {
    const Second second = Unpack(slot.load(std::memory_order_relaxed));
    if (((number - second.stamp) & kStampMask) >= kSeconds) continue;
    calls += second.calls;
    retries += second.retries;
  }
  constexpr double kHundred = 100;
  const double share = static_cast<double>(calls) * percent_ / kHundred;
  return static_cast<double>(retries) <= std::max<double>(share, kAlwaysAllowed);
}

}  // namespace puente

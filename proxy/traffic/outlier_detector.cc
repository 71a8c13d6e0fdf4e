#include "proxy/traffic/outlier_detector.h"

#include <algorithm>

#include "config/duration_text.h"

namespace puente {
namespace {

constexpr std::uint32_t kLongestTimes = 10;
constexpr std::size_t kHundred = 100;

OutlierDetector::TimePoint::rep TicksOf(OutlierDetector::TimePoint time) {
  return time.time_since_epoch().count();
}

const config::OutlierDetection& OrDefault(const config::OutlierDetection* config) {
  return config != nullptr ? *config : config::OutlierDetection::default_instance();
}

}  // namespace

OutlierDetector::OutlierDetector(std::size_t targets, const config::OutlierDetection* config)
    : count_(targets),
      failures_(OrDefault(config).failures()),
      ejection_time_(ToChrono(OrDefault(config).ejection_time())),
      max_ejection_percent_(OrDefault(config).max_ejection_percent()),
      targets_(new Target[targets]) {}

bool OutlierDetector::IsIn(const Target& target, Ticks now) {
  return target.healthy.load(std::memory_order_relaxed) &&
         target.out_until.load(std::memory_order_relaxed) <= now;
}

bool OutlierDetector::IsUsable(std::size_t target, TimePoint now) const {
  const Ticks ticks = TicksOf(now);
  return IsIn(targets_[target], ticks) ||
         std::ranges::none_of(targets(), [&](const Target& one) { return IsIn(one, ticks); });
}

std::optional<OutlierDetector::Ejection> OutlierDetector::Report(std::size_t index, Outcome outcome,
                                                                 TimePoint now) {
  if (failures_ == 0 || outcome == Outcome::kNeutral) return std::nullopt;
  Target& target = targets_[index];
  if (outcome == Outcome::kSuccess) {
    // Read first: a word that nobody writes is in the cache of every worker.
    if (target.failures.load(std::memory_order_relaxed) != 0) {
      target.failures.store(0, std::memory_order_relaxed);
    }
    return std::nullopt;
  }
  if (target.out_until.load(std::memory_order_relaxed) > TicksOf(now)) return std::nullopt;
  if (target.failures.fetch_add(1, std::memory_order_relaxed) + 1 < failures_) return std::nullopt;
  return PutOut(target, now);
}

std::optional<OutlierDetector::Ejection> OutlierDetector::PutOut(Target& target, TimePoint now) {
  const std::scoped_lock lock(putting_out_);
  const Ticks ticks = TicksOf(now);
  const Ticks back_since = target.out_until.load(std::memory_order_relaxed);
  if (back_since > ticks || !MayPutOut(target, ticks)) return std::nullopt;
  const bool in_a_row = target.times > 0 && ticks - back_since < target.lasting.count();
  target.times = in_a_row ? std::min(target.times + 1, kLongestTimes) : 1;
  target.lasting = ejection_time_ * target.times;
  target.out_until.store(ticks + target.lasting.count(), std::memory_order_relaxed);
  const std::uint32_t failures = target.failures.exchange(0, std::memory_order_relaxed);
  return Ejection{failures, target.lasting};
}

bool OutlierDetector::MayPutOut(const Target& target, Ticks now) const {
  std::size_t out = 0;
  bool others = false;
  for (const Target& one : targets()) {
    if (one.out_until.load(std::memory_order_relaxed) > now) ++out;
    if (&one != &target && IsIn(one, now)) others = true;
  }
  return others && (out == 0 || (out + 1) * kHundred <= count_ * max_ejection_percent_);
}

void OutlierDetector::SetHealthy(std::size_t target, bool healthy) {
  targets_[target].healthy.store(healthy, std::memory_order_relaxed);
}

}  // namespace puente

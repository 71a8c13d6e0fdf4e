// Which targets of an upstream calls go to: not to those whose calls keep failing, nor to those
// that say, when they are asked, that they are not well.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <type_traits>

#include "config/puente.pb.h"
#include "proxy/traffic/failure_kind.h"

namespace puente {

// One for each upstream with several targets, shared by all workers. Thread-safe; only what puts a
// target out takes a lock.
class OutlierDetector {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // A target has been put out.
  struct Ejection {
    std::uint32_t failures;            // in a row
    std::chrono::nanoseconds lasting;  // from now on
  };

  // At first all `targets` are in use. nullptr: none is ever put out for its calls.
  OutlierDetector(std::size_t targets, const config::OutlierDetection* config);
  OutlierDetector(const OutlierDetector&) = delete;
  OutlierDetector& operator=(const OutlierDetector&) = delete;

  // Whether calls may go to this one. When none is left, calls go to all: some of them may be
  // better than their reputation.
  bool IsUsable(std::size_t target, TimePoint now) const;

  // A call to `target` has ended. After `failures` of them in a row it is put out for
  // `ejection_time`, and when that happens again before it has been back for as long as it was
  // away, for twice, three times, up to ten times as long. It stays when `max_ejection_percent`
  // are out already (one always may be), or when calls would have nowhere else to go. What ends
  // while it is out is not counted.
  std::optional<Ejection> Report(std::size_t target, Outcome outcome, TimePoint now);

  // What an active health check says: one bad answer takes a target out of use, one good one back.
  void SetHealthy(std::size_t target, bool healthy);

 private:
  // Ticks of the clock, which are nanoseconds: of a time_point there is no lock-free atomic for
  // sure.
  using Ticks = TimePoint::rep;
  static_assert(std::is_same_v<TimePoint::duration, std::chrono::nanoseconds>);
  static constexpr std::size_t kCacheLine = 64;

  // Each has a cache line of its own: workers write of targets that fail.
  struct alignas(kCacheLine) Target {
    std::atomic<std::uint32_t> failures{0};  // in a row
    std::atomic<Ticks> out_until{0};
    std::atomic<bool> healthy{true};
    // Of the last ejection, and how many there were in a row. Under the lock.
    std::chrono::nanoseconds lasting{0};
    std::uint32_t times = 0;
  };

  static bool IsIn(const Target& target, Ticks now);
  std::span<const Target> targets() const { return {targets_.get(), count_}; }
  std::optional<Ejection> PutOut(Target& target, TimePoint now);
  bool MayPutOut(const Target& target, Ticks now) const;

  const std::size_t count_;
  const std::uint32_t failures_;  // 0: none is put out
  const std::chrono::nanoseconds ejection_time_;
  const std::uint32_t max_ejection_percent_;
  const std::unique_ptr<Target[]> targets_;
  std::mutex putting_out_;
};

}  // namespace puente

// How many retries there may be: when most calls fail, trying them all again makes it worse.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "config/puente.pb.h"

namespace puente {

// One for each route, shared by all workers. Thread-safe and without locks: a call costs one
// addition, a retry reads ten words.
class RetryBudget {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // `budget_percent` of the calls of the last ten seconds (this second and the nine before it) may
  // be retries, and as many as this in any case.
  static constexpr std::uint32_t kAlwaysAllowed = 3;

  explicit RetryBudget(const config::Retry& config) : percent_(config.budget_percent()) {}
  RetryBudget(const RetryBudget&) = delete;
  RetryBudget& operator=(const RetryBudget&) = delete;

  // A call begins: its first try.
  void CountCall(TimePoint now);

  // Whether there may be one more retry, which counts when there may. Never is one allowed that is
  // too many; when several threads ask for the last one at the same moment, none of them may get
  // it.
  bool Take(TimePoint now);

 private:
  static constexpr std::size_t kSeconds = 10;

  // What happened in one second. In one word, so that a second that is over is forgotten with all
  // that was counted in it.
  struct Second {
    std::uint64_t stamp;  // which second it is: its number, as far as it fits
    std::uint64_t calls;
    std::uint64_t retries;
  };

  static std::uint64_t Pack(Second second);
  static Second Unpack(std::uint64_t packed);

  // `number` is that of a second of the clock.
  void Add(std::uint64_t number, Second what);
  void PutBackRetry(std::uint64_t number);
  bool IsWithin(std::uint64_t number) const;

  const double percent_;
  std::array<std::atomic<std::uint64_t>, kSeconds> slots_{};
};

}  // namespace puente

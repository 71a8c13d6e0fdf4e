// Keeps a log readable while everything fails.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace puente {

// Lets pass so many lines in each second. Thread-safe.
class LogLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit LogLimiter(std::uint64_t per_second) : per_second_(per_second) {}

  // nullopt: the line is left out. Otherwise how many were, since the last that was let pass. `now`
  // is about the same for all who ask at the same time.
  std::optional<std::uint64_t> Admit(Time now);

 private:
  const std::uint64_t per_second_;
  std::mutex mutex_;  // of what follows
  std::optional<Time> second_begun_;
  std::uint64_t admitted_ = 0;  // since then
  std::uint64_t left_out_ = 0;
};

}  // namespace puente

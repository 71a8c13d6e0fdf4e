// The traffic of the last half minute, or so.
#pragma once

#include <chrono>
#include <deque>

#include "proxy/traffic/traffic_stats.h"

namespace puente {

// A sliding window over a TrafficCount that only grows. One thread at a time.
//
// Requests that began in the window and still wait count in it as unanswered, from a tenth of the
// window on: a backend that answers nothing is a slow one.
class StatsWindow {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit StatsWindow(std::chrono::nanoseconds window);

  // What was counted in the last `window`, to a tenth of it (never more, unless it is called more
  // rarely than that: then since the last call). `total` is all that was ever counted. Nothing,
  // when it is called for the first time.
  TrafficCount Advance(Time now, const TrafficCount& total);
  // As if it had never been called.
  void Clear() { samples_.clear(); }

 private:
  struct Sample {
    Time at;
    TrafficCount total;
  };

  const std::chrono::nanoseconds window_;
  const std::chrono::nanoseconds slice_;
  std::deque<Sample> samples_;  // oldest first, a slice or more apart
};

}  // namespace puente

#include "proxy/traffic/stats_window.h"

namespace puente {

TrafficCount StatsWindow::Advance(Time now, const TrafficCount& total) {
  constexpr int kSlices = 10;
  while (samples_.size() > 1 && now - samples_.front().at > window_) samples_.pop_front();
  if (samples_.empty() || now - samples_.back().at >= window_ / kSlices) {
    samples_.push_back({now, total});
  }
  TrafficCount count = total;
  count -= samples_.front().total;
  return count;
}

}  // namespace puente

#include "proxy/traffic/stats_window.h"

namespace puente {
namespace {

constexpr int kSlices = 10;

}  // namespace

StatsWindow::StatsWindow(std::chrono::nanoseconds window)
    : window_(window), slice_(window / kSlices) {}

TrafficCount StatsWindow::Advance(Time now, const TrafficCount& total) {
  while (samples_.size() > 1 && now - samples_.front().at > window_) samples_.pop_front();
  if (samples_.empty() || now - samples_.back().at >= slice_) {
    samples_.push_back({now, total});
  }
  TrafficCount count = total;
  count -= samples_.front().total;
  count.CountWaiting(now, slice_, now - samples_.front().at);
  return count;
}

}  // namespace puente

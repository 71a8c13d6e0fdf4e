#include "proxy/traffic/stats_window.h"

#include <algorithm>

#include "proxy/traffic/latency_buckets.h"

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
  AddWaiting(now, total, count);
  return count;
}

// Of the requests that had begun when a sample was taken, those wait that are more than have ended
// since the window began.
void StatsWindow::AddWaiting(Time now, const TrafficCount& total, TrafficCount& count) const {
  const TrafficCount& begin = samples_.front().total;
  const std::uint64_t ended = total.waits_ended - begin.waits_ended;
  std::uint64_t older = 0;  // have waited for longer
  for (const Sample& sample : samples_) {
    if (now - sample.at < slice_) return;
    const std::uint64_t begun = sample.total.waits_begun - begin.waits_begun;
    const std::uint64_t waiting = begun - std::min(begun, ended);
    count.buckets[LatencyBucket(now - sample.at)] += waiting - older;
    older = waiting;
  }
}

}  // namespace puente

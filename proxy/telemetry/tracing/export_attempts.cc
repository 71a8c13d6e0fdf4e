#include "proxy/telemetry/tracing/export_attempts.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>

namespace puente {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kFirstPause(500);
constexpr milliseconds kLongestPause(5000);

// Many proxies that lost the same collector must not come back at the same moment.
milliseconds WithJitter(milliseconds pause) {
  thread_local std::minstd_rand generator{std::random_device{}()};
  std::uniform_real_distribution<double> factor(0.8, 1.2);
  return std::chrono::duration_cast<milliseconds>(pause * factor(generator));
}

// False: a stop was requested.
bool PauseFor(milliseconds pause, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any nothing;
  std::unique_lock lock(mutex);
  nothing.wait_for(lock, stop, pause, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

ExportResult ExportWithRetries(std::size_t spans, milliseconds timeout, const std::stop_token& stop,
                               const std::function<ExportAttempt(ExportDeadline)>& attempt) {
  ExportResult cancelled{spans, "the export was cancelled"};
  const ExportDeadline deadline = Clock::now() + timeout;
  milliseconds next_pause = kFirstPause;
  while (!stop.stop_requested()) {
    ExportAttempt ended = attempt(deadline);
    if (!ended.may_retry) return std::move(ended.result);
    // A collector may ask for a longer pause, not for a shorter one.
    const milliseconds pause =
        std::max(WithJitter(next_pause), ended.pause.value_or(milliseconds(0)));
    next_pause = std::min(next_pause * 2, kLongestPause);
    if (Clock::now() + pause >= deadline) return std::move(ended.result);
    if (!PauseFor(pause, stop)) return cancelled;
  }
  return cancelled;
}

}  // namespace puente

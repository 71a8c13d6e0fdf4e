#include "proxy/drain.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "config/duration_text.h"
#include "proxy/http/event.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// The last part, in which those connections are asked to end that never would: at most.
constexpr auto kFarewellTime = std::chrono::seconds(2);
constexpr auto kPoll = std::chrono::milliseconds(20);

}  // namespace

Task<bool> Drain::Run(config::Drain config) {
  const nanoseconds delay = ToChrono(config.delay());
  const nanoseconds timeout = ToChrono(config.timeout());
  spdlog::info("draining: not ready any more, accepting for {} more", FormatDuration(delay));
  OnEachWorker([](ServingWorker& worker) { worker.draining = true; });
  co_await Delay(delay);
  listeners_.AcceptLast();
  listeners_.Close();
  OnEachWorker([](ServingWorker& worker) { worker.worker.connections().CloseIdle(); });
  const nanoseconds farewell = std::min<nanoseconds>(kFarewellTime, timeout / 4);
  bool clean = co_await WaitForConnections(timeout - farewell, &ConnectionRegistry::CloseIdle);
  if (!clean) clean = co_await WaitForConnections(farewell, &ConnectionRegistry::AskToEnd);
  if (!clean) {
    spdlog::warn("draining: {} connections are still busy after {}, and are cut",
                 connections_.open.load(), FormatDuration(timeout));
  }
  spdlog::info("drained");
  co_return clean;
}

Task<> Drain::Delay(nanoseconds delay) {
  const auto end = steady_clock::now() + delay;
  while (!given_up_ && steady_clock::now() < end) co_await Sleep(kPoll);
}

// Calls `hasten` again and again: a connection may have become idle since, a request that was being
// read, say, and whose answer came before the flag.
Task<bool> Drain::WaitForConnections(nanoseconds timeout, void (ConnectionRegistry::*hasten)()) {
  const auto deadline = steady_clock::now() + timeout;
  while (connections_.open.load(std::memory_order_acquire) > 0) {
    if (given_up_ || steady_clock::now() >= deadline) co_return false;
    co_await Sleep(kPoll);
    OnEachWorker([hasten](ServingWorker& worker) { (worker.worker.connections().*hasten)(); });
  }
  co_return true;
}

Task<> Drain::Sleep(nanoseconds duration) {
  Event never(executor_);
  co_await never.WaitFor(duration);
}

template <class Action>
void Drain::OnEachWorker(Action action) {
  for (const auto& worker : workers_) {
    worker->worker.Post([&target = *worker, action] { action(target); });
  }
}

}  // namespace puente

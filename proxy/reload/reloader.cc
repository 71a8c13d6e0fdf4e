#include "proxy/reload/reloader.h"

#include <exception>
#include <utility>

namespace puente {
namespace {

ReloadReport Refusal(std::string why) {
  ReloadReport report;
  report.problems.push_back(Problem{.message = std::move(why)});
  return report;
}

void TellStopped(const Reloader::Done& done) {
  if (done) done(Refusal("the process ends"));
}

}  // namespace

Reloader::Reloader(Reload reload)
    : reload_(std::move(reload)), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void Reloader::Request(std::string cause, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_) {
      waiting_.push_back({std::move(cause), std::move(done)});
      wake_.notify_one();
      return;
    }
  }
  TellStopped(done);
}

ReloadReport Reloader::TryReload() const {
  try {
    return reload_();
  } catch (const std::exception& failure) {
    return Refusal(failure.what());
  }
}

void Reloader::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  std::deque<Waiting> left;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    left = std::exchange(waiting_, {});
  }
  for (const Waiting& request : left) TellStopped(request.done);
}

void Reloader::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, stop, [this] { return !waiting_.empty(); });
    if (stop.stop_requested()) return;
    const std::deque<Waiting> requests = std::exchange(waiting_, {});
    lock.unlock();
    Serve(requests);
  }
}

void Reloader::Serve(const std::deque<Waiting>& requests) {
  std::string causes;
  for (const Waiting& request : requests) {
    if (causes.find(request.cause) != causes.npos) continue;
    causes += (causes.empty() ? "" : ", ") + request.cause;
  }
  const ReloadReport report = TryReload();
  LogReload(report, causes);
  for (const Waiting& request : requests) {
    if (request.done) request.done(report);
  }
}

}  // namespace puente

// Reloads, one after the other, on a thread of their own.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "proxy/reload/reload_report.h"

namespace puente {

// Thread-safe.
class Reloader {
 public:
  // Reads and builds all anew, and may take its time. Called on the reloader's thread.
  using Reload = std::function<ReloadReport()>;
  using Done = std::function<void(const ReloadReport& report)>;

  explicit Reloader(Reload reload);
  // As Stop.
  ~Reloader() { Stop(); }
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  // Reloads soon, because of `cause` ("SIGHUP"), writes the report to the log, and calls `done` on
  // the reloader's thread. Requests that wait together are one reload; after Stop all that is told
  // is that the process ends, at once.
  void Request(std::string cause, Done done = nullptr);

  // Returns when nothing is called any more; waits for a reload that runs. Not on its own thread.
  void Stop();

 private:
  struct Waiting {
    std::string cause;
    Done done;
  };

  void Run(const std::stop_token& stop);
  ReloadReport TryReload() const;
  void Serve(const std::deque<Waiting>& requests);

  const Reload reload_;
  std::mutex mutex_;  // of the next two
  std::deque<Waiting> waiting_;
  bool stopped_ = false;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace puente

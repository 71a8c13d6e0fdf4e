#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/connection.h"

namespace puente::bench {

struct LoadPlan {
  std::uint16_t port = 0;
  std::string request;  // head and body, as they are sent
  int connections = 1;
  std::chrono::nanoseconds duration{};
  double rate =
      0;  // requests per second; 0: each connection sends its next when the last is answered
};

struct LoadResult {
  // From when a request was due until its answer was complete: a request that waits because those
  // before it are slow has waited, too. Of one that was still unanswered at the end, what it had
  // waited by then.
  std::vector<std::chrono::nanoseconds> latencies;
  // How late this program itself was: from due to sent, where a connection was free.
  std::vector<std::chrono::nanoseconds> lateness;
  std::size_t unanswered = 0;
  std::chrono::nanoseconds elapsed{};
};

// Sends requests on a timetable (or one after the other) on one thread. Throws std::runtime_error
// when a request fails.
class LoadRun {
 public:
  explicit LoadRun(LoadPlan plan);
  ~LoadRun();
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;

  LoadResult Run();

 private:
  struct Idle {
    Connection* connection;
    Clock::time_point since;
  };

  bool Unfinished(Clock::time_point now) const;
  void SendDue(Clock::time_point now);
  void Wait(Clock::time_point now);
  void Answered(Connection& connection);
  void CountUnanswered(Clock::time_point now);
  Clock::time_point NextDue() const;

  const LoadPlan plan_;
  const int epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::deque<Idle> idle_;
  Clock::time_point begin_;
  Clock::time_point end_;
  std::int64_t sent_ = 0;
  LoadResult result_;
};

}  // namespace puente::bench

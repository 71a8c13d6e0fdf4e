// Something that a coroutine waits for and another one, or a callback of the same thread, brings
// about.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>

#include "proxy/http/task.h"

namespace puente {

// Once set it stays set. One coroutine may wait at a time. One thread.
class Event {
 public:
  explicit Event(Executor executor) : timer_(executor) {}

  void Set() {
    set_ = true;
    timer_.cancel();
  }
  bool is_set() const { return set_; }

  Task<> Wait();
  // False: it was not set within `timeout`.
  Task<bool> WaitFor(std::chrono::nanoseconds timeout);

 private:
  using Clock = std::chrono::steady_clock;

  Task<bool> WaitUntil(Clock::time_point deadline);

  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer_;
  bool set_ = false;
};

}  // namespace puente

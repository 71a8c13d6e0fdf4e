// Ends a call whose first answer does not come.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <memory>

#include "proxy/http/task.h"
#include "proxy/upstream/grpc_call.h"

namespace puente {

// Cancels `call` when Stop is not called in time. On the executor's thread.
class AnswerTimer {
 public:
  AnswerTimer(Executor executor, GrpcCall& call) : timer_(executor), call_(call) {}
  ~AnswerTimer() { Stop(); }
  AnswerTimer(const AnswerTimer&) = delete;
  AnswerTimer& operator=(const AnswerTimer&) = delete;

  // Does nothing after Stop. A `timeout` of years is none.
  void Start(std::chrono::nanoseconds timeout);
  void Stop();
  bool expired() const { return *state_ == State::kExpired; }

 private:
  using Clock = std::chrono::steady_clock;
  enum class State { kWaiting, kStopped, kExpired };

  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer_;
  GrpcCall& call_;
  // Shared with a handler that may already be queued when the timer is cancelled.
  std::shared_ptr<State> state_ = std::make_shared<State>(State::kWaiting);
};

}  // namespace puente

// What ends a call from outside: its client going away, or its first message not coming.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <memory>

#include "proxy/http/exchange.h"
#include "proxy/upstream/grpc_call.h"

namespace puente {

// Cancels `call` when the client of `exchange` goes away, as long as the watch exists.
class ClientWatch {
 public:
  ClientWatch(Exchange& exchange, GrpcCall& call);
  ~ClientWatch() { exchange_.StopWatchingClient(); }
  ClientWatch(const ClientWatch&) = delete;
  ClientWatch& operator=(const ClientWatch&) = delete;

 private:
  Exchange& exchange_;
};

// Cancels `call` when Stop is not called within `timeout`. On the executor's thread.
class FirstMessageTimer {
 public:
  FirstMessageTimer(Executor executor, std::chrono::nanoseconds timeout, GrpcCall& call);
  ~FirstMessageTimer() { Stop(); }
  FirstMessageTimer(const FirstMessageTimer&) = delete;
  FirstMessageTimer& operator=(const FirstMessageTimer&) = delete;

  void Stop();
  bool expired() const { return *state_ == State::kExpired; }

 private:
  enum class State { kWaiting, kStopped, kExpired };

  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      timer_;
  // Shared with a handler that may already be queued when the timer is cancelled.
  std::shared_ptr<State> state_ = std::make_shared<State>(State::kWaiting);
};

}  // namespace puente

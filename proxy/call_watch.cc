#include "proxy/call_watch.h"

namespace puente {

ClientWatch::ClientWatch(Exchange& exchange, GrpcCall& call) : exchange_(exchange) {
  exchange_.WatchClient([&call] { call.Cancel(); });
}

FirstMessageTimer::FirstMessageTimer(Executor executor, std::chrono::nanoseconds timeout,
                                     GrpcCall& call)
    : timer_(executor) {
  timer_.expires_after(timeout);
  timer_.async_wait([state = state_, &call](boost::system::error_code ec) {
    if (ec || *state != State::kWaiting) return;
    *state = State::kExpired;
    call.Cancel();
  });
}

void FirstMessageTimer::Stop() {
  if (*state_ == State::kWaiting) *state_ = State::kStopped;
  timer_.cancel();
}

}  // namespace puente

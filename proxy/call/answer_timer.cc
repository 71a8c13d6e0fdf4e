#include "proxy/call/answer_timer.h"

namespace puente {

void AnswerTimer::Start(std::chrono::nanoseconds timeout) {
  const auto now = Clock::now();
  if (*state_ != State::kWaiting || timeout >= Clock::time_point::max() - now) return;
  timer_.expires_at(now + timeout);
  timer_.async_wait([state = state_, this](boost::system::error_code ec) {
    if (ec || *state != State::kWaiting) return;
    *state = State::kExpired;
    call_.Cancel();
  });
}

void AnswerTimer::Stop() {
  if (*state_ == State::kWaiting) *state_ = State::kStopped;
  timer_.cancel();
}

}  // namespace puente

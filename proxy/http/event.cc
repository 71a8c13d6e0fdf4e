#include "proxy/http/event.h"

#include <boost/asio/redirect_error.hpp>

namespace puente {

Task<> Event::Wait() { co_await WaitUntil(Clock::time_point::max()); }

Task<bool> Event::WaitFor(std::chrono::nanoseconds timeout) {
  co_return co_await WaitUntil(Clock::now() + timeout);
}

Task<bool> Event::WaitUntil(Clock::time_point deadline) {
  if (!set_) {
    timer_.expires_at(deadline);
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(use_task, ignored));
  }
  co_return set_;
}

}  // namespace puente

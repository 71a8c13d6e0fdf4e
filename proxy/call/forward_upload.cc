#include "proxy/call/forward_upload.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <string>
#include <utility>

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// From when on the rate of a body counts.
constexpr auto kGrace = std::chrono::seconds(5);

}  // namespace

ForwardUpload::ForwardUpload(Exchange& exchange, HttpCall& call, std::chrono::nanoseconds patience,
                             std::function<void()> complete)
    : exchange_(exchange),
      call_(call),
      patience_(patience),
      complete_(std::move(complete)),
      done_(exchange.executor()) {}

void ForwardUpload::Start() {
  asio::co_spawn(exchange_.executor(), Run(), [this](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
    done_.Set();
  });
}

Task<> ForwardUpload::Stop() {
  stopping_ = true;
  if (sent_all_) {
    exchange_.StopWatchingClient();
  } else {
    exchange_.InterruptBody();
    // The answer has come, and nobody is to wait until the upstream takes more.
    call_.Cancel();
  }
  co_await done_.Wait();
}

Task<> ForwardUpload::Run() {
  Result<bool> more = true;
  while (more && *more && !stopping_) more = co_await SendSome();
  if (stopping_) co_return;
  if (!more) {
    outcome_ = tl::unexpected(std::move(more.error()));
    call_.Cancel();
  } else if (sent_all_) {
    complete_();
    exchange_.WatchClient([this] { call_.Cancel(); });
  }
}

// The client need not send faster than the upstream takes it: only waiting for the client counts.
nanoseconds ForwardUpload::Patience() const {
  const std::uint64_t rate = exchange_.min_body_rate();
  if (rate == 0) return patience_;
  const nanoseconds allowed =
      kGrace + std::chrono::milliseconds(exchange_.body_received() * 1000 / rate);
  return std::clamp<nanoseconds>(allowed - waited_, nanoseconds(1), patience_);
}

// False: there is no more to send, or nobody takes it.
Task<Result<bool>> ForwardUpload::SendSome() {
  // A wait for the client, and one for the upstream.
  const auto began = steady_clock::now();
  call_.SetDeadline(began + 2 * patience_);
  std::string piece;
  const Result<bool> more = co_await exchange_.ReadBodySome(piece, Patience());
  waited_ += steady_clock::now() - began;
  if (!more) co_return more;
  if (*more) {
    const bool taken = co_await call_.WriteBody(piece);
    co_return taken;
  }
  sent_all_ = co_await call_.EndBody();
  co_return false;
}

}  // namespace puente

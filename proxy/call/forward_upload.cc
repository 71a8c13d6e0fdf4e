#include "proxy/call/forward_upload.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <string>
#include <utility>

namespace puente {

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

// False: there is no more to send, or nobody takes it.
Task<Result<bool>> ForwardUpload::SendSome() {
  // A wait for the client, and one for the upstream.
  call_.SetDeadline(std::chrono::steady_clock::now() + 2 * patience_);
  std::string piece;
  const Result<bool> more = co_await exchange_.ReadBodySome(piece, patience_);
  if (!more) co_return more;
  if (*more) {
    const bool taken = co_await call_.WriteBody(piece);
    co_return taken;
  }
  sent_all_ = co_await call_.EndBody();
  co_return false;
}

}  // namespace puente

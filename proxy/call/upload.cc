#include "proxy/call/upload.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace puente {

Upload::Upload(Executor executor, GrpcCall& call, RequestMessages& messages, Event& started,
               std::function<void()> complete)
    : executor_(executor),
      call_(call),
      messages_(messages),
      started_(started),
      complete_(std::move(complete)),
      done_(executor) {}

void Upload::Start() {
  asio::co_spawn(executor_, Run(), [this](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
    done_.Set();
  });
}

Task<> Upload::Stop() {
  stopping_ = true;
  messages_.Interrupt();
  co_await done_.Wait();
}

Task<> Upload::Run() {
  const bool all_sent = co_await SendAll();
  if (!all_sent || stopping_) co_return;
  Error departure = co_await messages_.AwaitDeparture();
  Fail(std::move(departure));
}

Task<bool> Upload::SendAll() {
  while (!stopping_) {
    NextMessage next = co_await messages_.Next();
    if (!next) {
      Fail(std::move(next.error()));
      co_return false;
    }
    const bool last = !next->has_value() || (*next)->last;
    if (last) complete_();
    const bool sent = co_await Send(*std::move(next));
    if (!sent || last) co_return sent;
  }
  co_return false;
}

// An upstream that is slow to take it must not keep the client's departure from being noticed.
Task<bool> Upload::Send(std::optional<RequestMessage> message) {
  messages_.Watch([this] { Fail({Code::kCancelled, "the client went away", 0, {}, {}}); });
  co_await started_.Wait();
  bool sent = false;
  if (!message) {
    sent = co_await call_.WritesDone();
  } else if (message->last) {
    sent = co_await call_.WriteLast(std::move(message->bytes));
  } else {
    sent = co_await call_.Write(std::move(message->bytes));
  }
  messages_.StopWatching();
  co_return sent;
}

void Upload::Fail(Error error) {
  if (stopping_) return;
  outcome_ = tl::unexpected(std::move(error));
  call_.Cancel();
}

}  // namespace puente

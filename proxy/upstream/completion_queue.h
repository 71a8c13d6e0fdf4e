// The only bridge between grpc++'s completion queues and coroutines.
#pragma once

#include <atomic>
#include <boost/asio/async_result.hpp>
#include <utility>

#include "proxy/http/task.h"

namespace puente {

// What grpc++ calls a tag: told once, on the thread that empties the queue, that its operation is
// done.
class CompletionTag {
 public:
  virtual void Complete(bool ok) = 0;

  // Order what was done before an operation was started before what is done when it has completed.
  // gRPC does so by itself, but a ThreadSanitizer that has not seen gRPC compiled can't know.
  void HandOver() { handed_over_.store(true, std::memory_order_release); }
  void TakeOver() const { static_cast<void>(handed_over_.load(std::memory_order_acquire)); }

 protected:
  ~CompletionTag() = default;

 private:
  std::atomic<bool> handed_over_{false};
};

namespace internal {

// Resumes the coroutine.
template <class Handler>
class Operation final : public CompletionTag {
 public:
  explicit Operation(Handler handler) : handler_(std::move(handler)) {}

  void Complete(bool ok) override {
    Handler handler = std::move(handler_);
    delete this;
    std::move(handler)(ok);
  }

 private:
  Handler handler_;
};

}  // namespace internal

// Starts an operation of grpc++ and waits until it is done: `start(tag)` hands `tag` to it. The
// queue must be emptied on this thread (EventLoop does). The result is the `ok` of grpc++. The
// operation can't be abandoned: cancel the call and wait.
template <class Start>
Task<bool> AwaitCompletion(Start start) {
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void(bool)>(
      [start = std::move(start)](auto handler) mutable {
        CompletionTag* tag = new internal::Operation<decltype(handler)>(std::move(handler));
        tag->HandOver();
        start(static_cast<void*>(tag));
      },
      use_task);
}

}  // namespace puente

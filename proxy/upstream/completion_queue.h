// The only bridge between grpc++'s completion queues and coroutines.
#pragma once

#include <grpcpp/completion_queue.h>

#include <atomic>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <thread>
#include <utility>

#include "proxy/http/task.h"

namespace puente {

// What grpc++ calls a tag: told once, on the queue's thread, that its operation is done.
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

// A completion queue and the thread that empties it.
class CompletionQueueThread {
 public:
  CompletionQueueThread();
  // All operations must have completed, or been cancelled.
  ~CompletionQueueThread();
  CompletionQueueThread(const CompletionQueueThread&) = delete;
  CompletionQueueThread& operator=(const CompletionQueueThread&) = delete;

  grpc::CompletionQueue& queue() { return queue_; }

 private:
  grpc::CompletionQueue queue_;
  std::thread thread_;
};

namespace internal {

// Completes on the queue's thread, and resumes the coroutine on its own.
template <class Handler>
class Operation final : public CompletionTag {
 public:
  explicit Operation(Handler handler)
      : handler_(std::move(handler)), work_(asio::get_associated_executor(handler_)) {}

  void Complete(bool ok) override {
    const std::unique_ptr<Operation> self(this);
    asio::post(work_.get_executor(),
               [handler = std::move(handler_), ok]() mutable { std::move(handler)(ok); });
  }

 private:
  Handler handler_;
  asio::executor_work_guard<asio::associated_executor_t<Handler>> work_;
};

}  // namespace internal

// Starts an operation of grpc++ and waits until it is done: `start(tag)` hands `tag` to it. The
// result is the `ok` of grpc++. The operation can't be abandoned: cancel the call and wait.
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

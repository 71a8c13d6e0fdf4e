// One thread that serves sockets and gRPC calls alike.
#pragma once

#include <grpcpp/completion_queue.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <functional>

#include "proxy/http/task.h"
#include "proxy/upstream/poll_guest.h"

namespace puente {

// An io_context and a completion queue. What waits for either is resumed on the thread of Run, and
// there alone, so that nothing on it needs a lock and no answer changes threads.
class EventLoop final : private PollGuest {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Work that other threads give to the context is noticed only when it comes through Post.
  asio::io_context& context() { return context_; }
  Executor executor() { return context_.get_executor(); }
  grpc::CompletionQueue& queue() { return queue_; }

  // Runs `action` on the loop's thread, soon. Any thread.
  void Post(std::function<void()> action);

  // Serves until Stop, and after it until all calls and operations have ended. Once.
  void Run();
  // On the loop's thread.
  void Stop();

 private:
  int descriptor() const override { return reactor_descriptor_; }
  bool has_pending() const override { return has_pending_; }
  std::size_t RunReady() override;
  void ServeCompletions();
  void AwaitWake();

  asio::io_context context_{1};
  asio::executor_work_guard<Executor> work_;
  grpc::CompletionQueue queue_;
  const int reactor_descriptor_;
  bool stopping_ = false;
  bool has_pending_ = true;      // completions may have posted something to the context
  std::size_t completions_ = 0;  // since RunReady
  asio::posix::basic_stream_descriptor<Executor> wake_;  // an eventfd
};

}  // namespace puente

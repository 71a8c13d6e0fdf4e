// A worker: the thread that a share of the connections lives on, and the completion queue of their
// gRPC calls.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

#include "proxy/http/connection_registry.h"
#include "proxy/http/task.h"
#include "proxy/upstream/completion_queue.h"

namespace puente {

class Worker {
 public:
  Worker();
  // Stops and joins. All connections must have ended.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  asio::io_context& context() { return context_; }
  Executor executor() { return context_.get_executor(); }
  CompletionQueueThread& completions() { return completions_; }
  ConnectionRegistry& connections() { return connections_; }

  // Runs `action` on the worker's thread, soon.
  void Post(std::function<void()> action);

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<Executor> work_;
  CompletionQueueThread completions_;
  ConnectionRegistry connections_;
  std::thread thread_;
};

}  // namespace puente

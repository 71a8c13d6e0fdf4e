// A worker: the thread that a share of the connections lives on, with their gRPC calls.
#pragma once

#include <functional>
#include <thread>

#include "proxy/event_loop.h"
#include "proxy/http/connection_registry.h"

namespace puente {

class Worker {
 public:
  Worker();
  // Stops and joins. All connections must have ended.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  Executor executor() { return loop_.executor(); }
  grpc::CompletionQueue& queue() { return loop_.queue(); }
  ConnectionRegistry& connections() { return connections_; }

  // Runs `action` on the worker's thread, soon. Any thread.
  void Post(std::function<void()> action) { loop_.Post(std::move(action)); }

 private:
  EventLoop loop_;
  ConnectionRegistry connections_;
  std::thread thread_;
};

}  // namespace puente

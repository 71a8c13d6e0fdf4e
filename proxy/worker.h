// A worker: the thread that a share of the connections lives on, with their calls.
#pragma once

#include <cstddef>
#include <functional>
#include <thread>

#include "proxy/event_loop.h"
#include "proxy/http/connection_registry.h"
#include "proxy/upstream/grpc_call.h"
#include "proxy/upstream/http_lane.h"

namespace puente {

class Worker {
 public:
  // `index` is its number among the workers, from 0.
  explicit Worker(std::size_t index);
  // Stops and joins. All client connections must have ended.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  Executor executor() { return loop_.executor(); }
  grpc::CompletionQueue& queue() { return loop_.queue(); }
  ConnectionRegistry& connections() { return connections_; }
  // Where its calls go.
  const CallLane& call_lane() const { return call_lane_; }
  HttpLane& http_lane() { return http_lane_; }

  // Runs `action` on the worker's thread, soon. Any thread.
  void Post(std::function<void()> action) { loop_.Post(std::move(action)); }

 private:
  EventLoop loop_;
  const CallLane call_lane_;
  HttpLane http_lane_;
  ConnectionRegistry connections_;
  std::thread thread_;
};

}  // namespace puente

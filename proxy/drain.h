// How the process stops without losing a request (design section 2).
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <span>

#include "config/puente.pb.h"
#include "proxy/http/listener.h"
#include "proxy/http/task.h"
#include "proxy/listeners.h"
#include "proxy/serving_worker.h"

namespace puente {

// Used on the thread of `executor`, which is that of the listeners.
class Drain {
 public:
  // What it refers to outlives it; `given_up` ends it early.
  Drain(Executor executor, std::span<const std::unique_ptr<ServingWorker>> workers,
        Listeners& listeners, const ConnectionLimit& connections, const std::atomic<bool>& given_up)
      : executor_(executor),
        workers_(workers),
        listeners_(listeners),
        connections_(connections),
        given_up_(given_up) {}

  // Every answer is its connection's last from now on. Accepts for `delay`, then closes what waits
  // for a request, and leaves `timeout` to the others. True: all connections ended by themselves.
  Task<bool> Run(config::Drain config);

 private:
  Task<> Delay(std::chrono::nanoseconds delay);
  Task<bool> WaitForConnections(std::chrono::nanoseconds timeout,
                                void (ConnectionRegistry::*hasten)());
  Task<> Sleep(std::chrono::nanoseconds duration);
  template <class Action>
  void OnEachWorker(Action action);

  const Executor executor_;
  const std::span<const std::unique_ptr<ServingWorker>> workers_;
  Listeners& listeners_;
  const ConnectionLimit& connections_;
  const std::atomic<bool>& given_up_;
};

}  // namespace puente

// A worker and what it serves with.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "proxy/http/listener.h"
#include "proxy/transcoding_handler.h"
#include "proxy/worker.h"

namespace puente {

struct ServingWorker {
  explicit ServingWorker(std::size_t index) : worker(index) {}

  std::unique_ptr<RequestHandler> handler;
  TranscodingHandler* transcoding = nullptr;  // the handler, where it is one
  bool draining = false;                      // on the worker's thread
  Worker worker;                              // last: its thread ends before what it uses goes

  SessionHost Host() {
    return {worker.executor(),
            [this](std::function<void()> action) { worker.Post(std::move(action)); },
            worker.connections(), *handler, draining};
  }
};

// Returns after `action` has run on the worker's thread. Not for that thread.
template <class Action>
void RunOn(Worker& worker, Action action) {
  auto done = std::make_shared<std::promise<void>>();
  const auto ran = done->get_future();
  worker.Post([action, done] {
    action();
    done->set_value();
  });
  ran.wait();
}

}  // namespace puente

#include "proxy/worker.h"

#include <utility>

namespace puente {

Worker::Worker(std::size_t index)
    : call_lane_{loop_.queue(), index},
      http_lane_(
          loop_.executor(), [this](std::function<void()> action) { Post(std::move(action)); },
          index),
      connections_(loop_.context()) {
  connections_.StartSweeping();
  thread_ = std::thread([this] { loop_.Run(); });
}

Worker::~Worker() {
  Post([this] {
    connections_.StopSweeping();
    http_lane_.Close();
    loop_.Stop();
  });
  thread_.join();
}

}  // namespace puente

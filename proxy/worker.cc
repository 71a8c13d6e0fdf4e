#include "proxy/worker.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace puente {

Worker::Worker() : work_(context_.get_executor()), connections_(context_) {
  connections_.StartSweeping();
  thread_ = std::thread([this] { context_.run(); });
}

Worker::~Worker() {
  Post([this] {
    connections_.StopSweeping();
    work_.reset();
  });
  thread_.join();
}

void Worker::Post(std::function<void()> action) { asio::post(context_, std::move(action)); }

}  // namespace puente

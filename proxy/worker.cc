#include "proxy/worker.h"

namespace puente {

Worker::Worker() : connections_(loop_.context()) {
  connections_.StartSweeping();
  thread_ = std::thread([this] { loop_.Run(); });
}

Worker::~Worker() {
  Post([this] {
    connections_.StopSweeping();
    loop_.Stop();
  });
  thread_.join();
}

}  // namespace puente

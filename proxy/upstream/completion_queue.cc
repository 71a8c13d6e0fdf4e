#include "proxy/upstream/completion_queue.h"

namespace puente {

CompletionQueueThread::CompletionQueueThread() {
  thread_ = std::thread([this] {
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
      auto* operation = static_cast<CompletionTag*>(tag);
      operation->TakeOver();
      operation->Complete(ok);
    }
  });
}

CompletionQueueThread::~CompletionQueueThread() {
  queue_.Shutdown();
  thread_.join();
}

}  // namespace puente

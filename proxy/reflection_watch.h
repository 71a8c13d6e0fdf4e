// Keeps what upstreams say by server reflection up to date.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "proxy/descriptor_sources.h"

namespace puente {

// Asks each upstream for its descriptors, and again every `refresh`; after it gave none, again
// after 0.5 s, then less and less often, down to every 5 s. Has a thread of its own, which is where
// `apply` is called whenever descriptors are others than before. All functions may be called from
// any thread.
class ReflectionWatch {
 public:
  // Serves with what is known now. The result says why that can't be; what was served before stays
  // then.
  using Apply = std::function<std::optional<std::string>(const ReflectedDescriptors&)>;

  // `descriptors` names upstreams of `upstreams`. `apply` is called from now on.
  ReflectionWatch(const config::Descriptors& descriptors, const Upstreams& upstreams, Apply apply);
  // As Stop.
  ~ReflectionWatch();

  // Cancels what it is asking, and returns when `apply` is not called any more. Once.
  void Stop();

  // What still keeps the API from being served whole, for a person; "" from the first time on that
  // all descriptors were there and could be served.
  std::string WaitingFor() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Source {
    std::shared_ptr<GrpcUpstream> upstream;
    std::chrono::nanoseconds refresh;  // 0: only until it has answered once
    std::chrono::nanoseconds backoff;
    Clock::time_point due;
    std::string failure;  // why it gave no descriptors the last time; "" when it did
  };

  void Run(std::stop_token stop);
  // True: the source's descriptors are others than before.
  bool Ask(Source& source, std::stop_token stop);
  void NoteFailure(Source& source, const std::string& reason);
  void ApplyAll();
  void SetWaiting(std::string reason);
  std::string Missing() const;

  const Apply apply_;
  // Used on the thread only.
  std::vector<Source> sources_;
  ReflectedDescriptors reflected_;
  bool served_ = false;  // all of it, once

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::string waiting_;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace puente

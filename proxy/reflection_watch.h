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
#include "proxy/upstream/reflection_client.h"

namespace puente {

// Asks each upstream for its descriptors, and again every `refresh`; after it gave none, again
// after 0.5 s, then less and less often, down to every 5 s. Has a thread for each of them, so that
// none waits for another, and calls `apply` on one at a time whenever descriptors are others than
// before. All functions may be called from any thread.
class ReflectionWatch {
 public:
  // Serves with what is known now. The result says why that can't be; what was served before stays
  // then.
  using Apply = std::function<std::optional<std::string>(const ReflectedDescriptors&)>;

  // What a refresh came to, once all has been served for the first time: whether what is served is
  // what the upstreams say. Not called for descriptors that are new, which `apply` gets.
  using Refreshed = std::function<void(bool succeeded)>;

  // `descriptors` names upstreams of `upstreams`. What some of these have said already, and is
  // served, is `known`. Both functions are called from now on, one at a
  // time.
  ReflectionWatch(const config::Descriptors& descriptors, const GrpcUpstreams& upstreams,
                  const ReflectedDescriptors& known, Apply apply, Refreshed refreshed);
  // As Stop.
  ~ReflectionWatch();

  // Cancels what it is asking, and returns when `apply` is not called any more. Once.
  void Stop();

  // What still keeps the API from being served whole, for a person; "" from the first time on that
  // all descriptors were there and could be served.
  std::string WaitingFor() const;
  // Why what is served is not what the upstreams say now, for a person: the last refresh failed. ""
  // when none has since the last one that did not, and while WaitingFor.
  std::string LastFailure() const;

 private:
  struct Source {
    std::shared_ptr<GrpcUpstream> upstream;
    std::chrono::nanoseconds refresh;  // 0: only until it has answered once
    std::chrono::nanoseconds backoff;
    std::string missing;  // the services without descriptors the last time
    std::string failure;  // why it gave no descriptors the last time; "" when it did
  };

  void Run(Source& source, std::stop_token stop);
  void Take(Source& source, ReflectedSet set);
  void NoteFailure(Source& source, const std::string& reason);
  // The caller holds mutex_, as for the next.
  void ApplyAll();
  void UpdateState();
  std::string WhyIncomplete() const;

  const Apply apply_;
  const Refreshed refreshed_;
  std::mutex mutex_;  // guards the next four, and is held while `apply` runs
  std::vector<Source> sources_;
  ReflectedDescriptors reflected_;
  std::string problem_;  // why the last of them can't be served; "" when they are
  bool served_ = false;  // all of it, once

  mutable std::mutex state_mutex_;  // guards the next two
  std::string waiting_;
  std::string last_failure_;

  std::mutex sleeping_;  // guards nothing
  std::condition_variable_any wake_;
  std::vector<std::jthread> threads_;
};

}  // namespace puente

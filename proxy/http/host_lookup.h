// The addresses of a host, for the coroutines of one worker.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/http/event.h"
#include "proxy/http/name_lookup.h"

namespace puente {

// getaddrinfo(3) runs on a thread of its own; at most one is there at a time for one HostLookup,
// and whoever asks meanwhile shares its answer. What was found is used for a second. Used on the
// worker's thread only.
class HostLookup {
 public:
  // Runs a function on the worker's thread, soon. Called on any thread, but not after the
  // HostLookup is gone: what a thread that is left behind finds is dropped then.
  using Post = std::function<void(std::function<void()>)>;
  using Answer = tl::expected<HostAddresses, std::string>;

  HostLookup(std::string host, std::uint16_t port, Post post);
  ~HostLookup();
  HostLookup(const HostLookup&) = delete;
  HostLookup& operator=(const HostLookup&) = delete;

  // `given_up` is an event that nobody waits for: the lookup sets it when it has an answer, and
  // whoever does not want to wait any longer may. The error says why there are no addresses, and
  // does not repeat the host. `given_up` and the lookup must outlive the task.
  Task<Answer> Find(Event& given_up);

 private:
  struct Question;
  using Clock = std::chrono::steady_clock;

  void Ask();
  void OnAnswer(Answer answer);

  const std::string host_;
  const std::uint16_t port_;
  const Post post_;
  std::shared_ptr<Question> running_;
  std::vector<Event*> waiting_;
  std::optional<Answer> answer_;  // the last one
  Clock::time_point fresh_until_ = Clock::time_point::min();
};

}  // namespace puente

// The tries of one request after the first: whether there is another, when, and what it needs.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "proxy/call/attempt.h"
#include "proxy/call/request_context.h"
#include "proxy/http/event.h"
#include "proxy/traffic/retry_policy.h"

namespace puente {

// Pinned; one thread. What it is made of outlives it. A route without `retry` has one try.
class Retries {
 public:
  // `attempt` is the first try; further ones take its place. `headers` get the trace of each.
  Retries(RequestContext& context, Attempt& attempt, std::vector<Header>& headers);
  Retries(const Retries&) = delete;
  Retries& operator=(const Retries&) = delete;

  // Whether doing the request twice does the same as doing it once.
  bool MayRepeat() const;

  // A try begins: how long it may take, besides the deadline of the whole; nullopt: as long.
  std::optional<std::chrono::nanoseconds> CountTry();
  // How long to wait before the next try; nullopt: what came of this one stays. Of `failed` the
  // number and whether it may be repeated are filled in.
  std::optional<std::chrono::nanoseconds> NextWait(FailedTry failed);
  // Waits, and begins the next try. False: there can be none, since the client left meanwhile, or
  // a breaker has opened; the failure before that is the answer.
  Task<bool> BeginNext(std::chrono::nanoseconds wait);

  // The client is gone: there is no other try, and who waits for one wakes up.
  void OnClientLeft();
  bool client_left() const { return client_left_; }

 private:
  RequestContext& context_;
  Attempt& attempt_;
  std::vector<Header>& headers_;
  std::uint32_t tries_ = 0;
  bool client_left_ = false;
  std::optional<Event> woken_;  // while it waits for the next try
};

}  // namespace puente

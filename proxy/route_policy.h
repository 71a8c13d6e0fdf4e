// What an entry of `routes` says about its requests: where they go, and what happens when they
// fail.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/backend.h"
#include "proxy/rollout_run.h"
#include "proxy/traffic/retry_budget.h"
#include "proxy/traffic/retry_policy.h"
#include "proxy/traffic/split.h"
#include "proxy/traffic/sticky_key.h"
#include "transcoder/comparison/difference_log.h"
#include "transcoder/comparison/ignored_fields.h"

namespace puente {

struct Retrying {
  RetryPolicy policy;
  std::shared_ptr<RetryBudget> budget;
};

// Copies of requests, to another upstream.
struct ShadowPolicy {
  Backend backend;
  double percent = 100;
  bool unsafe_methods = false;  // other methods, too, than those without side effects
  std::uint32_t max_in_flight = 64;
  std::uint64_t max_body_bytes = 1 << 20;
  std::chrono::nanoseconds timeout{};
  bool compares = false;
  IgnoredFields ignored;
  std::shared_ptr<DifferenceLog> differences;
  std::shared_ptr<std::atomic<std::uint32_t>> in_flight;
};

// Immutable and thread-safe, save for what its parts say themselves. Those parts that remember
// something (weights, breakers, budgets, differences) outlive a reload.
struct RoutePolicy {
  // Its place in `routes`: the first that matches takes a request. 0 without routes.
  int order = 0;
  std::chrono::nanoseconds timeout{};
  std::vector<Backend> backends;  // as the split has them; one without a split
  std::string split_name;         // "": none
  std::shared_ptr<Split> split;   // nullptr: there is one backend
  std::optional<StickyKey> sticky;
  std::string override_header;  // in lower case; "": none
  std::optional<Backend> fallback;
  std::optional<Retrying> retry;
  std::optional<ShadowPolicy> shadow;
  std::shared_ptr<RolloutRun> rollout;  // nullptr: none
  std::optional<SplitMetrics> split_metrics;
};

// Whether one of its upstreams is a gRPC service, an HTTP service.
bool UsesGrpc(const RoutePolicy& policy);
bool UsesHttp(const RoutePolicy& policy);

}  // namespace puente

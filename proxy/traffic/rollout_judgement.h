// Whether the backend that a rollout moves to is worse than the others. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "config/puente.pb.h"
#include "proxy/traffic/traffic_stats.h"

namespace puente {

struct RolloutLimits {
  std::uint64_t min_requests = 0;
  double max_error_increase = 0;
  double max_latency_ratio = 1;
};
RolloutLimits LimitsOf(const config::Rollout& options);

// 95th percentiles that are closer to each other count as the same: on a service that answers
// within a millisecond, what a scheduler does looks like a large ratio.
inline constexpr std::chrono::milliseconds kLatencyNoise{1};

enum class Verdict { kGood, kTooFewRequests, kMoreErrors, kSlower };

// What the other side is like: as it was when it last had enough requests to say so.
struct Baseline {
  double error_rate = 0;
  std::optional<std::chrono::nanoseconds> p95;
};

struct Judgement {
  Verdict verdict = Verdict::kGood;
  std::string message;  // a sentence with the figures; empty when it is good
};

// `to` over a window. Fewer than min_requests are too few to say anything. Its error rate must not
// be above the baseline's by more than max_error_increase. Its 95th percentile must not be above
// max_latency_ratio times the baseline's, and kLatencyNoise, by more than chance: of few requests
// some are slow.
Judgement Judge(const RolloutLimits& limits, const TrafficCount& to, const Baseline& baseline);

// The same for the latency alone, of any number of requests.
Judgement JudgeLatency(const RolloutLimits& limits, const TrafficCount& to,
                       std::chrono::nanoseconds others_p95);

}  // namespace puente

// Whether the backend that a rollout moves to is worse than the others. Pure.
#pragma once

#include <chrono>
#include <cstdint>
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

struct Judgement {
  Verdict verdict = Verdict::kGood;
  std::string message;  // a sentence with the figures; empty when it is good
};

// `to` and `others` over the same window. Fewer than min_requests of `to` are too few to say
// anything. Its error rate must not be above `others_error_rate` (the last that is known) by more
// than max_error_increase. Its 95th percentile must not be above max_latency_ratio times that of
// the others, and kLatencyNoise, where they have min_requests as well.
Judgement Judge(const RolloutLimits& limits, const TrafficFigures& to, const TrafficFigures& others,
                double others_error_rate);

}  // namespace puente

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
  struct Latency {
    std::chrono::nanoseconds p95{};
    // Few requests leave room for a higher one.
    std::chrono::nanoseconds p95_at_most{};
  };
  std::optional<Latency> latency;
};
Baseline BaselineOf(const TrafficCount& others);

struct Judgement {
  Verdict verdict = Verdict::kGood;
  std::string message;  // a sentence with the figures; empty when it is good
};

// `to` over a window. Of fewer than min_requests nothing can be said. Its error rate must not be
// above the baseline's by more than max_error_increase. No more than a twentieth of it may have
// taken longer than max_latency_ratio times the baseline's 95th percentile, and kLatencyNoise,
// unless by chance: of few requests some are slow. That is judged where few have an answer, too,
// but enough have waited for one.
Judgement Judge(const RolloutLimits& limits, const TrafficCount& to, const Baseline& baseline);

// The same for the latency alone, of any number of requests.
Judgement JudgeLatency(const RolloutLimits& limits, const TrafficCount& to,
                       const Baseline::Latency& others);

}  // namespace puente

#include "proxy/traffic/rollout_judgement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace puente {
namespace {

using std::chrono::nanoseconds;

constexpr double kPercent = 100;
// So that 3 % is not more than 2 % plus 1 %.
constexpr double kRounding = 1e-9;

double Milliseconds(nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Among requests that are as fast as allowed, a twentieth is above the limit, more or less: more
// than this many standard deviations above that happens once in a hundred times.
constexpr double kDeviations = 2.33;

// Whether more than a twentieth of the requests are slower than `allowed`, not by chance.
bool IsSlower(const TrafficCount& count, nanoseconds allowed) {
  constexpr double kSlowest = 1 - kP95;
  const auto requests = static_cast<double>(count.Requests());
  const double expected = requests * kSlowest;
  const double by_chance = expected + kDeviations * std::sqrt(expected * kP95);
  return static_cast<double>(count.SlowerThan(allowed)) > by_chance;
}

nanoseconds AllowedLatency(const RolloutLimits& limits, nanoseconds others) {
  const std::chrono::duration<double, std::nano> times = others * limits.max_latency_ratio;
  return std::max(std::chrono::duration_cast<nanoseconds>(times), others + kLatencyNoise);
}

std::string ErrorSentence(const RolloutLimits& limits, const TrafficFigures& to,
                          double others_error_rate) {
  return fmt::format(
      "{} of {} requests failed ({:.2f} %), against {:.2f} % of the others; allowed are {:.2f} % "
      "more",
      to.errors, to.requests, to.ErrorRate() * kPercent, others_error_rate * kPercent,
      limits.max_error_increase * kPercent);
}

std::string LatencySentence(const RolloutLimits& limits, nanoseconds to, nanoseconds others) {
  return fmt::format(
      "the 95th percentile of the latency is {:.1f} ms, against {:.1f} ms of the others; allowed "
      "is {:g} times as much",
      Milliseconds(to), Milliseconds(others), limits.max_latency_ratio);
}

}  // namespace

RolloutLimits LimitsOf(const config::Rollout& options) {
  return {options.min_requests(), options.max_error_increase(), options.max_latency_ratio()};
}

Judgement Judge(const RolloutLimits& limits, const TrafficCount& to, const Baseline& baseline) {
  const TrafficFigures figures = FiguresOf(to);
  if (figures.requests < limits.min_requests) {
    return {Verdict::kTooFewRequests, fmt::format("{} requests in the window, of at least {}",
                                                  figures.requests, limits.min_requests)};
  }
  if (figures.ErrorRate() > baseline.error_rate + limits.max_error_increase + kRounding) {
    return {Verdict::kMoreErrors, ErrorSentence(limits, figures, baseline.error_rate)};
  }
  return baseline.p95 ? JudgeLatency(limits, to, *baseline.p95) : Judgement{};
}

Judgement JudgeLatency(const RolloutLimits& limits, const TrafficCount& to,
                       nanoseconds others_p95) {
  if (!IsSlower(to, AllowedLatency(limits, others_p95))) return {};
  return {Verdict::kSlower, LatencySentence(limits, FiguresOf(to).p95, others_p95)};
}

}  // namespace puente

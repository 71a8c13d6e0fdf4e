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

// A share of requests is the expected one, more or less: off by more than this many standard
// deviations it is once in a thousand times.
constexpr double kDeviations = 3;

// Whether more than a twentieth of the requests are slower than `allowed`, not by chance.
bool IsSlower(const TrafficCount& count, nanoseconds allowed) {
  const double expected = static_cast<double>(count.All()) * (1 - kP95);
  const double by_chance = expected + kDeviations * std::sqrt(expected * kP95);
  return static_cast<double>(count.SlowerThan(allowed)) > by_chance;
}

nanoseconds AllowedLatency(const RolloutLimits& limits, nanoseconds others) {
  constexpr auto kLongest = static_cast<double>(nanoseconds(std::chrono::hours(1)).count());
  const double times = limits.max_latency_ratio * static_cast<double>(others.count());
  return std::max(nanoseconds(std::llround(std::min(times, kLongest))), others + kLatencyNoise);
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

Baseline BaselineOf(const TrafficCount& others) {
  Baseline baseline{.error_rate = FiguresOf(others).ErrorRate(), .latency = std::nullopt};
  const auto requests = static_cast<double>(others.All());
  if (requests == 0) return baseline;
  const double margin = kDeviations * std::sqrt(kP95 * (1 - kP95) / requests);
  baseline.latency = {others.Percentile(kP95), others.Percentile(std::min(kP95 + margin, 1.0))};
  return baseline;
}

Judgement Judge(const RolloutLimits& limits, const TrafficCount& to, const Baseline& baseline) {
  const TrafficFigures figures = FiguresOf(to);
  const bool is_enough = figures.requests >= limits.min_requests;
  if (is_enough &&
      figures.ErrorRate() > baseline.error_rate + limits.max_error_increase + kRounding) {
    return {Verdict::kMoreErrors, ErrorSentence(limits, figures, baseline.error_rate)};
  }
  if (baseline.latency && to.All() >= limits.min_requests) {
    Judgement judgement = JudgeLatency(limits, to, *baseline.latency);
    if (judgement.verdict != Verdict::kGood) return judgement;
  }
  if (is_enough) return {};
  return {Verdict::kTooFewRequests, fmt::format("{} requests in the window, of at least {}",
                                                figures.requests, limits.min_requests)};
}

Judgement JudgeLatency(const RolloutLimits& limits, const TrafficCount& to,
                       const Baseline::Latency& others) {
  if (!IsSlower(to, AllowedLatency(limits, others.p95_at_most))) return {};
  return {Verdict::kSlower, LatencySentence(limits, FiguresOf(to).p95, others.p95)};
}

}  // namespace puente

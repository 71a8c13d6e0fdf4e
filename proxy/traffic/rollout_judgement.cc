#include "proxy/traffic/rollout_judgement.h"

#include <fmt/format.h>

namespace puente {
namespace {

using std::chrono::nanoseconds;

constexpr double kPercent = 100;
// So that 3 % is not more than 2 % plus 1 %.
constexpr double kRounding = 1e-9;

double Milliseconds(nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

bool IsSlower(const RolloutLimits& limits, nanoseconds to, nanoseconds others) {
  return to - others > kLatencyNoise &&
         Milliseconds(to) > limits.max_latency_ratio * Milliseconds(others);
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

Judgement Judge(const RolloutLimits& limits, const TrafficFigures& to, const TrafficFigures& others,
                double others_error_rate) {
  if (to.requests < limits.min_requests) {
    return {Verdict::kTooFewRequests, fmt::format("{} requests in the window, of at least {}",
                                                  to.requests, limits.min_requests)};
  }
  if (to.ErrorRate() > others_error_rate + limits.max_error_increase + kRounding) {
    return {Verdict::kMoreErrors, ErrorSentence(limits, to, others_error_rate)};
  }
  if (others.requests >= limits.min_requests && IsSlower(limits, to.p95, others.p95)) {
    return {Verdict::kSlower, LatencySentence(limits, to.p95, others.p95)};
  }
  return {};
}

}  // namespace puente

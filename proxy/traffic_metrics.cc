#include "proxy/traffic_metrics.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace puente {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

MetricFamily Gauge(std::string name, std::string help) {
  return {std::move(name), std::move(help), prometheus::MetricType::Gauge, {}};
}

void Add(std::vector<ClientMetric::Label> labels, double value, MetricFamily& family) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
}

MetricFamily CollectWeights(const RoutePolicies& policies) {
  MetricFamily family =
      Gauge("puente_split_weight",
            "The weight of an upstream in its split; 1 on routes without a split.");
  std::map<std::pair<std::string, std::string>, double> weights;
  for (const auto& policy : policies.all()) {
    const Weights now = policy->split ? policy->split->State().weights : Weights{1};
    for (std::size_t i = 0; i < policy->backends.size(); ++i) {
      weights[{policy->split_name, policy->backends[i].name()}] = now[i];
    }
  }
  for (const auto& [labels, weight] : weights) {
    Add({{"split", labels.first}, {"upstream", labels.second}}, weight, family);
  }
  return family;
}

// Closed, half-open, open.
int BadnessOf(CircuitBreaker::State state) {
  if (state == CircuitBreaker::State::kClosed) return 0;
  return state == CircuitBreaker::State::kHalfOpen ? 1 : 2;
}

void NoteState(const Backend& backend, std::map<std::string, CircuitBreaker::State>& states) {
  const auto state = backend.breaker ? backend.breaker->state() : CircuitBreaker::State::kClosed;
  auto& worst = states.try_emplace(backend.name(), state).first->second;
  if (BadnessOf(state) > BadnessOf(worst)) worst = state;
}

MetricFamily CollectBreakers(const RoutePolicies& policies) {
  MetricFamily family =
      Gauge("puente_circuit_breaker_state",
            "0 closed, 1 open, 2 half-open; the worst of the routes that use the upstream.");
  std::map<std::string, CircuitBreaker::State> states;
  for (const auto& policy : policies.all()) {
    for (const Backend& backend : policy->backends) NoteState(backend, states);
    if (policy->fallback) NoteState(*policy->fallback, states);
  }
  for (const auto& [upstream, state] : states) {
    Add({{"upstream", upstream}}, static_cast<double>(state), family);
  }
  return family;
}

}  // namespace

std::vector<MetricFamily> CollectTrafficMetrics(const RoutePolicies& policies) {
  return {CollectWeights(policies), CollectBreakers(policies)};
}

}  // namespace puente

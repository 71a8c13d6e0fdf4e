// The metrics of routes that are only known by looking: weights and breakers.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "proxy/route_policies.h"

namespace puente {

// puente_split_weight (1 on routes without a split) and puente_circuit_breaker_state (the worst of
// the routes that use the upstream), as of now. Thread-safe.
std::vector<prometheus::MetricFamily> CollectTrafficMetrics(const RoutePolicies& policies);

}  // namespace puente

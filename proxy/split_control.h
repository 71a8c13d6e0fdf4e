// What the admin interface does to a split (design section 6).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/route_policy.h"
#include "transcoder/error.h"

namespace puente {

// All for the control thread, and for a policy with a split. What they do they log.
using SteadyNow = std::chrono::steady_clock::time_point;

// As GET /splits/{name} shows it.
std::string DescribeSplit(const RoutePolicy& policy, SteadyNow now);

// PUT: replaces all weights, and pauses the rollout. Errors: 400 for the body, 412 for `if_match`.
Result<void> PutWeights(const RoutePolicy& policy, std::string_view body,
                        std::optional<std::string_view> if_match, SteadyNow now);

// Nothing more to the upstream that a rollout moves to; without a rollout, the file's weights.
void RollBackSplit(const RoutePolicy& policy);

// Forgets what the comparisons have found so far, for a new look after a repair.
void ClearDifferences(const RoutePolicy& policy);

// `action` is pause, resume, promote or abort. Errors: 404 for another one, or where there is no
// rollout; 409 where the rollout is not in a phase for it.
Result<void> DriveRollout(const RoutePolicy& policy, std::string_view action, SteadyNow now);

// Ends ttls, and lets rollouts go on; some ten times a second.
void TickSplit(const RoutePolicy& policy, SteadyNow now);

}  // namespace puente

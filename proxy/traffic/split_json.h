// A split for programs and people: GET /splits/{name}.
#pragma once

#include <chrono>
#include <string>

#include "proxy/traffic/rollout.h"
#include "proxy/traffic/split_state.h"

namespace puente {

// {"name", "weights": {upstream: weight, …}, "source": "FILE" | "ADMIN" | "ROLLOUT" | "ROLLBACK",
// "why", "generation", "etag", "file_weights": {…}, "expires_in": "9m30s", "last_rollback":
// {"reason", "message", "at"}, "rollout": {"state", "to", "share", "step", "steps": […], "held",
// "figures": {"to": {"requests", "errors", "error_rate", "p95_ms"}, "others": {…}}}}
//
// `share` is the percentage that `to` has now, `step` counts from 1. What there is none of is left
// out: `expires_in` without a ttl, `last_rollback`, `rollout` (nullptr), `held` unless it is
// holding or paused, `figures` before anything was judged.
std::string SplitAsJson(const SplitState& split, const RolloutState* rollout,
                        std::chrono::steady_clock::time_point now);

}  // namespace puente

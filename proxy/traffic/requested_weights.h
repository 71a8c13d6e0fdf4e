// The weights that a request asks of a split.
#pragma once

#include <string>
#include <vector>

#include "proxy/traffic/split_weights.h"
#include "proxy/traffic/weights_request.h"
#include "transcoder/error.h"

namespace puente {

// In the order of `backends`. INVALID_ARGUMENT unless each of them is named once and nothing else
// is, and the sum is from 1 to kMostWeight.
Result<Weights> RequestedWeights(const WeightsRequest& request,
                                 const std::vector<std::string>& backends);

}  // namespace puente

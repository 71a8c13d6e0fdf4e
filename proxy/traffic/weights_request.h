// The body of PUT /splits/{name}.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transcoder/error.h"

namespace puente {

struct WeightsRequest {
  // In the order of the body; no name twice.
  std::vector<std::pair<std::string, std::uint32_t>> weights;
  // How long they hold; above 0. Without it: until the next change.
  std::optional<std::chrono::nanoseconds> ttl;
};

// Reads {"weights":{"legacy":80,"billing":20},"ttl":"10m"}, by RFC 8259 to the letter. A weight is
// a number whose value is an integer from 0 to 4294967295, `ttl` what ParseDuration reads, above
// 0s. Anything else, another key included, is INVALID_ARGUMENT and names the key.
Result<WeightsRequest> ParseWeightsRequest(std::string_view body);

// Where the weight of a backend stands, for messages: `weights["legacy"]`. `ordinal` (from 1)
// stands for a name that is no plain one.
std::string WeightKey(std::string_view upstream, std::size_t ordinal);

}  // namespace puente

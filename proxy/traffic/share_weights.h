// Weights that give one backend of a split a share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "proxy/traffic/split_weights.h"

namespace puente {

// `share` percent (at most 100) for the backend at `to`, and the rest for the others in proportion
// to what the file gives them; equal parts where it gives them all 0. There are others. The share
// is exact; so are the proportions, unless the file's weights are in the tens of millions. Small
// numbers, that add up to 100 where they can: {95, 5} becomes {75, 25}.
Weights WeightsForShare(std::span<const std::uint32_t> file, std::size_t to, std::uint32_t share);

}  // namespace puente

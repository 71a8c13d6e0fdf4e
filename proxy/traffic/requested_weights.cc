#include "proxy/traffic/requested_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

namespace puente {
namespace {

// By backend; nullopt for those that were not named.
using Given = std::vector<std::optional<std::uint32_t>>;

tl::unexpected<Error> BadRequest(std::string message) {
  return Fail(Code::kInvalidArgument, std::move(message));
}

std::string Names(const std::vector<std::string>& backends) {
  return fmt::format("{}", fmt::join(backends, ", "));
}

Result<Given> WeightsByBackend(const WeightsRequest& request,
                               const std::vector<std::string>& backends) {
  Given given(backends.size());
  std::size_t ordinal = 0;
  for (const auto& [upstream, weight] : request.weights) {
    const std::string key = WeightKey(upstream, ++ordinal);
    const auto found = std::ranges::find(backends, upstream);
    if (found == backends.end()) {
      return BadRequest(
          fmt::format("{}: no such backend; this split has {}", key, Names(backends)));
    }
    auto& slot = given[static_cast<std::size_t>(found - backends.begin())];
    if (slot) return BadRequest(key + ": is given twice");
    slot = weight;
  }
  return given;
}

Result<void> CheckSum(const Weights& weights) {
  const auto sum = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
  if (sum == 0) return BadRequest("weights: at least one must be above 0");
  if (sum <= kMostWeight) return {};
  return BadRequest(fmt::format("weights: their sum must be at most {}", kMostWeight));
}

}  // namespace

Result<Weights> RequestedWeights(const WeightsRequest& request,
                                 const std::vector<std::string>& backends) {
  const Result<Given> given = WeightsByBackend(request, backends);
  if (!given) return tl::unexpected(given.error());
  Weights weights;
  for (std::size_t i = 0; i < backends.size(); ++i) {
    if (!(*given)[i]) {
      return BadRequest(fmt::format("{}: is missing; all backends have to be named: {}",
                                    WeightKey(backends[i], i + 1), Names(backends)));
    }
    weights.push_back(*(*given)[i]);
  }
  const Result<void> sum = CheckSum(weights);
  if (!sum) return tl::unexpected(sum.error());
  return weights;
}

}  // namespace puente

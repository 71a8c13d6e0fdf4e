#include "proxy/traffic/share_weights.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <vector>

namespace puente {
namespace {

constexpr std::uint64_t kWhole = 100;
// Of the others' weights, so that a hundred times as much still fits. Each may be rounded up by
// one.
constexpr std::uint64_t kMostOthers = kMostWeight / kWhole - kMostBackends;

using Numbers = std::vector<std::uint64_t>;

std::uint64_t Sum(const Numbers& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
}

// The proportions of the others; 0 at `to`.
Numbers OthersOf(std::span<const std::uint32_t> file, std::size_t to) {
  Numbers others(file.begin(), file.end());
  others[to] = 0;
  if (Sum(others) != 0) return others;
  std::ranges::fill(others, 1);
  others[to] = 0;
  return others;
}

void Bound(Numbers& numbers) {
  const std::uint64_t sum = Sum(numbers);
  if (sum <= kMostOthers) return;
  for (std::uint64_t& number : numbers) {
    if (number != 0) number = std::max<std::uint64_t>(number * kMostOthers / sum, 1);
  }
}

void Simplify(Numbers& numbers) {
  std::uint64_t divisor = 0;
  for (const std::uint64_t number : numbers) divisor = std::gcd(divisor, number);
  const std::uint64_t sum = Sum(numbers) / divisor;
  const std::uint64_t factor = kWhole % sum == 0 ? kWhole / sum : 1;
  for (std::uint64_t& number : numbers) number = number / divisor * factor;
}

}  // namespace

Weights WeightsForShare(std::span<const std::uint32_t> file, std::size_t to, std::uint32_t share) {
  assert(file.size() > 1 && to < file.size() && share <= kWhole);
  Numbers numbers = OthersOf(file, to);
  Bound(numbers);
  const std::uint64_t others = Sum(numbers);
  for (std::uint64_t& number : numbers) number *= kWhole - share;
  numbers[to] = others * share;
  Simplify(numbers);
  return {numbers.begin(), numbers.end()};
}

}  // namespace puente

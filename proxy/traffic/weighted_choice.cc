#include "proxy/traffic/weighted_choice.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

namespace puente {
namespace {

__extension__ using Wide = unsigned __int128;

// FNV-1a, 64 bits (draft-eastlake-fnv).
constexpr std::uint64_t kFnvBasis = 0xcbf29ce484222325;
constexpr std::uint64_t kFnvPrime = 0x00000100000001b3;

std::uint64_t Fnv(std::string_view text, std::uint64_t hash = kFnvBasis) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
  return hash;
}

// The last steps of splitmix64 (Steele, Lea, Flood 2014): FNV alone leaves its high bits too even.
std::uint64_t Mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Mantissas and fractions have 63 bits after the point.
constexpr int kMantissaBits = 63;
constexpr std::uint64_t kOne = std::uint64_t{1} << kMantissaBits;
constexpr std::uint64_t kLog2OfE = 13306513097844322491U;  // 1.4427

constexpr int kTableBits = 8;
constexpr std::uint64_t kTableSize = 1 << kTableBits;
constexpr int kBelowTable = kMantissaBits - kTableBits;

// log2(1 + index / kTableSize): a number is squared again and again, and each time that it passes 2
// the next bit of its logarithm is 1.
constexpr std::uint64_t LogByBits(std::uint64_t index) {
  std::uint64_t x = (kTableSize + index) << kBelowTable;
  std::uint64_t log = 0;
  for (int bit = 0; bit < kLogFractionBits; ++bit) {
    const Wide square = static_cast<Wide>(x) * x;
    const auto passes_two = static_cast<std::uint64_t>(square >> (2 * kMantissaBits + 1));
    x = static_cast<std::uint64_t>(square >> (kMantissaBits + static_cast<int>(passes_two)));
    log = log << 1 | passes_two;
  }
  return log;
}

constexpr auto kLogTable = [] {
  std::array<std::uint64_t, kTableSize> table{};
  for (std::uint64_t i = 0; i < kTableSize; ++i) table[i] = LogByBits(i);
  return table;
}();

std::uint64_t Product(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>(static_cast<Wide>(a) * b >> kMantissaBits);
}

// log2(1 + t) for t below 2^-kTableBits: t - t^2/2 + … - t^6/6, which is never too much.
std::uint64_t LogNearOne(std::uint64_t t) {
  std::uint64_t sum = kOne / 5 - Product(t, kOne / 6);
  for (const std::uint64_t divisor : {4, 3, 2, 1}) sum = kOne / divisor - Product(t, sum);
  return Product(Product(t, sum), kLog2OfE) >> (kMantissaBits - kLogFractionBits);
}

}  // namespace

std::uint64_t MinusLog2(std::uint64_t bits) {
  const std::uint64_t odd = bits | 1;  // not 0, whose logarithm is infinite
  const int zeros = std::countl_zero(odd);
  const std::uint64_t mantissa = odd << zeros;
  const std::uint64_t index = (mantissa >> kBelowTable) % kTableSize;
  const std::uint64_t rest = mantissa % (std::uint64_t{1} << kBelowTable);
  // mantissa = (1 + index / kTableSize) * (1 + t)
  const std::uint64_t t = (rest << kTableBits) / (kTableSize + index);
  const auto whole = static_cast<std::uint64_t>(zeros + 1) << kLogFractionBits;
  return whole - kLogTable[index] - LogNearOne(t);
}

std::uint64_t CallerHash(std::string_view key) { return Mix(Fnv(key)); }

std::uint64_t BackendSeed(std::string_view split, std::string_view upstream) {
  constexpr std::string_view kBetween("\0", 1);
  return Mix(Fnv(upstream, Fnv(kBetween, Fnv(split))));
}

std::size_t ChooseWeighted(std::uint64_t caller, std::span<const std::uint64_t> seeds,
                           std::span<const std::uint32_t> weights) {
  const auto is_in_use = [](std::uint32_t weight) { return weight != 0; };
  const auto first = std::ranges::find_if(weights, is_in_use);
  assert(first != weights.end() && seeds.size() == weights.size());
  auto best = static_cast<std::size_t>(first - weights.begin());
  if (std::none_of(first + 1, weights.end(), is_in_use)) return best;
  std::uint64_t best_log = MinusLog2(Mix(caller ^ seeds[best]));
  for (std::size_t i = best + 1; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    const std::uint64_t log = MinusLog2(Mix(caller ^ seeds[i]));
    // log / weight < best_log / best_weight, exactly.
    if (static_cast<Wide>(log) * weights[best] >= static_cast<Wide>(best_log) * weights[i]) {
      continue;
    }
    best = i;
    best_log = log;
  }
  return best;
}

}  // namespace puente

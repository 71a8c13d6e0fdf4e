// The weights of a split as workers read them: all of one change or all of another, never a mix.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace puente {

// In the order of the split's backends. Their sum is neither 0 nor above kMostWeight.
using Weights = std::vector<std::uint32_t>;

inline constexpr std::size_t kMostBackends = 16;
inline constexpr std::uint64_t kMostWeight = UINT32_MAX;

// What holds at one moment.
class WeightsNow {
 public:
  std::span<const std::uint32_t> all() const { return {weights_.data(), size_}; }

 private:
  friend class SharedWeights;
  std::array<std::uint32_t, kMostBackends> weights_;
  std::size_t size_;
};

// Written by one thread at a time, read by any without a lock. A writer that is interrupted keeps
// no reader waiting: there are two copies, and readers use the one that is not being written.
class SharedWeights {
 public:
  // At most kMostBackends.
  explicit SharedWeights(std::span<const std::uint32_t> weights);

  // As many as before.
  void Store(std::span<const std::uint32_t> weights);
  WeightsNow Load() const;

 private:
  using Copy = std::array<std::atomic<std::uint32_t>, kMostBackends>;

  static void Write(std::span<const std::uint32_t> weights, Copy& copy);

  const std::size_t size_;
  // Even: the first copy is the one to read.
  std::atomic<std::uint64_t> turn_{0};
  std::array<Copy, 2> copies_{};
};

}  // namespace puente

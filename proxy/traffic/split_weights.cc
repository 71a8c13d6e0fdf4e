#include "proxy/traffic/split_weights.h"

#include <cassert>

namespace puente {

// Why it is enough: data is stored with release after the turn that sends readers elsewhere. A
// reader whose acquire load sees data of a later change therefore sees its turn as well, and tries
// again. No fences, which ThreadSanitizer does not know.

SharedWeights::SharedWeights(std::span<const std::uint32_t> weights) : size_(weights.size()) {
  assert(size_ <= kMostBackends);
  for (Copy& copy : copies_) Write(weights, copy);
}

void SharedWeights::Write(std::span<const std::uint32_t> weights, Copy& copy) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    copy[i].store(weights[i], std::memory_order_release);
  }
}

void SharedWeights::Store(std::span<const std::uint32_t> weights) {
  assert(weights.size() == size_);
  const std::uint64_t turn = turn_.load(std::memory_order_relaxed);
  turn_.store(turn + 1, std::memory_order_release);
  Write(weights, copies_[0]);
  turn_.store(turn + 2, std::memory_order_release);
  Write(weights, copies_[1]);
}

WeightsNow SharedWeights::Load() const {
  WeightsNow now;
  now.size_ = size_;
  for (;;) {
    const std::uint64_t turn = turn_.load(std::memory_order_acquire);
    const Copy& copy = copies_[turn % copies_.size()];
    for (std::size_t i = 0; i < size_; ++i) {
      now.weights_[i] = copy[i].load(std::memory_order_acquire);
    }
    if (turn_.load(std::memory_order_relaxed) == turn) return now;
  }
}

}  // namespace puente

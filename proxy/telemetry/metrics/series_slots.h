// Ids of series by a small number, found without a lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace puente {

// Keeps as many ids as it has slots; those of further keys are made again each time. Thread-safe.
class SeriesSlots {
 public:
  explicit SeriesSlots(std::size_t slots) : slots_(slots) {}

  // The id of `key`, which is not 0: the one that is kept, or what `make()` returns. `make` returns
  // the same id whenever it is called.
  template <class Make>
  std::uint32_t Get(std::uint32_t key, Make make) {
    for (const auto& slot : slots_) {
      const std::uint64_t kept = slot.load(std::memory_order_relaxed);
      if (kept == 0) break;
      if (kept >> 32 == key) return static_cast<std::uint32_t>(kept);
    }
    const std::uint32_t id = make();
    Keep(key, id);
    return id;
  }

 private:
  void Keep(std::uint32_t key, std::uint32_t id) {
    for (auto& slot : slots_) {
      std::uint64_t kept = 0;
      const std::uint64_t wanted = std::uint64_t{key} << 32 | id;
      if (slot.compare_exchange_strong(kept, wanted) || kept >> 32 == key) return;
    }
  }

  std::vector<std::atomic<std::uint64_t>> slots_;  // the key, then the id; 0: free
};

}  // namespace puente

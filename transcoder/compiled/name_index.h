// Names to small numbers, for names that are known beforehand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace puente {

// Immutable; may be used from any thread. The names must outlive it. How long a search takes is
// settled by the names alone: no text that is looked for can make it long.
class NameIndex {
 public:
  struct Entry {
    std::string_view name;
    std::uint32_t value;
  };
  static constexpr std::uint32_t kNone = UINT32_MAX;

  NameIndex() = default;
  // Of equal names the first counts.
  explicit NameIndex(std::span<const Entry> entries);

  // The value of `name`, or kNone.
  std::uint32_t Find(std::string_view name) const {
    if (slots_.empty()) return kNone;
    for (std::size_t at = Hash(name) & mask_;; at = (at + 1) & mask_) {
      const Entry& entry = slots_[at];
      if (entry.value == kNone || entry.name == name) return entry.value;
    }
  }

 private:
  template <class Word>
  static std::uint64_t WordAt(const char* bytes) {
    Word word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
  }
  // All of the name: what differs may be in its middle.
  static std::uint64_t Hash(std::string_view name) {
    constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
    const std::size_t size = name.size();
    const char* const bytes = name.data();
    std::uint64_t hash = size;
    if (size >= 8) {
      for (std::size_t i = 0; i + 8 < size; i += 8) {
        hash = (hash ^ WordAt<std::uint64_t>(bytes + i)) * kOdd;
        hash ^= hash >> 32;
      }
      hash ^= WordAt<std::uint64_t>(bytes + size - 8);
    } else if (size >= 4) {
      hash ^= WordAt<std::uint32_t>(bytes) << 32 ^ WordAt<std::uint32_t>(bytes + size - 4) << 8;
    } else if (size > 0) {
      hash ^= WordAt<std::uint8_t>(bytes) << 8 ^ WordAt<std::uint8_t>(bytes + size / 2) << 16 ^
              WordAt<std::uint8_t>(bytes + size - 1) << 24;
    }
    hash *= kOdd;
    return hash ^ hash >> 32;
  }

  std::vector<Entry> slots_;  // a power of two of them, at least half of them free
  std::size_t mask_ = 0;
};

}  // namespace puente

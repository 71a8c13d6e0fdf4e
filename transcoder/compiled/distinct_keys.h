// Whether a key comes twice in an object.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

namespace puente {

// Keeps the keys of objects that are open at the same time, the innermost of which is closed first.
// They are sorted when their object ends: a hash that is known could be fed with collisions. Those
// that come in ascending order, as serializers write those of a map, are only looked through.
template <class Key>
class DistinctKeys {
 public:
  // Begins an object; to be handed to Close.
  std::size_t Open() const { return keys_.size(); }
  void Add(const Key& key) { keys_.push_back(key); }
  // Whether all keys since `open` differ. Forgets them.
  bool Close(std::size_t open) { return keys_.size() == open || CloseSome(open); }

 private:
  using Iterator = typename std::vector<Key>::iterator;

  // So many are compared with each other.
  static constexpr std::ptrdiff_t kFew = 8;

  bool CloseSome(std::size_t open) {
    const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(open);
    const bool is_few = keys_.end() - begin <= kFew;
    const bool distinct = is_few ? DifferInPairs(begin) : AreAscending(begin) || AreDistinct(begin);
    keys_.erase(begin, keys_.end());
    return distinct;
  }
  bool DifferInPairs(Iterator begin) {
    for (auto key = begin; key != keys_.end(); ++key) {
      if (std::find(begin, key, *key) != key) return false;
    }
    return true;
  }
  bool AreAscending(Iterator begin) {
    return std::adjacent_find(begin, keys_.end(), std::greater_equal<>()) == keys_.end();
  }
  bool AreDistinct(Iterator begin) {
    std::sort(begin, keys_.end());
    return AreAscending(begin);
  }

  std::vector<Key> keys_;
};

}  // namespace puente

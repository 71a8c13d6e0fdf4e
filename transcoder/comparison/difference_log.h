// What the comparisons of one split have found so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "transcoder/comparison/difference.h"

namespace puente {

// Bounded, whatever upstreams answer. May be used from any thread.
class DifferenceLog {
 public:
  // As many differences, by path and kind, are listed; the first that come. The others are only
  // counted: paths are made of names that upstreams choose.
  static constexpr std::size_t kMostListed = 1000;

  void Add(const Comparison& comparison);

  // As if nothing had been compared yet.
  void Clear();

  // Appends the answer of `GET /splits/{name}/differences`: `compared`, `matched`, `mismatched`,
  // `errors` (answers that could not be compared, and are none of these), `differences`, the most
  // frequent first, with `path`, `kind` and the `count` of comparisons that found it; and
  // `dropped`, the counts of those that are not listed.
  void AppendJson(std::string& out) const;

 private:
  struct Counts {
    std::int64_t matched = 0, mismatched = 0, errors = 0, dropped = 0;
    std::map<Difference, std::int64_t> differences;
  };
  using Listed = std::pair<Difference, std::int64_t>;

  void Count(const Difference& difference);
  Counts Read() const;
  static std::vector<Listed> MostFrequentFirst(const Counts& counts);

  mutable std::mutex mutex_;
  Counts counts_;  // guarded by mutex_
};

}  // namespace puente

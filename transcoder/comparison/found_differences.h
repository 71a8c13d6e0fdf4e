// Collects differences while two answers are walked through.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/comparison/difference.h"

namespace puente {

// Keeps the path of where the walk is. Used by one thread. Names come from an upstream, and go to
// logs and to whoever asks the admin listener: one that does not look like a name is shown as "*",
// a long path is cut, and no more than kMost differences are kept.
class FoundDifferences {
 public:
  static constexpr std::size_t kMost = 100;
  static constexpr std::size_t kLongestPath = 256;

  FoundDifferences() = default;
  FoundDifferences(const FoundDifferences&) = delete;
  FoundDifferences& operator=(const FoundDifferences&) = delete;

  // The walk is one step deeper as long as this lives.
  class [[nodiscard]] Step {
   public:
    Step(std::string& path, std::size_t back_to) : path_(path), back_to_(back_to) {}
    ~Step() { path_.resize(back_to_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    std::string& path_;
    const std::size_t back_to_;
  };
  Step Member(std::string_view name);
  Step Element();  // of a list or a map

  // Here. What is known already, and what is too much, changes nothing.
  void Add(DifferenceKind kind);

  std::vector<Difference> All() const { return {differences_.begin(), differences_.end()}; }

 private:
  std::string path_;
  std::set<Difference> differences_;
};

}  // namespace puente

// The problems of one configuration, as they are found.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"
#include "config/source_map.h"

namespace puente {

// Keeps one mistake from being reported as several: once something is wrong with a key, Report is
// silent about that key and all that it holds.
class Findings {
 public:
  explicit Findings(std::string_view origin) : positions_(origin) {}

  SourceMap& positions() { return positions_; }
  const SourceMap& positions() const { return positions_; }
  std::vector<Problem>& problems() { return problems_; }

  // Something that is wrong with the text of the file, at a place of its own.
  void Add(SourceMap::Position position, std::string_view key, std::string message);

  // Something that is wrong with the value of `key`, at the key's place; unless IsSettled(key).
  void Report(std::string_view key, std::string message);

  // A problem that was added says all there is to say about `key` as well.
  void Settle(std::string_view key) { settled_.emplace(key); }

  // Whether there is a problem with `key` already, or with a key that holds it.
  bool IsSettled(std::string_view key) const;

 private:
  SourceMap positions_;
  std::vector<Problem> problems_;
  std::set<std::string, std::less<>> settled_;
};

}  // namespace puente

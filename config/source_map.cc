#include "config/source_map.h"

#include <utility>

namespace puente {

void SourceMap::Add(std::string key, Position position) {
  positions_.try_emplace(std::move(key), position);
}

bool SourceMap::Has(std::string_view key) const { return positions_.contains(key); }

Problem SourceMap::At(std::string_view key, std::string message) const {
  Problem problem{origin_, 0, 0, std::string(key), std::move(message)};
  for (std::string_view at = key; !at.empty(); at = ParentKey(at)) {
    if (const auto found = positions_.find(at); found != positions_.end()) {
      problem.line = found->second.line;
      problem.column = found->second.column;
      break;
    }
  }
  return problem;
}

}  // namespace puente

#include "config/findings.h"

#include <utility>

namespace puente {

void Findings::Add(SourceMap::Position position, std::string_view key, std::string message) {
  problems_.push_back(
      {positions_.origin(), position.line, position.column, std::string(key), std::move(message)});
  if (!key.empty()) Settle(key);
}

void Findings::Report(std::string_view key, std::string message) {
  if (IsSettled(key)) return;
  problems_.push_back(positions_.At(key, std::move(message)));
  Settle(key);
}

bool Findings::IsSettled(std::string_view key) const {
  for (std::string_view at = key; !at.empty(); at = ParentKey(at)) {
    if (settled_.contains(at)) return true;
  }
  return false;
}

}  // namespace puente

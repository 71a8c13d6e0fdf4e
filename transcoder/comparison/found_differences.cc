#include "transcoder/comparison/found_differences.h"

#include <algorithm>
#include <utility>

namespace puente {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::string_view kNoName = "*";
constexpr std::string_view kCut = "...";

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNameCharacter(char c) { return IsLetter(c) || (c >= '0' && c <= '9') || c == '-'; }

// "@type" and "$ref" are names as well; "7", which is rather a key of a map, and what has a dot are
// none.
bool IsName(std::string_view name) {
  if (name.starts_with('@') || name.starts_with('$')) name.remove_prefix(1);
  return !name.empty() && name.size() <= kLongestName && IsLetter(name[0]) &&
         std::ranges::all_of(name, IsNameCharacter);
}

}  // namespace

FoundDifferences::Step FoundDifferences::Member(std::string_view name) {
  const std::size_t back_to = path_.size();
  if (!path_.empty()) path_ += '.';
  path_ += IsName(name) ? name : kNoName;
  return {path_, back_to};
}

FoundDifferences::Step FoundDifferences::Element() {
  const std::size_t back_to = path_.size();
  path_ += "[]";
  return {path_, back_to};
}

void FoundDifferences::Add(DifferenceKind kind) {
  Difference difference{path_, kind};
  if (path_.size() > kLongestPath) {
    difference.path.resize(kLongestPath - kCut.size());
    difference.path += kCut;
  }
  if (differences_.size() < kMost) differences_.insert(std::move(difference));
}

}  // namespace puente

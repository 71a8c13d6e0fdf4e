#include "proxy/traffic/if_match.h"

#include <algorithm>

namespace puente {
namespace {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// Entity tags may have commas in their quotes.
std::size_t EndOfElement(std::string_view list) {
  bool quoted = false;
  const auto* const end = std::ranges::find_if(list, [&quoted](char c) {
    if (c == '"') quoted = !quoted;
    return c == ',' && !quoted;
  });
  return static_cast<std::size_t>(end - list.begin());
}

}  // namespace

bool MatchesETag(std::string_view if_match, std::string_view etag) {
  if (Trim(if_match) == "*") return true;
  while (!if_match.empty()) {
    const std::size_t end = EndOfElement(if_match);
    if (Trim(if_match.substr(0, end)) == etag) return true;
    if_match.remove_prefix(std::min(end + 1, if_match.size()));
  }
  return false;
}

}  // namespace puente

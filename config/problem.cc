#include "config/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace puente {

std::string ToString(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) text += fmt::format(":{}:{}", problem.line, problem.column);
  for (const std::string* part : {&problem.key, &problem.message}) {
    if (!text.empty() && !part->empty()) text += ": ";
    text += *part;
  }
  return text;
}

void SortByPosition(std::vector<Problem>& problems) {
  std::ranges::stable_sort(problems, {}, [](const Problem& problem) {
    return std::tie(problem.file, problem.line, problem.column);
  });
}

std::string JoinKey(std::string_view parent, std::string_view key) {
  return parent.empty() ? std::string(key) : fmt::format("{}.{}", parent, key);
}

std::string IndexKey(std::string_view list, std::size_t index) {
  return fmt::format("{}[{}]", list, index);
}

std::string_view ParentKey(std::string_view key) {
  const std::size_t end = key.find_last_of(".[");
  return end == std::string_view::npos ? std::string_view() : key.substr(0, end);
}

}  // namespace puente

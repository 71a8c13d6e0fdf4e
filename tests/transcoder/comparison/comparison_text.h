// Comparisons as text: what was found, in one line.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "transcoder/comparison/compare_answers.h"

namespace puente::testing {

inline constexpr int kOk = 200;

// "lines[].quantity value, total missing"; "" for a match; "ERROR: " and the message.
inline std::string ToText(const Comparison& comparison) {
  if (!comparison) return "ERROR: " + comparison.error().message;
  std::string text;
  for (const Difference& difference : *comparison) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", difference.path,
                        DifferenceKindName(difference.kind));
  }
  return text;
}

inline IgnoredFields Ignoring(const std::vector<std::string>& paths) {
  return IgnoredFields::Parse(paths).value();
}

inline Comparison CompareBodies(std::string_view primary, std::string_view shadow,
                                const AnswerType& type, const IgnoredFields& ignored = {},
                                const JsonTree::Limits& limits = {}) {
  return CompareAnswers({kOk, "application/json", primary}, {kOk, "application/json", shadow}, type,
                        ignored, limits);
}

}  // namespace puente::testing

// What two answers to one request differ in: where and how, never the values.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/error.h"

namespace puente {

enum class DifferenceKind {
  kValue,
  kMissing,  // the primary has it, the shadow does not
  kExtra,    // the shadow has it, the primary does not
  kType,     // they have different kinds of JSON values there, one of which the field can't have
  kStatus,   // the HTTP status
};

// "value", "missing", "extra", "type", "status".
std::string_view DifferenceKindName(DifferenceKind kind);

struct Difference {
  // JSON names, "[]" behind lists and maps: "lines[].quantity". Empty for the answer as a whole.
  std::string path;
  DifferenceKind kind = DifferenceKind::kValue;
  auto operator<=>(const Difference&) const = default;  // NOLINT(modernize-use-nullptr): none here
};

// All differences of two answers, in the order of their paths and each of them once; none when the
// answers say the same. The error: they can't be compared.
using Comparison = Result<std::vector<Difference>>;

// "match", "mismatch" or "error": the label of puente_shadow_comparisons_total.
std::string_view ComparisonResult(const Comparison& comparison);

}  // namespace puente

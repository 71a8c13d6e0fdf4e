#include "transcoder/comparison/difference.h"

namespace puente {

std::string_view DifferenceKindName(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::kValue:
      return "value";
    case DifferenceKind::kMissing:
      return "missing";
    case DifferenceKind::kExtra:
      return "extra";
    case DifferenceKind::kType:
      return "type";
    case DifferenceKind::kStatus:
      return "status";
  }
  return "value";
}

std::string_view ComparisonResult(const Comparison& comparison) {
  if (!comparison) return "error";
  return comparison->empty() ? "match" : "mismatch";
}

}  // namespace puente

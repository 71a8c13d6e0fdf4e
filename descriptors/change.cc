#include "descriptors/change.h"

namespace puente {

std::string_view Name(ChangeKind kind) {
  constexpr std::string_view kNames[] = {"added",     "removed",   "renamed", "type",    "number",
                                         "label",     "json_name", "oneof",   "default", "openness",
                                         "streaming", "http_rule", "options"};
  return kNames[static_cast<int>(kind)];
}

}  // namespace puente

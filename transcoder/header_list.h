// Comma-separated lists in header fields (RFC 9110, 5.6.1).
#pragma once

#include <string_view>

#include "transcoder/header_value.h"

namespace puente {

// Calls `visit(element)` for each element of a list without quoted strings, trimmed, empty ones
// included, until it returns false. Returns whether all were visited.
template <class Visit>
bool ForEachListElement(std::string_view list, Visit visit) {
  while (true) {
    const auto comma = list.find(',');
    if (!visit(TrimHeaderValue(list.substr(0, comma)))) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace puente

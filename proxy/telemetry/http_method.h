// The methods that names and labels are made of: those of RFC 9110, and PATCH.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace puente {

inline constexpr auto kKnownMethods = std::to_array<std::string_view>(
    {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"});
// What OpenTelemetry calls all others.
inline constexpr std::string_view kOtherMethod = "_OTHER";

// Its place among them; kKnownMethods.size() for others.
inline std::size_t MethodIndex(std::string_view method) {
  return static_cast<std::size_t>(std::ranges::find(kKnownMethods, method) - kKnownMethods.begin());
}

inline bool IsKnownMethod(std::string_view method) {
  return MethodIndex(method) < kKnownMethods.size();
}

// The method, or "_OTHER".
inline std::string_view KnownMethod(std::string_view method) {
  return IsKnownMethod(method) ? method : kOtherMethod;
}

}  // namespace puente

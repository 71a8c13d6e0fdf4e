// Durations as the configuration has them.
#pragma once

#include <google/protobuf/duration.pb.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace puente {

// Durations of the configuration are never longer: ten years.
inline constexpr std::chrono::hours kMaxDuration{10 * 365 * 24};

// "250ms", "5s", "1.5s", "1m30s", "1h": numbers with the units h, m, s, ms, us and ns, from the
// largest unit to the smallest, each at most once. nullopt for anything else (a sign, a number
// without a unit, more than kMaxDuration).
std::optional<std::chrono::nanoseconds> ParseDuration(std::string_view text);

// The shortest text that ParseDuration reads as `duration`: "1m30s"; "0s" for none. Not for
// negative ones.
std::string FormatDuration(std::chrono::nanoseconds duration);

// Between the standard library and protobuf. Not for durations outside of ±kMaxDuration.
std::chrono::nanoseconds ToChrono(const google::protobuf::Duration& duration);
google::protobuf::Duration ToProto(std::chrono::nanoseconds duration);

}  // namespace puente

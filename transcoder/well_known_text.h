// Timestamp, Duration and FieldMask as text (proto3 JSON mapping; RFC 3339).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace puente {

// The two fields of a google.protobuf.Timestamp or Duration.
struct SecondsAndNanos {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  bool operator==(const SecondsAndNanos&) const = default;
};

// "2026-11-21T10:00:00.5Z", or with an offset ("+01:00"); years 0001 to 9999, at most nine digits
// of a second. nullopt: not one.
std::optional<SecondsAndNanos> ParseTimestamp(std::string_view text);
// In UTC with 0, 3, 6 or 9 digits of a second. nullopt: out of the range above.
std::optional<std::string> FormatTimestamp(SecondsAndNanos time);
// The same, written to `to`, where there is room for kLongestTime; its end. nullptr: out of range.
inline constexpr std::size_t kLongestTime = 30;  // "2026-11-21T10:00:00.123456789Z"
char* WriteTimestamp(SecondsAndNanos time, char* to);

// "3.5s", within 315,576,000,000 s of zero. nullopt: not one.
std::optional<SecondsAndNanos> ParseJsonDuration(std::string_view text);
// nullopt: out of range, or seconds and nanos of different signs.
std::optional<std::string> FormatJsonDuration(SecondsAndNanos duration);
// As WriteTimestamp.
char* WriteJsonDuration(SecondsAndNanos duration, char* to);

// The paths of a FieldMask, separated by commas, as proto names: "displayName,a.bC" is
// {"display_name", "a.b_c"}; "*" alone is a path, too (AIP-134). nullopt: an empty path or name, or
// a character that names don't have.
std::optional<std::vector<std::string>> ParseFieldMask(std::string_view text);
// nullopt: a path that would not read back as it is ("fooBar", "foo__bar", "foo_3").
std::optional<std::string> FormatFieldMask(const std::vector<std::string>& paths);
// One path, written to `to`, where there is room for as many characters as it has; its end.
// nullptr: as above.
char* WriteFieldMaskPath(std::string_view path, char* to);

}  // namespace puente

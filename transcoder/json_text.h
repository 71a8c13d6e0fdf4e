// JSON strings and numbers as they go out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace puente {

// Appends `text`, which must be UTF-8, as a JSON string.
void AppendJsonString(std::string_view text, std::string& out);

// Writes `value` as a JSON number, NaN and the infinities as the strings of proto3 JSON, to `to`,
// where there is room for kLongestJsonReal; its end.
inline constexpr std::size_t kLongestJsonReal = 24;
char* WriteJsonNumber(double value, char* to);
char* WriteJsonNumber(float value, char* to);

// Writes a 64-bit integer as proto3 JSON has it to `to`, where there is room for
// kLongestJsonInteger64; its end. That is a string, unless `as_number` and every reader takes the
// number exactly.
inline constexpr std::size_t kLongestJsonInteger64 = 22;
char* WriteJsonInteger64(std::int64_t value, bool as_number, char* to);
char* WriteJsonInteger64(std::uint64_t value, bool as_number, char* to);

}  // namespace puente

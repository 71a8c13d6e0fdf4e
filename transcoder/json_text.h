// JSON strings and numbers as they go out.
#pragma once

#include <string>
#include <string_view>

namespace puente {

// Appends `text`, which must be UTF-8, as a JSON string.
void AppendJsonString(std::string_view text, std::string& out);

// Appends `value` as a JSON number; NaN and the infinities as the strings of proto3 JSON.
void AppendJsonNumber(double value, std::string& out);
void AppendJsonNumber(float value, std::string& out);

}  // namespace puente

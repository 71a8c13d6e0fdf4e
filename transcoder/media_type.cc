#include "transcoder/media_type.h"

#include <algorithm>
#include <array>
#include <optional>

#include "transcoder/header_value.h"
#include "transcoder/http_message.h"

namespace puente {
namespace {

constexpr auto kNdjsonTypes = std::to_array<std::string_view>({
    "application/x-ndjson",
    "application/jsonl",
    "application/ndjson",
    "application/x-jsonlines",
});

bool EndsWithIgnoringCase(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && EqualsIgnoreCase(text.substr(text.size() - end.size()), end);
}

std::string_view Unquote(std::string_view value) {
  const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

bool IsJsonType(std::string_view type) {
  const bool has_both_parts = type.find('/') != std::string_view::npos && type[0] != '/';
  return EqualsIgnoreCase(type, "application/json") ||
         (has_both_parts && EndsWithIgnoringCase(type, "+json"));
}

bool IsAllowedParameter(std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  if (!EqualsIgnoreCase(TrimHeaderValue(parameter.substr(0, equals)), "charset")) return true;
  if (equals == std::string_view::npos) return false;
  const std::string_view charset = Unquote(TrimHeaderValue(parameter.substr(equals + 1)));
  return EqualsIgnoreCase(charset, "utf-8") || EqualsIgnoreCase(charset, "us-ascii");
}

// Whether each parameter of `parameters`, what follows the type, is allowed.
bool AreAllowedParameters(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::optional<std::string_view> parameter = TakeElement(parameters, ';');
    if (!parameter || !IsAllowedParameter(*parameter)) return false;
  }
  return true;
}

std::string_view TypeOf(std::string_view content_type) {
  return TrimHeaderValue(content_type.substr(0, content_type.find(';')));
}

bool HasAllowedParameters(std::string_view content_type) {
  const std::size_t semicolon = content_type.find(';');
  return semicolon == std::string_view::npos ||
         AreAllowedParameters(content_type.substr(semicolon + 1));
}

}  // namespace

bool IsJson(std::string_view content_type) {
  const std::string_view type = TypeOf(content_type);
  if (type.empty()) return TrimHeaderValue(content_type).empty();
  return IsJsonType(type) && HasAllowedParameters(content_type);
}

bool IsNdjson(std::string_view content_type) {
  const std::string_view type = TypeOf(content_type);
  const auto is_type = [type](std::string_view name) { return EqualsIgnoreCase(type, name); };
  return std::ranges::any_of(kNdjsonTypes, is_type) && HasAllowedParameters(content_type);
}

bool IsForm(std::string_view content_type) {
  return EqualsIgnoreCase(TypeOf(content_type), "application/x-www-form-urlencoded") &&
         HasAllowedParameters(content_type);
}

}  // namespace puente

#include "transcoder/media_type.h"

#include <algorithm>

namespace puente {
namespace {

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToLower(x) == ToLower(y); });
}

bool EndsWithIgnoringCase(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && EqualIgnoringCase(text.substr(text.size() - end.size()), end);
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view Unquote(std::string_view value) {
  const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

bool IsJsonType(std::string_view type) {
  const bool has_both_parts = type.find('/') != std::string_view::npos && type[0] != '/';
  return EqualIgnoringCase(type, "application/json") ||
         (has_both_parts && EndsWithIgnoringCase(type, "+json"));
}

bool IsAllowedParameter(std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  if (!EqualIgnoringCase(Trim(parameter.substr(0, equals)), "charset")) return true;
  if (equals == std::string_view::npos) return false;
  const std::string_view charset = Unquote(Trim(parameter.substr(equals + 1)));
  return EqualIgnoringCase(charset, "utf-8") || EqualIgnoringCase(charset, "us-ascii");
}

}  // namespace

bool IsJson(std::string_view content_type) {
  std::size_t semicolon = content_type.find(';');
  const std::string_view type = Trim(content_type.substr(0, semicolon));
  if (type.empty()) return Trim(content_type).empty();
  if (!IsJsonType(type)) return false;
  while (semicolon != std::string_view::npos) {
    content_type.remove_prefix(semicolon + 1);
    semicolon = content_type.find(';');
    if (!IsAllowedParameter(content_type.substr(0, semicolon))) return false;
  }
  return true;
}

}  // namespace puente

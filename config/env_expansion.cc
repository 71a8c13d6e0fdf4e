#include "config/env_expansion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace puente {
namespace {

constexpr std::size_t kMaxExpandedBytes = 4096;

bool IsNameCharacter(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsName(std::string_view text) {
  return !text.empty() && (text[0] < '0' || text[0] > '9') &&
         std::ranges::all_of(text, IsNameCharacter);
}

// `reference` is what stands between the braces.
tl::expected<std::string, std::string> ValueOf(std::string_view reference,
                                               const Environment& environment) {
  const std::size_t separator = reference.find(":-");
  const std::string_view name = reference.substr(0, separator);
  if (!IsName(name)) {
    return tl::unexpected(
        std::string("malformed variable; write ${NAME} or ${NAME:-default}, and $$ for a dollar"));
  }
  std::optional<std::string> value = environment(name);
  if (separator != std::string_view::npos) {
    if (value.has_value() && !value->empty()) return *std::move(value);
    return std::string(reference.substr(separator + 2));
  }
  if (value.has_value()) return *std::move(value);
  return tl::unexpected(fmt::format(
      "the environment variable {} is not set; ${{{}:-default}} would give it a default", name,
      name));
}

}  // namespace

std::optional<std::string> ProcessEnvironment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

tl::expected<ExpandedText, std::string> ExpandEnvironment(std::string_view text,
                                                          const Environment& environment) {
  ExpandedText result;
  while (true) {
    const std::size_t dollar = text.find('$');
    result.text += text.substr(0, dollar);
    if (dollar == std::string_view::npos) return result;
    text.remove_prefix(dollar + 1);
    if (!text.starts_with('{')) {
      result.text += '$';
      if (text.starts_with('$')) text.remove_prefix(1);
      continue;
    }
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) {
      return tl::unexpected(std::string("\"${\" without a \"}\"; write $$ for a dollar"));
    }
    auto value = ValueOf(text.substr(1, end - 1), environment);
    if (!value.has_value()) return tl::unexpected(std::move(value).error());
    result.text += *value;
    result.has_variables = true;
    if (result.text.size() > kMaxExpandedBytes) {
      return tl::unexpected(
          fmt::format("longer than {} bytes with its environment variables", kMaxExpandedBytes));
    }
    text.remove_prefix(end + 1);
  }
}

}  // namespace puente

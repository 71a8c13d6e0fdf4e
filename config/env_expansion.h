// Environment variables in the values of a configuration.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace puente {

// The value of an environment variable, or nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// That of the process.
std::optional<std::string> ProcessEnvironment(std::string_view name);

struct ExpandedText {
  std::string text;
  bool has_variables = false;  // the text came from the environment, in part at least
};

// Replaces ${NAME} by the variable, and ${NAME:-default} by the default where the variable is unset
// or empty, as a shell does. "$$" is a dollar, and so is one before anything else. What a variable
// holds is not expanded again. The error names the variable: it is not set and has no default, its
// name is malformed, a "}" is missing, or the result exceeds 4 KiB.
tl::expected<ExpandedText, std::string> ExpandEnvironment(std::string_view text,
                                                          const Environment& environment);

}  // namespace puente

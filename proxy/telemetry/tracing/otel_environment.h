// The OTEL_* variables (opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables).
#pragma once

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/env_expansion.h"

namespace puente {

// A variable that is set, and which.
struct OtelVariable {
  std::string_view name;  // lives as long as the process
  std::string value;      // not empty, without spaces around it
};

using OtelPairs = std::vector<std::pair<std::string, std::string>>;

// Reads variables as the specification says: an empty one is not set, and one that can't be used
// is warned about in the log and passed over. Warnings name the variable and what holds in its
// place; values of headers are never in them.
class OtelEnvironment {
 public:
  // `environment` outlives this.
  explicit OtelEnvironment(const Environment& environment) : environment_(environment) {}

  // The first of `names`, which live as long as the process, that is set.
  std::optional<OtelVariable> Find(std::initializer_list<std::string_view> names) const;

  // The same with the value in lower case: names of OpenTelemetry are the same in any case.
  std::optional<OtelVariable> FindName(std::initializer_list<std::string_view> names) const;

  // Whether it is "true", in any case. What is neither "true" nor "false" is warned about.
  bool IsTrue(std::string_view name) const;

  // A whole number from `least` to `most`, or `otherwise`.
  std::size_t Number(std::initializer_list<std::string_view> names, std::size_t least,
                     std::size_t most, std::size_t otherwise) const;

  // The same, in milliseconds: at least 1, at most an hour.
  std::chrono::milliseconds Milliseconds(std::initializer_list<std::string_view> names,
                                         std::chrono::milliseconds otherwise) const;

 private:
  const Environment& environment_;
};

// Says in the log that `variable` is not used, why, and what is instead.
void WarnOfVariable(std::string_view variable, std::string_view why, std::string_view instead);

// The elements of "a, b": without spaces around them, and without empty ones.
std::vector<std::string> SplitList(std::string_view text);

// Reads "a=1,b=2", values percent-encoded, as W3C Baggage has it. nullopt: it is malformed.
std::optional<OtelPairs> ParsePairs(std::string_view text);

}  // namespace puente

// The target of a request to the legacy service: path and query, percent-decoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace puente::examples {

// Text in it is UTF-8.
struct LegacyTarget {
  std::vector<std::string> segments;  // "/v1/invoices/7": "v1", "invoices", "7"
  std::vector<std::pair<std::string, std::string>> query;

  // The last parameter called `name` (in snake_case), or the same in lowerCamelCase; nullopt when
  // there is none.
  std::optional<std::string> Parameter(std::string_view name) const;
};

// Of "/path?name=value&..."; the error is for the client.
tl::expected<LegacyTarget, std::string> ReadLegacyTarget(std::string_view target);

}  // namespace puente::examples

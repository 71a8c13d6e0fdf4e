#include "examples/services/numbered_id.h"

#include <fmt/format.h>

#include <charconv>

namespace puente::examples {

std::string MakeId(std::string_view prefix, std::uint64_t number) {
  return fmt::format("{}{}", prefix, number);
}

std::uint64_t NumberOfId(std::string_view prefix, std::string_view id) {
  if (!id.starts_with(prefix)) return 0;
  const auto digits = id.substr(prefix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole && !digits.starts_with('0') ? number : 0;
}

}  // namespace puente::examples

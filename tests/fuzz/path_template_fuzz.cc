// A template that parses has its variables in order and inside of its segments.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "transcoder/path_template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = puente::PathTemplate::Parse({reinterpret_cast<const char*>(data), size});
  if (!parsed) return 0;
  std::size_t end = 0;
  for (const auto& variable : parsed->variables) {
    if (variable.first < end || variable.count == 0) std::abort();
    end = variable.first + variable.count;
  }
  if (end > parsed->segments.size()) std::abort();
  return 0;
}

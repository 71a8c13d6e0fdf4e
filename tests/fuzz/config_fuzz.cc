// Any text is either a configuration or a list of problems, each with a message that can be
// printed. What has no problem is complete, and stays without one when it is checked again.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/load_config.h"
#include "config/utf8.h"
#include "tests/fuzz/require.h"

namespace {

using puente::fuzz::Require;

std::optional<std::string> Variable(std::string_view name) {
  if (name.size() == 1) return std::string(name);
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const puente::LoadResult result = puente::ParseConfig(text, "fuzz.yaml", Variable);
  for (const puente::Problem& problem : result.problems) {
    Require(!problem.message.empty() && problem.file == "fuzz.yaml");
    Require(puente::IsPrintableUtf8(puente::ToString(problem)));
  }
  if (result.ok()) {
    Require(result.loaded.config.listeners_size() > 0 && result.loaded.config.has_limits());
    Require(puente::CompleteConfig(result.loaded.config, "again").ok());
  }
  return 0;
}

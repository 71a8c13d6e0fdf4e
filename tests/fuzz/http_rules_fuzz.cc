// Any text is either a file of HTTP rules or a list of problems, each with a message that can be
// printed. Rules without a problem have a method's name and a pattern.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/http_rules.h"
#include "config/utf8.h"
#include "tests/fuzz/require.h"

namespace {

using puente::fuzz::Require;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const puente::HttpRulesResult result = puente::ParseHttpRules(text, "fuzz.yaml");
  for (const puente::Problem& problem : result.problems) {
    Require(!problem.message.empty() && problem.file == "fuzz.yaml");
    Require(puente::IsPrintableUtf8(puente::ToString(problem)));
  }
  if (!result.ok()) return 0;
  for (const google::api::HttpRule& rule : result.loaded.http.rules()) {
    Require(!rule.selector().empty());
    Require(rule.pattern_case() != google::api::HttpRule::PATTERN_NOT_SET);
  }
  return 0;
}

// What is hidden from spans stays hidden: the first line of the input is a path, the rest a query.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/puente.pb.h"
#include "proxy/telemetry/redaction.h"
#include "transcoder/path_template.h"
#include "transcoder/uri.h"

namespace puente {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

Redaction AllHidden() {
  config::AccessLog config;
  config.add_redact_path_variables("token");
  config.add_redact_path_variables("rest");
  config.add_redact_query("secret");
  return Redaction(config);
}

// All that may differ between paths of the template, but how its literals are spelled, is hidden.
void CheckPath(const Redaction& redaction, std::string_view path) {
  static const PathTemplate matched = *PathTemplate::Parse("/v1/{token}/x/{rest=**}");
  std::string hidden = PercentDecode(redaction.Path(path, &matched));
  if (hidden.ends_with('/')) hidden.pop_back();
  Check(hidden == "/v1/REDACTED/x/REDACTED" || hidden == "/v1/REDACTED/x" || hidden == "REDACTED");
}

void CheckQuery(const Redaction& redaction, std::string_view query) {
  const std::string hidden = redaction.Query(query);
  Check(std::ranges::count(hidden, '&') == std::ranges::count(query, '&'));
  Check(redaction.Query(hidden) == hidden);
}

}  // namespace
}  // namespace puente

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const puente::Redaction redaction = puente::AllHidden();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view path = text.substr(0, text.find('\n'));
  puente::CheckPath(redaction, path);
  puente::CheckQuery(redaction, text.substr(std::min(path.size() + 1, text.size())));
  return 0;
}

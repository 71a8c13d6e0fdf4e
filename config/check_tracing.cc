#include "config/check_tracing.h"

#include <map>
#include <set>
#include <string>

#include "config/ascii.h"
#include "config/check_sections.h"
#include "config/collector.h"
#include "config/utf8.h"

namespace puente {
namespace {

constexpr std::string_view kSection = "telemetry.tracing";

std::string Key(std::string_view name) { return JoinKey(kSection, name); }

void CheckHeaders(const config::Tracing& tracing, Findings& findings) {
  std::set<std::string> seen;
  // In an order that does not change from run to run.
  const std::map<std::string, std::string> headers(tracing.otlp_headers().begin(),
                                                   tracing.otlp_headers().end());
  for (const auto& [name, value] : headers) {
    const std::string list = Key("otlp_headers");
    const std::string key = IsPrintableUtf8(name) ? JoinKey(list, name) : list;
    if (const auto wrong = CheckExportHeader(name, value)) {
      findings.Report(key, *wrong);
    } else if (!seen.insert(ToLowerAscii(name)).second) {
      findings.Report(key, "this header is here twice, in upper and in lower case");
    }
  }
}

}  // namespace

void CheckTracing(const config::Tracing& tracing, Findings& findings) {
  if (tracing.has_otlp_endpoint()) {
    const auto url = ParseCollectorUrl(tracing.otlp_endpoint());
    if (!url) findings.Report(Key("otlp_endpoint"), url.error());
    if (url && !url->tls && tracing.has_otlp_tls()) {
      findings.Report(Key("otlp_tls"), "has no effect, because otlp_endpoint is not https");
    }
  }
  CheckHeaders(tracing, findings);
  if (tracing.has_otlp_tls()) CheckClientTls(Key("otlp_tls"), tracing.otlp_tls(), findings);
  if (tracing.has_service_name() && tracing.service_name().empty()) {
    findings.Report(Key("service_name"), "must not be empty");
  }
}

}  // namespace puente

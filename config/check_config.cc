#include "config/check_config.h"

#include "config/address.h"
#include "config/check_bounds.h"
#include "config/check_sections.h"
#include "config/check_tracing.h"

namespace puente {
namespace {

void CheckTrustedProxies(const config::Config& config, Findings& findings) {
  for (int i = 0; i < config.trusted_proxies_size(); ++i) {
    const auto cidr = ParseCidr(config.trusted_proxies(i));
    if (!cidr.has_value()) findings.Report(IndexKey("trusted_proxies", i), cidr.error());
  }
}

void CheckServices(const config::Transcoding& transcoding, Findings& findings) {
  for (int i = 0; i < transcoding.services_size(); ++i) {
    if (!IsFullName(transcoding.services(i))) {
      findings.Report(IndexKey("transcoding.services", i),
                      "expected the full name of a service, such as `billing.v1.BillingService`");
    }
  }
}

// "https://app.example:8443": as browsers send it, without a path.
bool IsOrigin(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos || scheme_end == 0) return false;
  const std::string_view authority = text.substr(scheme_end + 3);
  return !authority.empty() && authority.find_first_of("/?#@, \t*") == std::string_view::npos;
}

void CheckCors(const config::Cors& cors, Findings& findings) {
  for (int i = 0; i < cors.allow_origins_size(); ++i) {
    const std::string& origin = cors.allow_origins(i);
    if (origin == "*" || IsOrigin(origin)) continue;
    findings.Report(IndexKey("cors.allow_origins", i),
                    "expected an origin such as `https://app.example`, or `*` for all");
  }
}

}  // namespace

void CheckConfig(const config::Config& config, Findings& findings) {
  CheckBounds(config, "", findings);
  CheckListeners(config, findings);
  CheckTrustedProxies(config, findings);
  CheckDescriptors(config, findings);
  CheckServices(config.transcoding(), findings);
  CheckUpstreams(config, findings);
  CheckRoutes(config, findings);
  CheckCors(config.cors(), findings);
  CheckTracing(config.telemetry().tracing(), findings);
}

}  // namespace puente

#include "config/check_config.h"

#include "config/address.h"
#include "config/check_bounds.h"
#include "config/check_sections.h"

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

}  // namespace

void CheckConfig(const config::Config& config, Findings& findings) {
  CheckBounds(config, "", findings);
  CheckListeners(config, findings);
  CheckTrustedProxies(config, findings);
  CheckDescriptors(config, findings);
  CheckServices(config.transcoding(), findings);
  CheckUpstreams(config, findings);
  CheckRoutes(config, findings);
}

}  // namespace puente

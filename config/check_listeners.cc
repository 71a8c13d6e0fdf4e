#include "config/address.h"
#include "config/check_sections.h"

namespace puente {
namespace {

using config::ServerTls;

// Port 0 is another port each time.
bool IsFixed(const ListenAddress& address) {
  return address.port != 0 || !address.unix_path.empty();
}

void CheckAddress(const std::string& key, const std::string& text, UniqueValues& addresses,
                  Findings& findings) {
  if (text.empty()) return;
  const auto address = ParseListenAddress(text);
  if (!address.has_value()) {
    findings.Report(key, address.error());
  } else if (IsFixed(*address)) {
    addresses.Add(key, text);
  }
}

void CheckTls(const std::string& path, const ServerTls& tls, Findings& findings) {
  // Where certificates were tried, the pair is not missed.
  if (!findings.IsSettled(path + ".certificates")) {
    if (!tls.has_certificate()) findings.Report(path + ".certificate", "is missing");
    if (!tls.has_private_key()) findings.Report(path + ".private_key", "is missing");
  }
  const bool asks = tls.client_auth() != ServerTls::CLIENT_AUTH_NONE;
  if (asks && !tls.has_client_ca()) {
    findings.Report(path + ".client_ca",
                    "is missing; client_auth needs the authorities to verify against");
  }
  if (!asks && tls.has_client_ca() && !findings.IsSettled(path + ".client_auth")) {
    findings.Report(path + ".client_ca",
                    "has no effect while client_auth is NONE; set that to OPTIONAL or REQUIRE");
  }
}

}  // namespace

void CheckListeners(const config::Config& config, Findings& findings) {
  UniqueValues names("name", findings);
  UniqueValues addresses("address", findings);
  for (int i = 0; i < config.listeners_size(); ++i) {
    const config::Listener& listener = config.listeners(i);
    const std::string path = IndexKey("listeners", i);
    CheckAddress(path + ".address", listener.address(), addresses, findings);
    if (listener.has_name() && listener.name().empty()) {
      findings.Report(path + ".name", "must not be empty");
    }
    if (listener.name() == "admin") {
      findings.Report(path + ".name", "is the name that the admin listener has in metrics");
    }
    // A name that was not given is the address, which is complained about as such.
    if (listener.name() != listener.address()) names.Add(path + ".name", listener.name());
    if (listener.has_tls()) CheckTls(path + ".tls", listener.tls(), findings);
  }
  CheckAddress("admin.address", config.admin().address(), addresses, findings);
}

}  // namespace puente

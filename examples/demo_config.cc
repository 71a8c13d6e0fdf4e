#include "examples/demo_config.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace puente::examples {
namespace {

namespace fs = std::filesystem;

fs::path MakeFolder() {
  std::string folder = fs::temp_directory_path() / "puente-demo-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    throw fs::filesystem_error("no folder for the configuration", folder,
                               {errno, std::generic_category()});
  }
  return folder;
}

void Write(const fs::path& path, std::string_view text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) {
    throw fs::filesystem_error("not written", path, std::make_error_code(std::errc::io_error));
  }
}

}  // namespace

std::string DemoConfig(const DemoAddresses& addresses) {
  return fmt::format(
      R"(# The demo's configuration. Edit it while the demo runs: a change is applied at once.
listeners: [{{name: rest, address: "{}"}}]
admin: {{address: "{}"}}
descriptors: {{files: ["{}"]}}
transcoding: {{auto_routes: REST}}
limits: {{max_request_body_bytes: 67108864}}
drain: {{delay: 0s, timeout: 5s}}
telemetry: {{log: {{level: WARN, format: TEXT}}}}

upstreams:
- {{name: legacy, http: {{url: "{}"}}}}      # billing as it was: REST
- {{name: billing, grpc: {{target: "{}"}}}}         # billing as it shall be
- {{name: examples, grpc: {{target: "{}"}}}}        # the other services

routes:
- match: {{path_prefix: /legacy/}}      # what no descriptor knows
  upstream: legacy
- match: {{service: billing.v1.BillingService}}
  split:
    name: billing-migration
    backends: [{{upstream: legacy, weight: 100}}, {{upstream: billing, weight: 0}}]
    sticky: {{header: x-user-id}}
    override_header: x-puente-upstream
  shadow: {{upstream: billing, percent: 100, compare: true}}
  circuit_breaker: {{failures: 5, open_for: 2s}}
  fallback: legacy
  # Quick, and not particular about latency, since all of it shares one machine.
  # rollout: {{to: billing, steps: [20, 50, 100], interval: 3s, window: 2s, min_requests: 10, max_latency_ratio: 1000}}
- match: {{path_prefix: /}}
  upstream: examples
)",
      addresses.listen, addresses.admin, addresses.descriptors, addresses.legacy_url,
      addresses.grpc_target, addresses.grpc_target);
}

DemoFile::DemoFile(std::string_view text) : path_(MakeFolder() / "puente.yaml") {
  Write(path_, text);
}

DemoFile::~DemoFile() {
  std::error_code ignored;
  fs::remove_all(path_.parent_path(), ignored);
}

}  // namespace puente::examples

#include "config/address.h"
#include "config/check_sections.h"

namespace puente {
namespace {

void CheckTargets(const std::string& path, const config::GrpcUpstream& grpc, Findings& findings) {
  CheckExactlyOne(path, {{"target", grpc.has_target()}, {"targets", grpc.targets_size() > 0}},
                  findings);
  if (grpc.has_target() && !IsGrpcTarget(grpc.target())) {
    findings.Report(path + ".target",
                    "expected a gRPC target, such as `billing:50051`, `dns:///billing:50051` or "
                    "`unix:/path`");
  }
  for (int i = 0; i < grpc.targets_size(); ++i) {
    if (!IsHostAndPort(grpc.targets(i))) {
      findings.Report(IndexKey(path + ".targets", i),
                      "expected a host and a port, such as `billing:50051`");
    }
  }
}

}  // namespace

void CheckUpstreams(const config::Config& config, Findings& findings) {
  UniqueValues names("name", findings);
  for (int i = 0; i < config.upstreams_size(); ++i) {
    const config::Upstream& upstream = config.upstreams(i);
    const std::string path = IndexKey("upstreams", i);
    names.Add(path + ".name", upstream.name());
    CheckExactlyOne(path, {{"grpc", upstream.has_grpc()}, {"http", upstream.has_http()}}, findings);
    if (!upstream.has_grpc()) continue;
    CheckTargets(path + ".grpc", upstream.grpc(), findings);
    if (upstream.grpc().has_tls())
      CheckClientTls(path + ".grpc.tls", upstream.grpc().tls(), findings);
  }
}

}  // namespace puente

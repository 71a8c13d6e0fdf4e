#include <algorithm>
#include <chrono>

#include "config/check_sections.h"
#include "config/duration_text.h"

namespace puente {
namespace {

constexpr auto kShortestRefresh = std::chrono::milliseconds(100);

void CheckRefresh(const std::string& key, const google::protobuf::Duration& refresh,
                  Findings& findings) {
  const auto duration = ToChrono(refresh);
  if (duration.count() != 0 && duration < kShortestRefresh) {
    findings.Report(key, "must be at least 100ms, or 0s: never again");
  }
}

void CheckReflected(const config::Config& config, const std::string& key,
                    const std::string& upstream, Findings& findings) {
  if (upstream.empty()) return;
  const auto named = std::ranges::find(config.upstreams(), upstream, &config::Upstream::name);
  if (named == config.upstreams().end()) {
    findings.Report(key, NoSuchUpstream(UpstreamNames(config), upstream));
  } else if (named->has_http()) {
    findings.Report(key, "this is not a gRPC upstream; only those can be asked");
  }
}

}  // namespace

void CheckDescriptors(const config::Config& config, Findings& findings) {
  const config::Descriptors& descriptors = config.descriptors();
  // A proxy of paths alone needs none.
  const bool needed = config.upstreams().empty() ||
                      std::ranges::any_of(config.upstreams(), &config::Upstream::has_grpc);
  if (needed && descriptors.files().empty() && descriptors.reflection().empty()) {
    const bool said =
        findings.IsSettled("descriptors.files") || findings.IsSettled("descriptors.reflection");
    if (!said) findings.Report("descriptors", "needs `files` or `reflection`");
  }
  UniqueValues upstreams("upstream", findings);
  for (int i = 0; i < descriptors.reflection_size(); ++i) {
    const config::Reflection& reflection = descriptors.reflection(i);
    const std::string path = IndexKey("descriptors.reflection", static_cast<std::size_t>(i));
    upstreams.Add(path + ".upstream", reflection.upstream());
    CheckReflected(config, path + ".upstream", reflection.upstream(), findings);
    CheckRefresh(path + ".refresh", reflection.refresh(), findings);
  }
}

}  // namespace puente

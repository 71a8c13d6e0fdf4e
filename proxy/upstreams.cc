#include "proxy/upstreams.h"

#include <cstddef>

namespace puente {

Upstreams MakeUpstreams(const LoadedConfig& loaded, std::size_t workers,
                        std::vector<Problem>& problems) {
  Upstreams upstreams;
  for (int i = 0; i < loaded.config.upstreams_size(); ++i) {
    const config::Upstream& upstream = loaded.config.upstreams(i);
    if (!upstream.has_grpc()) continue;
    std::vector<Problem> found;
    upstreams[upstream.name()] = GrpcUpstream::Make(upstream, workers, found);
    for (const Problem& problem : found) {
      problems.push_back(loaded.positions.At(
          JoinKey(IndexKey("upstreams", static_cast<std::size_t>(i)), problem.key),
          problem.message));
    }
  }
  return upstreams;
}

}  // namespace puente

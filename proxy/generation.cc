#include "proxy/generation.h"

#include <utility>

namespace puente {

std::shared_ptr<const Generation> BuildGeneration(std::shared_ptr<const LoadedConfig> loaded,
                                                  Upstreams upstreams,
                                                  const ReflectedDescriptors& reflected,
                                                  const Generation* previous, Metrics& metrics,
                                                  std::vector<Problem>& problems) {
  auto generation = std::make_shared<Generation>();
  generation->loaded = std::move(loaded);
  generation->upstreams = std::move(upstreams);
  const LoadedConfig& config = *generation->loaded;
  // Also without all upstreams, so that all that is wrong is told at once.
  std::shared_ptr<const RoutePolicies> policies;
  if (problems.empty()) {
    policies =
        std::make_shared<RoutePolicies>(config.config, generation->upstreams, metrics,
                                        previous == nullptr ? nullptr : previous->policies.get());
  }
  generation->policies = policies;
  generation->snapshot = BuildSnapshot(config, std::move(policies), reflected, metrics, problems);
  if (!generation->snapshot) return nullptr;
  return generation;
}

std::shared_ptr<const Generation> WithDescriptors(const Generation& generation,
                                                  const ReflectedDescriptors& reflected,
                                                  Metrics& metrics,
                                                  std::vector<Problem>& problems) {
  auto next = std::make_shared<Generation>(generation);
  next->snapshot = BuildSnapshot(*next->loaded, next->policies, reflected, metrics, problems);
  if (!next->snapshot) return nullptr;
  return next;
}

}  // namespace puente

// All that is in force at one time: a configuration, and what was made of it.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "config/load_config.h"
#include "proxy/descriptor_sources.h"
#include "proxy/route_policies.h"
#include "proxy/snapshot.h"
#include "proxy/upstreams.h"

namespace puente {

// Immutable, as its parts.
struct Generation {
  std::shared_ptr<const LoadedConfig> loaded;
  Upstreams upstreams;
  std::shared_ptr<const RoutePolicies> policies;
  std::shared_ptr<const Snapshot> snapshot;
};

// Builds what `loaded` says, whole or not at all: everything that is wrong is added to `problems`,
// and nullptr returned, as when there are problems already. `upstreams` are those of `loaded`. What
// routes remember is taken over from `previous` (nullptr: nothing is), which goes on unchanged; see
// RoutePolicies::Adopt. Reads files, and may take a while.
std::shared_ptr<const Generation> BuildGeneration(std::shared_ptr<const LoadedConfig> loaded,
                                                  Upstreams upstreams,
                                                  const ReflectedDescriptors& reflected,
                                                  const Generation* previous, Metrics& metrics,
                                                  std::vector<Problem>& problems);

// The same configuration with other descriptors.
std::shared_ptr<const Generation> WithDescriptors(const Generation& generation,
                                                  const ReflectedDescriptors& reflected,
                                                  Metrics& metrics, std::vector<Problem>& problems);

}  // namespace puente

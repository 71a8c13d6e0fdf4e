// The backends of a configuration.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/load_config.h"
#include "proxy/upstream/grpc_upstream.h"

namespace puente {

// The gRPC upstreams, by name.
using Upstreams = std::map<std::string, std::shared_ptr<GrpcUpstream>, std::less<>>;

// Reads the certificates that they need, and connects to nobody yet. What is wrong is added to
// `problems`, at the line of the key that it concerns; that upstream is nullptr then.
Upstreams MakeUpstreams(const LoadedConfig& loaded, std::size_t workers,
                        std::vector<Problem>& problems);

}  // namespace puente

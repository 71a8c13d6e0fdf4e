// Asks a gRPC server for the descriptors of its services: server reflection, v1 and v1alpha.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <tl/expected.hpp>

#include "proxy/upstream/grpc_upstream.h"
#include "proxy/upstream/reflected_files.h"

namespace puente {

// Blocks until the answers are complete, for `timeout` at most, or until a stop is requested. Any
// thread. The error is a sentence for a person: why `upstream`, which it does not name, gave no
// descriptors.
tl::expected<ReflectedSet, std::string> AskReflection(
    GrpcUpstream& upstream, std::stop_token stop = {}, ReflectionLimits limits = {},
    std::chrono::milliseconds timeout = std::chrono::seconds(10));

}  // namespace puente

// The limits of requests that a configuration stands for.
#pragma once

#include "config/puente.pb.h"
#include "proxy/http/request_parser.h"

namespace puente {

// Of `limits` and `headers_with_underscores`.
RequestLimits RequestLimitsOf(const config::Config& config);

}  // namespace puente

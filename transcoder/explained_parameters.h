// What each path variable and query parameter of a request binds to, by itself.
#pragma once

#include <vector>

#include "transcoder/codec.h"
#include "transcoder/explain.h"
#include "transcoder/route.h"

namespace puente {

// `request` is of the route's request type.
std::vector<ExplainedParameter> ExplainVariables(const Route& route, const TargetInput& target,
                                                 const google::protobuf::Message& request);

// No more than options.max_query_parameters.
std::vector<ExplainedParameter> ExplainQuery(const Route& route, const TargetInput& target,
                                             const CodecOptions& options,
                                             const google::protobuf::Message& request);

}  // namespace puente

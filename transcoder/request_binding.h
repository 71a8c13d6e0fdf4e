// Which field of the request each path variable and query parameter goes to (design section 4,
// rules 1 and 9).
#pragma once

#include <google/protobuf/message.h>

#include <vector>

#include "transcoder/bound_parameter.h"
#include "transcoder/codec.h"

namespace puente {

// Binds the path variables of `target`, then its query. What is refused (INVALID_ARGUMENT, naming
// the parameter) is told at ParameterBinder::Bind: fields of the path and of the body count as set.
Result<std::vector<BoundParameter>> BindParameters(const Route& route, const TargetInput& target,
                                                   const CodecOptions& options,
                                                   DroppedInput& dropped);

// What RouteCodec::Bind does, for any codec; `request` is of the route's request type.
Result<BoundTarget> BindTarget(const Route& route, const TargetInput& target,
                               const CodecOptions& options,
                               const google::protobuf::Message& request, DroppedInput& dropped);

}  // namespace puente

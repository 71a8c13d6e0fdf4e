// REST in, gRPC out: the call that one HTTP request becomes, and its answer.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "proxy/call/request_context.h"
#include "transcoder/error.h"

namespace puente {

// Answers the request of `context`, whose route is known, or says why it could not.
Task<Result<void>> ServeHttpCall(RequestContext& context, std::span<const std::string> captures,
                                 std::string_view query);

}  // namespace puente

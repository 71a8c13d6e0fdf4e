// REST in, gRPC out: the call that one HTTP request becomes, and its answer.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "proxy/call/attempt.h"
#include "proxy/call/request_context.h"
#include "transcoder/error.h"

namespace puente {

// Answers the request of `context`, whose method and gRPC backend are known, or says why it could
// not. `attempt` is its first; where the route says so, more follow.
Task<Result<void>> ServeTranscodedCall(RequestContext& context, Attempt& attempt,
                                       std::span<const std::string> captures,
                                       std::string_view query);

}  // namespace puente

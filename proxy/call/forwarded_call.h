// A request that goes on as it came, to an HTTP upstream.
#pragma once

#include "proxy/call/attempt.h"
#include "proxy/call/request_context.h"
#include "transcoder/error.h"

namespace puente {

// Answers the request of `context`, whose backend is an HTTP upstream, or says why it could not.
// Bodies flow both ways as they come, each as fast as its reader takes it; a request's whole body
// is sent at once where it has been read already. The head of the answer has the route's timeout
// from the end of the request on, its body may pause for limits.idle_timeout. `attempt` is the
// first try; where the route says so, more follow, as long as no byte of an answer has been passed
// on. A request for a WebSocket asks the upstream for one, which is a tunnel then (see
// ServeTunnel); the handshake has the route's timeout.
Task<Result<void>> ServeForwardedCall(RequestContext& context, Attempt& attempt);

}  // namespace puente

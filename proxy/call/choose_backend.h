// Where a request goes: the split's choice, or the client's.
#pragma once

#include <span>

#include "proxy/route_policy.h"
#include "transcoder/error.h"
#include "transcoder/http_message.h"

namespace puente {

// The backend of `policy` for a request with these headers: the one that its override header names,
// else the one that the weights give to its caller, or to chance where the request does not say who
// calls. `only_http`: what no method is bound to can't go to a gRPC service, and the others share
// its part. Errors: 400 for a name that is none of the split's, 404 when no backend can take it.
Result<const Backend*> ChooseBackend(const RoutePolicy& policy, std::span<const HeaderView> headers,
                                     bool only_http);

}  // namespace puente

// A request whose route is known: to its backend, and to the fallback where that is out of order.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "proxy/call/request_context.h"
#include "transcoder/error.h"

namespace puente {

// What the route table makes of the request's path; empty where no method is bound to it.
struct BoundPath {
  std::span<const std::string> captures;
  std::string_view query;
};

// Answers the request of `context`, whose policy is known, or says why it could not. Chooses the
// backend, and asks its breaker. While that is open the request goes to the fallback; so does the
// one request that was to find out whether the upstream has recovered, where it has not.
Task<Result<void>> ServeRouted(RequestContext& context, const BoundPath& path);

}  // namespace puente

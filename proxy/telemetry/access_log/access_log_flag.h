// Why a request failed, as its line in the access log says it.
#pragma once

#include <string_view>

#include "transcoder/error.h"

namespace puente {

// Failures that the proxy found or made. What the upstream itself answers has no flag, save
// UNAVAILABLE: its code says all.
enum class AccessLogFlag {
  kNone,
  kBadRequest,           // "bad_request": the request is wrong, in HTTP or for its method
  kRequestTimeout,       // "request_timeout": head, body or next message came too slowly
  kNoRoute,              // "no_route": no such path
  kMethodNotAllowed,     // "method_not_allowed": the path is there, but not under this HTTP method
  kNotReady,             // "not_ready": the descriptors are not there yet
  kForbidden,            // "forbidden": who asks may not
  kDeadline,             // "deadline": the route's timeout, or the client's
  kUpstreamUnavailable,  // "upstream_unavailable": it can't be reached, the connection broke, or it
                         // says so itself
  kCircuitOpen,          // "circuit_open": the upstream's breaker lets no calls through
  kBadAnswer,            // "bad_answer": what came from upstream can't be passed on
  kClientLeft,           // "client_left": before it had the whole answer
  kClientSlow,           // "client_slow": it took nothing of the answer for limits.idle_timeout
  kShutdown,             // "shutdown": cut at the end of a drain
};

// "bad_request"; "" for none.
std::string_view FlagText(AccessLogFlag flag);

// What `error` is, by where it came up: before a call was made, or from it on.
AccessLogFlag FlagBeforeCall(const Error& error);
AccessLogFlag FlagOfCall(const Error& error);

}  // namespace puente

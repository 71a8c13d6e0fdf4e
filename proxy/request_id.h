// What finds a request again in logs and traces on both sides.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "transcoder/http_message.h"

namespace puente {

// The client's own x-request-id when it is usable, otherwise "". A view of the header.
std::string_view GivenRequestId(std::span<const HeaderView> headers);

// The same, or in place of "" a new random one (UUID version 4). Thread-safe.
std::string RequestIdFor(std::span<const HeaderView> headers);

// The traceparent of a new trace (W3C Trace Context), marked as sampled: services behind the proxy
// then treat it as they treat a trace that begins with them. "" where the client's is valid and
// goes on. Thread-safe.
std::string NewTraceparentFor(std::span<const HeaderView> headers);

// The trace id of `traceparent`, or where that is "" of the client's. "" when that is not valid
// either. A view of one of them.
std::string_view TraceIdOf(std::string_view traceparent, std::span<const HeaderView> headers);

}  // namespace puente

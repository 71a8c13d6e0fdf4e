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

// The trace id of the client's own traceparent; "" when there is none that is valid. A view of it.
std::string_view GivenTraceId(std::span<const HeaderView> headers);

}  // namespace puente

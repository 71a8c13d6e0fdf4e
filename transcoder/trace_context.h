// The headers of W3C Trace Context (www.w3.org/TR/trace-context).
#pragma once

#include <span>
#include <string_view>

#include "transcoder/http_message.h"

namespace puente {

// "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01": of version 00, or of a later one as
// far as version 00 can tell.
bool IsTraceparent(std::string_view value);

// Whether a request continues a trace: it has one traceparent, and that is valid.
bool ContinuesTrace(std::span<const HeaderView> headers);

}  // namespace puente

// The line of a request in the access log, and its ids as all logs may have them.
#pragma once

#include <chrono>

#include "proxy/call/request_context.h"
#include "proxy/telemetry/access_log/access_log_line.h"
#include "proxy/telemetry/logging.h"
#include "proxy/telemetry/redaction.h"
#include "transcoder/error.h"

namespace puente {

// The ids of a request as logs may have them: REDACTED in place of what is the client's own and
// hidden. Views of the context.
RequestIds IdsOf(const RequestContext& context);

// The line of a request that was served, or refused before it could be; `duration` is from its head
// to now. Ids are as in IdsOf. Views of the arguments.
AccessLogEntry EntryOf(const RequestContext& context, std::chrono::nanoseconds duration);
AccessLogEntry RefusalEntryOf(const Exchange& exchange, const Error& error, HiddenIds hidden,
                              std::chrono::nanoseconds duration);

}  // namespace puente

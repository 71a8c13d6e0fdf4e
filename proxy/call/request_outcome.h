// What became of a request, for metrics and for its line in the access log.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/http/exchange.h"
#include "proxy/telemetry/access_log_flag.h"
#include "proxy/telemetry/access_log_line.h"
#include "proxy/telemetry/logging.h"
#include "proxy/telemetry/redaction.h"
#include "transcoder/error.h"

namespace puente {

struct DroppedInput;
struct RequestContext;

// Filled while the request is served. One thread.
struct RequestOutcome {
  struct Call {
    Code code;
    std::chrono::nanoseconds duration;
  };
  std::optional<Call> call;   // once it has ended
  std::optional<Code> error;  // that was answered
  AccessLogFlag flag = AccessLogFlag::kNone;
  // Bytes of the messages of a WebSocket, which has no body.
  std::uint64_t received = 0;
  std::uint64_t sent = 0;

  // Keeps why the request failed, unless something is known already.
  void NoteFailure(const Error& failure);
};

// The call of `context` has ended with `end`: counts it, and remembers it.
void RecordCall(RequestContext& context, const Result<void>& end,
                std::chrono::nanoseconds duration);

// The ids of a request as logs may have them: REDACTED in place of what is the client's own and
// hidden. Views of the context.
RequestIds IdsOf(const RequestContext& context);

// The line of a request that was served, or refused before it could be; `duration` is from its head
// to now. Ids are as in IdsOf. Views of the arguments.
AccessLogEntry EntryOf(const RequestContext& context, std::chrono::nanoseconds duration);
AccessLogEntry RefusalEntryOf(const Exchange& exchange, const Error& error, HiddenIds hidden,
                              std::chrono::nanoseconds duration);

// Warns about a request, with its ids. No more than ten such lines a second leave the process; the
// next one says how many were left out. Thread-safe.
void WarnOfRequest(const RequestContext& context, std::string_view message);

// After the answer: warns when it was 5xx for a reason that is not the client's.
void ReportFailure(const RequestContext& context);

// The names of what was let pass, as logs may have them: fields and parameters, with [] in place of
// map keys and indexes, which may be values.
std::string NamesForLog(const DroppedInput& dropped);

}  // namespace puente

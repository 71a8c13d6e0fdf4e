// What became of a request, for metrics and for its line in the access log.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "proxy/http/exchange.h"
#include "proxy/telemetry/access_log_flag.h"
#include "proxy/telemetry/access_log_line.h"
#include "transcoder/error.h"

namespace puente {

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

// The line of a request that was served, or refused before it could be; `duration` is from its head
// to now. Views of the arguments.
AccessLogEntry EntryOf(const RequestContext& context, std::chrono::nanoseconds duration);
AccessLogEntry RefusalEntryOf(const Exchange& exchange, const Error& error,
                              std::chrono::nanoseconds duration);

}  // namespace puente

// What became of a request, noted while it is served.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "proxy/telemetry/access_log/access_log_flag.h"
#include "transcoder/error.h"

namespace puente {

struct RequestContext;

// One thread.
struct RequestOutcome {
  struct Call {
    std::optional<Code> code;  // of a gRPC call
    std::chrono::nanoseconds duration;
  };
  std::optional<Call> call;    // once it has ended
  bool never_reached = false;  // the upstream provably saw nothing of its last try, which failed
  std::optional<Code> error;   // that was answered
  AccessLogFlag flag = AccessLogFlag::kNone;
  // Bytes of the messages of a WebSocket, which has no body.
  std::uint64_t received = 0;
  std::uint64_t sent = 0;

  // Keeps why the request failed, unless something is known already.
  void NoteFailure(const Error& failure);
};

// The gRPC call of `context` has ended with `end`, whatever tries it took: counts and remembers it.
void RecordCall(RequestContext& context, const Result<void>& end,
                std::chrono::nanoseconds duration);

}  // namespace puente

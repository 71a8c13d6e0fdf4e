// Diagnostics, on stderr: one line each.
#pragma once

#include <string_view>

#include "config/puente.pb.h"

namespace puente {

// Sets up spdlog's default logger. JSON lines are {"ts": RFC 3339, "level": …, "msg": …}; whatever
// is logged, it stays one line. Call it before other threads log.
//
// What gRPC and protobuf log by themselves appears at DEBUG, and only as the place in their code:
// their messages may quote what a request or an answer carried.
void SetUpLogging(const config::Log& log);

// What leads from a line to the request that it is about; "" for what is not known.
struct RequestIds {
  std::string_view request_id;
  std::string_view trace_id;
};

// Logs `message`, which must hold no value that came from outside, with those of the ids that are
// known: JSON lines have them as "request_id" and "trace_id" behind "msg", text lines at their end,
// as request_id=… and trace_id=…. Thread-safe.
void LogRequest(config::Log::Level level, const RequestIds& ids, std::string_view message);

}  // namespace puente

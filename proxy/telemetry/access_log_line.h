// One request as a line of JSON.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/telemetry/access_log_flag.h"
#include "transcoder/error.h"
#include "transcoder/text_buffer.h"

namespace puente {

// What is said of a request: nothing of what it carried. Views of what outlives the line's making.
struct AccessLogEntry {
  std::chrono::system_clock::time_point start;
  std::string_view trace_id;                              // "" when it is not known
  std::string_view request_id;                            // likewise
  std::string_view method;                                // as the client sent it, whatever that is
  std::string_view route;                                 // the template, or "unmatched"
  int status = 0;                                         // of HTTP
  std::optional<Code> code;                               // of the call; without one of the error
  std::string_view upstream;                              // that was called; "" when none was
  std::chrono::nanoseconds duration{};                    // until the answer was sent
  std::optional<std::chrono::nanoseconds> upstream_time;  // of the call; nullopt when none was made
  std::uint64_t bytes_in = 0;                             // of the body, as received
  std::uint64_t bytes_out = 0;                            // of the body, as sent
  std::string_view client;                                // address; "" for a Unix socket
  AccessLogFlag flag = AccessLogFlag::kNone;
};

// Makes lines. Used by one thread.
//
// Keys, in this order; those in brackets are left out when there is nothing to say: ts (RFC 3339,
// UTC, microseconds), msg ("access"), [trace_id], [request_id], method ("_OTHER" when it is no
// token or longer than 32 bytes), route, status, [grpc_code], [upstream], traffic ("live"),
// duration_ms, [upstream_ms], bytes_in, bytes_out, [client], [flags] (a list).
class AccessLogFormatter {
 public:
  // Appends the line and its line end.
  void Append(const AccessLogEntry& entry, std::string& lines);

 private:
  void AppendTime(std::chrono::system_clock::time_point time, TextBuffer& out);

  // The second that is the same for most lines, as text.
  std::chrono::sys_seconds second_ = std::chrono::sys_seconds::min();
  std::array<char, 20> second_text_{};
};

}  // namespace puente

// One request as a line of the access log.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/puente.pb.h"
#include "proxy/telemetry/access_log/access_log_flag.h"
#include "transcoder/error.h"
#include "transcoder/text_buffer.h"

namespace puente {

inline constexpr std::string_view kLiveTraffic = "live";
inline constexpr std::string_view kShadowTraffic = "shadow";

// What is said of a request: nothing of what it carried. Views of what outlives the line's making.
struct AccessLogEntry {
  std::chrono::system_clock::time_point start;
  std::string_view trace_id;    // "" when it is not known
  std::string_view request_id;  // likewise
  std::string_view method;      // as the client sent it, whatever that is
  int minor_version = 1;        // of HTTP/1.x
  std::string_view route;       // the template, or "unmatched"
  int status = 0;               // of HTTP
  std::optional<Code> code;     // of the call; without one of the error
  std::string_view upstream;    // that was called; "" when none was
  std::string_view split;       // "" on a route without one
  std::string_view traffic = kLiveTraffic;
  std::chrono::nanoseconds duration{};                    // until the answer was sent
  std::optional<std::chrono::nanoseconds> upstream_time;  // of the call; nullopt when none was made
  std::uint64_t bytes_in = 0;                             // of the body, as received
  std::uint64_t bytes_out = 0;                            // of the body, as sent
  std::string_view client;                                // address; "" for a Unix socket
  AccessLogFlag flag = AccessLogFlag::kNone;
};

// The text of a second, which is the same for most lines.
class SecondText {
 public:
  static constexpr std::size_t kLongest = 32;
  // Writes it to where there is room for kLongest, and returns its end.
  using Write = char* (*)(std::chrono::sys_seconds second, char* to);

  explicit SecondText(Write write) : write_(write) {}

  // A view of what the next call overwrites.
  std::string_view Of(std::chrono::sys_seconds second) {
    if (second != second_) {
      second_ = second;
      size_ = static_cast<std::size_t>(write_(second, text_.data()) - text_.data());
    }
    return {text_.data(), size_};
  }

 private:
  Write write_;
  std::chrono::sys_seconds second_ = std::chrono::sys_seconds::min();
  std::array<char, kLongest> text_{};
  std::size_t size_ = 0;
};

// Makes lines in one format. Used by one thread. Whatever the entry holds, what is appended is one
// line: control characters, quotes and backslashes are escaped.
//
// JSON has these keys, in this order; those in brackets are left out when there is nothing to say:
// ts (RFC 3339, UTC, microseconds), msg ("access"), [trace_id], [request_id], method ("_OTHER" when
// it is no token or longer than 32 bytes), route, status, [grpc_code], [upstream], [split],
// traffic ("live" or "shadow"), duration_ms, [upstream_ms], bytes_in, bytes_out, [client], [flags]
// (a list).
//
// LOGFMT has the same, as key=value with spaces between. A value that holds a space, '=', a quote,
// a backslash or a control character is escaped as JSON does, and in quotes.
//
// COMMON is the Common Log Format: client, "-" twice, [day/month/year:time +0000], "method route
// HTTP/1.1", status and bytes_out. "-" is what there is nothing to say of, and no bytes.
class AccessLogFormatter {
 public:
  explicit AccessLogFormatter(config::AccessLog::Format format);

  // Appends the line and its line end.
  void Append(const AccessLogEntry& entry, std::string& lines);

 private:
  using AppendLine = void (*)(const AccessLogEntry& entry, SecondText& second, TextBuffer& out);

  AccessLogFormatter(AppendLine append_line, SecondText::Write write_second)
      : append_line_(append_line), second_(write_second) {}
  static AccessLogFormatter Of(config::AccessLog::Format format);

  AppendLine append_line_;
  SecondText second_;
};

}  // namespace puente

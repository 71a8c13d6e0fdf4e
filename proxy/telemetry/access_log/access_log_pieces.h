// What lines of the access log are made of, whatever their format.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/telemetry/access_log/access_log_line.h"
#include "transcoder/text_buffer.h"

namespace puente {

// "GET"; "_OTHER" when it is no token or longer than 32 bytes.
std::string_view MethodText(std::string_view method);

// The key, with what stands before and behind it, and then the number.
template <class Integer>
void AppendNumber(std::string_view key, Integer value, TextBuffer& out) {
  out.Append(key);
  out.AppendInteger(value);
}

// With three decimals; 0 for what is negative.
void AppendMilliseconds(std::chrono::nanoseconds duration, TextBuffer& out);

// "2026-11-21T16:57:01.000042Z". `second` writes as WriteRfc3339 does.
void AppendTimestamp(std::chrono::system_clock::time_point time, SecondText& second,
                     TextBuffer& out);
// "2026-11-21T16:57:01" and "21/Nov/2026:16:57:01 +0000", to where there is room for them; the end.
char* WriteRfc3339(std::chrono::sys_seconds second, char* to);
char* WriteCommonTime(std::chrono::sys_seconds second, char* to);

// A line of each format, with its line end.
void AppendJsonLine(const AccessLogEntry& entry, SecondText& second, TextBuffer& out);
void AppendLogfmtLine(const AccessLogEntry& entry, SecondText& second, TextBuffer& out);
void AppendCommonLine(const AccessLogEntry& entry, SecondText& second, TextBuffer& out);

}  // namespace puente

// A span as OpenTelemetry understands it (opentelemetry.io/docs/specs/otel/trace/api), once it has
// ended.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "transcoder/trace_context.h"

namespace puente {

struct SpanAttribute {
  std::string_view key;  // lives as long as the process
  std::variant<std::string, std::int64_t> value;
};

struct SpanEvent {
  std::chrono::system_clock::time_point time;
  std::string_view name;  // lives as long as the process
  std::vector<SpanAttribute> attributes;
};

struct Span {
  // The numbers are OTLP's.
  enum class Kind { kServer = 2, kClient = 3 };
  enum class Status { kUnset = 0, kError = 2 };

  TraceId trace_id{};
  SpanId id{};
  SpanId parent_id{};             // all zeros: the trace begins here
  bool parent_is_remote = false;  // it is another process's
  std::string trace_state;        // W3C tracestate
  std::string name;
  Kind kind = Kind::kServer;
  std::chrono::system_clock::time_point start;
  std::chrono::system_clock::time_point end;
  std::vector<SpanAttribute> attributes;
  std::vector<SpanEvent> events;
  std::size_t dropped_events = 0;  // there were too many
  Status status = Status::kUnset;
  std::string status_message;  // for kError
};

}  // namespace puente

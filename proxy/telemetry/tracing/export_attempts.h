// An export is tried again while there is hope and time (opentelemetry.io/docs/specs/otlp,
// "OTLP/gRPC Throttling" and "OTLP/HTTP Throttling").
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>

#include "proxy/telemetry/tracing/span_exporter.h"

namespace puente {

// How one attempt ended.
struct ExportAttempt {
  ExportResult result;
  bool may_retry = false;  // another attempt may end better
  // How long the collector asks to be left alone before that.
  std::optional<std::chrono::milliseconds> pause = std::nullopt;
};

using ExportDeadline = std::chrono::steady_clock::time_point;

// Calls `attempt` until it ends for good, or another would begin after `timeout`, or a stop is
// requested, which also ends a pause. In between it pauses for half a second, and then twice as
// long each time up to five seconds, a fifth more or less; for longer when the collector asks for
// that. `attempt` itself ends by the deadline, and soon after a stop is requested.
ExportResult ExportWithRetries(std::size_t spans, std::chrono::milliseconds timeout,
                               const std::stop_token& stop,
                               const std::function<ExportAttempt(ExportDeadline)>& attempt);

}  // namespace puente

// What one worker counts, logs and traces with.
#pragma once

#include <cstdint>

#include "proxy/telemetry/access_log/access_log.h"
#include "proxy/telemetry/log_limiter.h"
#include "proxy/telemetry/metrics/metrics.h"
#include "proxy/telemetry/tracing/tracer.h"

namespace puente {

// Which warnings about single requests are let pass; none crowds out the others. Thread-safe.
struct RequestWarnings {
  static constexpr std::uint64_t kMostPerSecond = 10;

  LogLimiter failures{kMostPerSecond};
  LogLimiter dropped_input{kMostPerSecond};
  LogLimiter differences{kMostPerSecond};
};

// Used on the worker's thread only.
struct WorkerTelemetry {
  Metrics& metrics;
  MetricCells* cells = nullptr;    // nullptr: requests are not counted
  AccessLogBuffer* log = nullptr;  // nullptr: there is no access log
  Tracer tracer;
  RequestWarnings& warnings;  // of all workers together
};

}  // namespace puente

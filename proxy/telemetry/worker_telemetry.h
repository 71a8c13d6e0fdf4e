// What one worker counts, logs and traces with.
#pragma once

#include "proxy/telemetry/access_log.h"
#include "proxy/telemetry/metrics.h"
#include "proxy/telemetry/tracer.h"

namespace puente {

// Used on the worker's thread only.
struct WorkerTelemetry {
  Metrics& metrics;
  MetricCells* cells = nullptr;    // nullptr: requests are not counted
  AccessLogBuffer* log = nullptr;  // nullptr: there is no access log
  Tracer tracer;
};

}  // namespace puente

// What the process counts, logs and traces with, as the configuration and OTEL_* variables say.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "config/env_expansion.h"
#include "config/load_config.h"
#include "config/problem.h"
#include "proxy/telemetry/access_log/access_log.h"
#include "proxy/telemetry/metrics/metrics.h"
#include "proxy/telemetry/tracing/span_processor.h"
#include "proxy/telemetry/tracing/tracer.h"
#include "proxy/telemetry/worker_telemetry.h"

namespace puente {

// Thread-safe. Its destructor writes and exports what is left, which takes as long as
// SpanProcessor::kFlushTime when the collector does not answer.
class Telemetry {
 public:
  // Opens the access log; connects to no collector yet. What is wrong is added to `problems`, at
  // the lines of the keys that it concerns, and nullptr is returned then.
  static std::unique_ptr<Telemetry> Open(const LoadedConfig& loaded, const Environment& environment,
                                         std::vector<Problem>& problems);
  // Adds the same to `problems`, and opens nothing.
  static void Check(const LoadedConfig& loaded, const Environment& environment,
                    std::vector<Problem>& problems);

  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  Metrics& metrics() { return metrics_; }
  const Metrics& metrics() const { return metrics_; }

  // For one more worker. What it refers to lives as long as this.
  WorkerTelemetry AddWorker();

 private:
  Telemetry() = default;
  void StartTracing(const TracingSettings& settings);

  // Destroyed in reverse: what logs and exports counts until its end.
  Metrics metrics_;
  RequestWarnings warnings_;
  bool counts_requests_ = true;
  std::unique_ptr<AccessLog> access_log_;  // nullptr: none
  TracerOptions tracer_;
  std::optional<SpanProcessor> spans_;  // nullopt: none are exported
};

}  // namespace puente

// Whether, how and where spans are exported.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "config/env_expansion.h"
#include "config/problem.h"
#include "config/puente.pb.h"
#include "proxy/telemetry/tracing/otlp_settings.h"
#include "proxy/telemetry/tracing/resource.h"

namespace puente {

// Which traces are kept (opentelemetry.io/docs/specs/otel/trace/sdk, "Built-in samplers").
struct SamplerSettings {
  enum class Kind {
    kAlwaysOn,
    kAlwaysOff,
    kTraceIdRatio,
    // Traces that a client began are kept when it says so, the others as the name says.
    kParentBasedAlwaysOn,
    kParentBasedAlwaysOff,
    kParentBasedTraceIdRatio,
  };

  Kind kind = Kind::kParentBasedAlwaysOn;
  double ratio = 1;  // 0 to 1, for the kinds that have one

  bool operator==(const SamplerSettings&) const = default;
};

// How spans are gathered (opentelemetry.io/docs/specs/otel/trace/sdk, "Batching processor").
struct BatchSettings {
  std::chrono::milliseconds schedule_delay = std::chrono::seconds(5);
  std::size_t max_queue_size = 2048;  // spans that wait, of all workers together
  std::size_t max_batch_size = 512;   // at most max_queue_size

  bool operator==(const BatchSettings&) const = default;
};

struct TracingSettings {
  OtlpSettings otlp;
  SamplerSettings sampler;
  BatchSettings batch;
  std::size_t max_span_events = 128;  // of a span; above it they are dropped and counted in it
  std::vector<ResourceAttribute> resource;
};

// What telemetry.tracing, which CheckTracing has passed, says; what it leaves out, the OTEL_*
// variables say (opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables). nullopt
// when nothing is exported: OTEL_SDK_DISABLED is "true"; or the section is not there, and either
// OTEL_TRACES_EXPORTER is "none", or neither it is "otlp" nor an endpoint is set. With the section
// OTEL_TRACES_EXPORTER has no effect. Also nullopt when a file of otlp_tls can't be used, which is
// added to `problems` by its key; the caller adds the position. Variables that can't be used are
// warned about in the log, by name. Reads files, and nothing else from outside.
std::optional<TracingSettings> MakeTracingSettings(const config::Telemetry& telemetry,
                                                   const Environment& environment,
                                                   std::vector<Problem>& problems);

}  // namespace puente

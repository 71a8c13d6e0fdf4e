// Which traces are exported.
#pragma once

#include <optional>

#include "proxy/telemetry/tracing/tracing_settings.h"
#include "transcoder/trace_context.h"

namespace puente {

// Whether the spans of a trace are kept. `parent_sampled` is what the client says of it; nullopt
// for a trace that begins here. By ratio the trace id alone decides (its last 8 bytes, as
// OpenTelemetry's SDKs do), so that all services with one ratio keep the same traces.
bool IsSampled(const SamplerSettings& settings, std::optional<bool> parent_sampled,
               const TraceId& trace_id);

}  // namespace puente

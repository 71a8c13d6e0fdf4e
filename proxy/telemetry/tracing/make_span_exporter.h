// The exporter that the settings ask for.
#pragma once

#include <memory>

#include "proxy/telemetry/tracing/span_exporter.h"
#include "proxy/telemetry/tracing/tracing_settings.h"

namespace puente {

// Connects to nothing before the first export. Never nullptr.
std::unique_ptr<SpanExporter> MakeSpanExporter(const TracingSettings& settings);

}  // namespace puente

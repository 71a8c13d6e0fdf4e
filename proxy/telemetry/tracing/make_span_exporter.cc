#include "proxy/telemetry/tracing/make_span_exporter.h"

#include "proxy/telemetry/tracing/otlp_grpc_exporter.h"
#include "proxy/telemetry/tracing/otlp_http_exporter.h"

namespace puente {

std::unique_ptr<SpanExporter> MakeSpanExporter(const TracingSettings& settings) {
  if (settings.otlp.protocol == OtlpSettings::Protocol::kGrpc) {
    return std::make_unique<OtlpGrpcExporter>(settings.otlp, settings.resource);
  }
  return std::make_unique<OtlpHttpExporter>(settings.otlp, settings.resource);
}

}  // namespace puente

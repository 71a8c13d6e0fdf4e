// Exports spans by OTLP/HTTP with protobuf (opentelemetry.io/docs/specs/otlp, "OTLP/HTTP").
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "proxy/http/gzip.h"
#include "proxy/telemetry/tracing/collector_connection.h"
#include "proxy/telemetry/tracing/export_attempts.h"
#include "proxy/telemetry/tracing/otlp_settings.h"
#include "proxy/telemetry/tracing/resource.h"
#include "proxy/telemetry/tracing/span_exporter.h"

namespace puente {

// Has one connection, which is made for the first export and kept.
class OtlpHttpExporter final : public SpanExporter {
 public:
  // `settings` are for kHttp. Connects to nothing yet.
  OtlpHttpExporter(OtlpSettings settings, std::vector<ResourceAttribute> resource);

  // Tries again when there is no answer, and after 429, 502, 503 and 504, as Retry-After says where
  // it is a number. Any other status but 2xx is the end; redirects are not followed.
  ExportResult Export(std::span<const Span> spans) override;
  void Cancel() override { stop_.request_stop(); }

 private:
  CollectorConnection::Request MakeRequest(std::span<const Span> spans);

  const OtlpSettings settings_;
  const std::vector<ResourceAttribute> resource_;
  std::optional<GzipEncoder> gzip_;
  CollectorConnection connection_;
  std::stop_source stop_;
};

}  // namespace puente

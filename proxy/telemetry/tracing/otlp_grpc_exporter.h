// Exports spans by OTLP/gRPC (opentelemetry.io/docs/specs/otlp, "OTLP/gRPC").
#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "proxy/telemetry/tracing/export_attempts.h"
#include "proxy/telemetry/tracing/otlp_settings.h"
#include "proxy/telemetry/tracing/resource.h"
#include "proxy/telemetry/tracing/span_exporter.h"

namespace puente {

// Has a connection of its own, which is made for the first export and kept. Each call is waited for
// in a completion queue of its own, which polls on the thread of Export: no worker takes part.
class OtlpGrpcExporter final : public SpanExporter {
 public:
  // `settings` are for kGrpc. Connects to nothing yet.
  OtlpGrpcExporter(OtlpSettings settings, std::vector<ResourceAttribute> resource);

  // Tries again after UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, ABORTED, OUT_OF_RANGE and
  // DATA_LOSS, and after RESOURCE_EXHAUSTED when the collector says from when on (RetryInfo).
  ExportResult Export(std::span<const Span> spans) override;
  void Cancel() override { stop_.request_stop(); }

 private:
  ExportAttempt Try(const std::string& request, std::size_t spans, ExportDeadline deadline);

  const OtlpSettings settings_;
  const std::vector<ResourceAttribute> resource_;
  std::unique_ptr<grpc::GenericStub> stub_;
  std::stop_source stop_;
};

}  // namespace puente

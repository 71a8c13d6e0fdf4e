// Spans as OTLP has them (opentelemetry.io/docs/specs/otlp), and what a collector answers.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/telemetry/tracing/resource.h"
#include "proxy/telemetry/tracing/span.h"
#include "proxy/telemetry/tracing/span_exporter.h"

namespace puente {

// The bytes of an ExportTraceServiceRequest. All spans count as sampled. Text that is no UTF-8,
// over which a collector would refuse the whole, has U+FFFD in place of what is wrong.
std::string PrintOtlpRequest(std::span<const Span> spans,
                             std::span<const ResourceAttribute> resource);

// What an ExportTraceServiceResponse says of `sent` spans. Bytes that are none mean that all were
// taken: the collector has said so by the status of its answer.
ExportResult ReadOtlpResponse(std::string_view bytes, std::size_t sent);

// What a google.rpc.Status says, for the log and for the next attempt.
struct OtlpStatus {
  std::string message;                                   // "" for none
  std::optional<std::chrono::milliseconds> retry_delay;  // of its google.rpc.RetryInfo
};

// Bytes that are no google.rpc.Status give an empty one.
OtlpStatus ReadOtlpStatus(std::string_view bytes);

}  // namespace puente

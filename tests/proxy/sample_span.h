// Spans and surroundings for the tests of their export.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/env_expansion.h"
#include "proxy/telemetry/tracing/resource.h"
#include "proxy/telemetry/tracing/span.h"
#include "proxy/telemetry/tracing/span_exporter.h"

namespace puente::test {

inline Span SampleSpan(std::string name) {
  Span span;
  span.trace_id.fill(0x4b);
  span.id.fill(0x07);
  span.name = std::move(name);
  span.start = std::chrono::system_clock::time_point(std::chrono::seconds(1));
  span.end = span.start + std::chrono::milliseconds(5);
  return span;
}

inline std::vector<ResourceAttribute> SampleResource() { return {{"service.name", "test"}}; }

inline ExportResult ExportTwo(SpanExporter& exporter) {
  const std::vector<Span> spans = {SampleSpan("one"), SampleSpan("two")};
  return exporter.Export(spans);
}

// An environment of these variables only.
inline Environment EnvironmentOf(std::map<std::string, std::string, std::less<>> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

}  // namespace puente::test

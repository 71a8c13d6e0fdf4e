// Where finished spans go.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "proxy/telemetry/tracing/span.h"

namespace puente {

// What became of a batch.
struct ExportResult {
  std::size_t rejected = 0;  // spans that did not arrive, or that the collector refused
  std::string error;         // why; "" when all were taken
};

// Takes spans out of the process. Used by one thread, which is no worker's: Export may block.
class SpanExporter {
 public:
  virtual ~SpanExporter() = default;

  // Delivers `spans`, or gives up after the exporter's timeout, attempts included. `spans` is not
  // empty.
  virtual ExportResult Export(std::span<const Span> spans) = 0;

  // An Export that runs, and every later one, is to end soon. Any thread.
  virtual void Cancel() = 0;
};

}  // namespace puente

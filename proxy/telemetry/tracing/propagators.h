// In which headers trace context travels.
#pragma once

#include "config/env_expansion.h"

namespace puente {

// The propagators of OpenTelemetry (opentelemetry.io/docs/specs/otel/context/api-propagators) that
// are in use.
struct Propagators {
  bool trace_context = false;  // traceparent and tracestate (W3C Trace Context)
  bool baggage = false;        // baggage (W3C Baggage), which goes upstream as any header does
  bool b3 = false;             // b3, in a single header (github.com/openzipkin/b3-propagation)
  bool b3_multi = false;       // x-b3-traceid, x-b3-spanid and so on

  bool operator==(const Propagators&) const = default;
};

// What OTEL_PROPAGATORS says ("tracecontext,b3"), or tracecontext and baggage. "none" is none, and
// must stand alone. Names that are not known are warned about in the log and passed over; when none
// is left, the default holds. Neither OTEL_SDK_DISABLED nor whether spans are exported matters.
Propagators PropagatorsFrom(const Environment& environment);

}  // namespace puente

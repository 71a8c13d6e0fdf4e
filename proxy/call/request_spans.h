// The spans of a request, by OpenTelemetry's semantic conventions
// (opentelemetry.io/docs/specs/semconv/http/http-spans and rpc/grpc).
#pragma once

#include <chrono>

#include "proxy/call/request_context.h"
#include "transcoder/error.h"

namespace puente {

// Both only while the trace of `context` is recording; `duration` is from the beginning to now.

// A call, or an attempt of one, has ended with `code`: the client span "<service>/<method>". Every
// code but OK is an error. The old names of rpc attributes are there beside the new ones, save
// rpc.method, whose meaning has changed.
void ExportCallSpan(RequestContext& context, Code code, std::chrono::nanoseconds duration);

// The request has been answered: the server span "<method> <route>". A status of 5xx is an error.
// What telemetry.access_log.redact_* lists is left out of path, query and headers.
void ExportServerSpan(RequestContext& context, std::chrono::nanoseconds duration);

}  // namespace puente

// The spans of a request, by OpenTelemetry's semantic conventions
// (opentelemetry.io/docs/specs/semconv/http/http-spans and rpc/grpc).
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "proxy/call/request_context.h"
#include "transcoder/error.h"

namespace puente {

// All only while the trace of `context` is recording; `duration` is from the beginning to now.

// A call, or an attempt of one, has ended with `code`: the client span "<service>/<method>". Every
// code but OK is an error. The old names of rpc attributes are there beside the new ones, save
// rpc.method, whose meaning has changed.
void ExportCallSpan(RequestContext& context, Code code, std::chrono::nanoseconds duration);

// An exchange with an HTTP upstream, or a try of one, has ended: the client span "<method>".
// `status` is the answer's; nullopt where there was none, because of `error`. What is 400 or above
// is an error.
void ExportExchangeSpan(RequestContext& context, std::optional<int> status, std::string_view error,
                        std::chrono::nanoseconds duration);

// The request has been answered: the server span "<method> <route>". A status of 5xx is an error.
// What telemetry.access_log.redact_* lists is left out of path, query and headers.
void ExportServerSpan(RequestContext& context, std::chrono::nanoseconds duration);

}  // namespace puente

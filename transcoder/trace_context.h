// The headers of trace context: W3C Trace Context (www.w3.org/TR/trace-context) and B3
// (github.com/openzipkin/b3-propagation).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "transcoder/http_message.h"

namespace puente {

// Neither is all zeros, save where a comment says so.
using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

// The place of a span in its trace, as it travels.
struct TraceContext {
  TraceId trace_id{};
  SpanId span_id{};
  bool sampled = false;
  bool debug = false;       // B3: kept whatever anybody's sampler says
  std::string trace_state;  // W3C tracestate; "" for none

  bool operator==(const TraceContext&) const = default;
};

// "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01": of version 00, or of a later one as
// far as version 00 can tell. nullopt: it is malformed.
std::optional<TraceContext> ParseTraceparent(std::string_view value);
std::string FormatTraceparent(const TraceContext& context);

// What a request says of its trace: its one traceparent, with the tracestate of all its fields.
// nullopt: there is none, or more than one, or it is malformed. A tracestate of more than 32
// members or 512 characters, or that is no list of key=value, is left out.
std::optional<TraceContext> ReadW3cContext(std::span<const HeaderView> headers);
inline bool ContinuesTrace(std::span<const HeaderView> headers) {
  return ReadW3cContext(headers).has_value();
}

// Whether the client says that no span of this request is to be kept, without saying which trace it
// belongs to: "b3: 0", or x-b3-sampled: 0 without ids.
bool DeclinesB3Sampling(std::span<const HeaderView> headers);

// The same as ReadW3cContext from the one header b3 ("<trace id>-<span id>-<sampled>-<parent span
// id>"), or from x-b3-traceid, x-b3-spanid, x-b3-sampled and x-b3-flags. Trace ids of 64 bits are
// filled up with zeros. A request that only says whether to sample has no context. Without a word
// on sampling the trace counts as sampled.
std::optional<TraceContext> ReadB3Context(std::span<const HeaderView> headers);
// The value of b3.
std::string FormatB3(const TraceContext& context);

}  // namespace puente

// The trace of a request: where it comes from, whether it is exported, and what the upstream is
// told of it.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/telemetry/tracing/propagators.h"
#include "proxy/telemetry/tracing/span.h"
#include "proxy/telemetry/tracing/span_processor.h"
#include "proxy/telemetry/tracing/tracing_settings.h"
#include "transcoder/http_message.h"
#include "transcoder/trace_context.h"

namespace puente {

struct TracerOptions {
  Propagators propagators;
  SamplerSettings sampler;
  std::size_t max_events = 128;  // of one span
};

// What the requests of one worker share. Immutable, save for its buffer.
struct Tracer {
  TracerOptions options;
  SpanBuffer* spans = nullptr;  // where finished spans go; nullptr: none are made
};

// One thread. Without spans (no tracing, that is) a client's trace goes on as it came, and a
// request without one gets a new one, marked as sampled: services behind the proxy decide for
// themselves. With spans the proxy's own take the places between client and upstream, sampled or
// not.
class RequestTrace {
 public:
  // `tracer` outlives it. `headers` are the client's; a malformed trace context is as none.
  RequestTrace(const Tracer& tracer, std::span<const HeaderView> headers);
  RequestTrace(const RequestTrace&) = delete;
  RequestTrace& operator=(const RequestTrace&) = delete;

  // As 32 lower-case hexadecimal digits.
  std::string_view trace_id() const { return {trace_id_.data(), trace_id_.size()}; }
  // Whether its spans are exported.
  bool recording() const { return recorded_ != nullptr; }
  // The id of a trace that can be looked up; nullptr otherwise.
  const TraceId* sampled_trace() const { return recording() ? &own_.trace_id : nullptr; }

  // The next call begins, or its next attempt. The headers that tell the upstream, in place of the
  // client's of the same names; none where the client's go on as they are.
  std::vector<Header> BeginCall();

  // What a span of the call, or of the request as a whole, begins with: ids, kind and times. Only
  // while recording.
  Span CallSpan(std::chrono::nanoseconds duration);
  Span ServerSpan(std::chrono::nanoseconds duration) const;
  void Export(Span span) { tracer_.spans->Add(std::move(span)); }

  // A message of the call, of `bytes` of protobuf. Nothing unless recording.
  enum class Direction { kSent, kReceived };
  void NoteMessage(Direction direction, std::size_t bytes);

 private:
  // What only traces have that are exported.
  struct Recorded {
    std::vector<SpanEvent> events;
    std::size_t dropped_events = 0;
    std::int64_t sent = 0;
    std::int64_t received = 0;
  };

  Span NewSpan(Span::Kind kind, const SpanId& id, const SpanId& parent,
               std::chrono::nanoseconds duration) const;

  void Begin(std::span<const HeaderView> headers);
  std::optional<bool> ParentSays(const std::optional<TraceContext>& incoming,
                                 std::span<const HeaderView> headers) const;

  const Tracer& tracer_;
  std::array<char, 32> trace_id_{};
  SpanId parent_id_{};  // the client's; all zeros: the trace begins here
  TraceContext own_;    // the server span, or what the client sent where no spans are made
  bool passes_on_ = false;
  SpanId call_id_{};
  std::unique_ptr<Recorded> recorded_;
};

}  // namespace puente

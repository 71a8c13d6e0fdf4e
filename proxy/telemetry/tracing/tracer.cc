#include "proxy/telemetry/tracing/tracer.h"

#include <cstring>
#include <optional>
#include <string>

#include "proxy/random.h"
#include "proxy/telemetry/tracing/sampler.h"
#include "transcoder/hex.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::system_clock;

// Every bit is random, since samplers decide by them.
template <class Id>
Id RandomId() {
  Id id{};
  while (id == Id{}) {  // no id may be all zeros
    for (std::size_t at = 0; at < id.size(); at += sizeof(std::uint64_t)) {
      const std::uint64_t bits = RandomBits();
      std::memcpy(id.data() + at, &bits, sizeof bits);
    }
  }
  return id;
}

// The context by the first propagator that finds one.
std::optional<TraceContext> ReadContext(const Propagators& propagators,
                                        std::span<const HeaderView> headers) {
  std::optional<TraceContext> context;
  if (propagators.trace_context) context = ReadW3cContext(headers);
  if (!context && (propagators.b3 || propagators.b3_multi)) context = ReadB3Context(headers);
  return context;
}

std::vector<Header> WriteContext(const Propagators& propagators, const TraceContext& context) {
  std::vector<Header> headers;
  if (propagators.trace_context) {
    headers.push_back({"traceparent", FormatTraceparent(context)});
    if (!context.trace_state.empty()) headers.push_back({"tracestate", context.trace_state});
  }
  if (propagators.b3) headers.push_back({"b3", FormatB3(context)});
  if (propagators.b3_multi) {
    headers.push_back({"x-b3-traceid", ToHex(context.trace_id)});
    headers.push_back({"x-b3-spanid", ToHex(context.span_id)});
    if (context.debug) {
      headers.push_back({"x-b3-flags", "1"});
    } else {
      headers.push_back({"x-b3-sampled", context.sampled ? "1" : "0"});
    }
  }
  return headers;
}

}  // namespace

RequestTrace::RequestTrace(const Tracer& tracer, std::span<const HeaderView> headers)
    : tracer_(tracer) {
  Begin(headers);
  WriteHex(own_.trace_id, trace_id_.data());
}

// What the client says of sampling; nullopt: nothing.
std::optional<bool> RequestTrace::ParentSays(const std::optional<TraceContext>& incoming,
                                             std::span<const HeaderView> headers) const {
  if (incoming) return incoming->sampled;
  const Propagators& propagators = tracer_.options.propagators;
  const bool reads_b3 = propagators.b3 || propagators.b3_multi;
  return reads_b3 && DeclinesB3Sampling(headers) ? std::optional(false) : std::nullopt;
}

void RequestTrace::Begin(std::span<const HeaderView> headers) {
  std::optional<TraceContext> incoming = ReadContext(tracer_.options.propagators, headers);
  const bool makes_spans = tracer_.spans != nullptr;
  if (!makes_spans && incoming) {
    own_ = *std::move(incoming);
    passes_on_ = true;
    return;
  }
  own_.span_id = RandomId<SpanId>();
  if (incoming) {
    own_.trace_id = incoming->trace_id;
    own_.trace_state = incoming->trace_state;
    parent_id_ = incoming->span_id;
  } else {
    own_.trace_id = RandomId<TraceId>();
  }
  own_.sampled = !makes_spans ||
                 IsSampled(tracer_.options.sampler, ParentSays(incoming, headers), own_.trace_id);
  own_.debug = own_.sampled && incoming && incoming->debug;
  if (makes_spans && own_.sampled) recorded_ = std::make_unique<Recorded>();
}

std::vector<Header> RequestTrace::BeginCall() {
  if (passes_on_) return {};
  if (tracer_.spans == nullptr) return WriteContext(tracer_.options.propagators, own_);
  call_id_ = RandomId<SpanId>();
  TraceContext call = own_;
  call.span_id = call_id_;
  return WriteContext(tracer_.options.propagators, call);
}

Span RequestTrace::NewSpan(Span::Kind kind, const SpanId& id, const SpanId& parent,
                           nanoseconds duration) const {
  Span span;
  span.trace_id = own_.trace_id;
  span.id = id;
  span.parent_id = parent;
  span.trace_state = own_.trace_state;
  span.kind = kind;
  span.end = system_clock::now();
  span.start = span.end - std::chrono::duration_cast<system_clock::duration>(duration);
  return span;
}

Span RequestTrace::CallSpan(nanoseconds duration) {
  Span span = NewSpan(Span::Kind::kClient, call_id_, own_.span_id, duration);
  span.events = std::exchange(recorded_->events, {});
  span.dropped_events = std::exchange(recorded_->dropped_events, 0);
  return span;
}

Span RequestTrace::ServerSpan(nanoseconds duration) const {
  Span span = NewSpan(Span::Kind::kServer, own_.span_id, parent_id_, duration);
  span.parent_is_remote = parent_id_ != SpanId{};
  return span;
}

void RequestTrace::NoteMessage(Direction direction, std::size_t bytes) {
  if (!recording()) return;
  const bool sent = direction == Direction::kSent;
  const std::int64_t id = ++(sent ? recorded_->sent : recorded_->received);
  if (recorded_->events.size() >= tracer_.options.max_events) {
    ++recorded_->dropped_events;
    return;
  }
  recorded_->events.push_back(
      {system_clock::now(),
       "rpc.message",
       {{"rpc.message.type", std::string(sent ? "SENT" : "RECEIVED")},
        {"rpc.message.id", id},
        {"rpc.message.uncompressed_size", static_cast<std::int64_t>(bytes)}}});
}

}  // namespace puente

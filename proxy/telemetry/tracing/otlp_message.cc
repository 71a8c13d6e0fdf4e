#include "proxy/telemetry/tracing/otlp_message.h"

#include <google/protobuf/arena.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <algorithm>

#include "proxy/presentable.h"
#include "proxy/telemetry/tracing/otlp/trace_service.pb.h"
#include "proxy/version.h"
#include "transcoder/utf8.h"

namespace puente {
namespace {

namespace common = opentelemetry::proto::common::v1;
namespace trace = opentelemetry::proto::trace::v1;
namespace collector = opentelemetry::proto::collector::trace::v1;

// The lowest byte is W3C's trace flags; the others are SpanFlags of trace.proto.
constexpr std::uint32_t kSampled = 0x001;
constexpr std::uint32_t kKnowsWhetherRemote = 0x100;
constexpr std::uint32_t kIsRemote = 0x200;

// A longer pause than this would not be waited for anyway.
constexpr std::int64_t kLongestDelay = 3600;

std::string Text(const std::string& text) { return IsUtf8(text) ? text : ReplaceInvalidUtf8(text); }

std::uint64_t Nanoseconds(std::chrono::system_clock::time_point time) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch());
  return static_cast<std::uint64_t>(std::max<std::int64_t>(since.count(), 0));
}

template <std::size_t kSize>
std::string Bytes(const std::array<std::uint8_t, kSize>& id) {
  return {id.begin(), id.end()};
}

void SetAttribute(std::string_view key, const std::variant<std::string, std::int64_t>& value,
                  common::KeyValue& out) {
  out.set_key(std::string(key));
  if (const auto* const text = std::get_if<std::string>(&value)) {
    out.mutable_value()->set_string_value(Text(*text));
  } else {
    out.mutable_value()->set_int_value(std::get<std::int64_t>(value));
  }
}

void SetEvent(const SpanEvent& event, trace::Span::Event& out) {
  out.set_time_unix_nano(Nanoseconds(event.time));
  out.set_name(std::string(event.name));
  for (const auto& [key, value] : event.attributes) SetAttribute(key, value, *out.add_attributes());
}

void SetSpan(const Span& span, trace::Span& out) {
  out.set_trace_id(Bytes(span.trace_id));
  out.set_span_id(Bytes(span.id));
  out.set_trace_state(Text(span.trace_state));
  if (span.parent_id != SpanId{}) out.set_parent_span_id(Bytes(span.parent_id));
  out.set_name(Text(span.name));
  out.set_kind(static_cast<trace::Span::SpanKind>(span.kind));
  out.set_start_time_unix_nano(Nanoseconds(span.start));
  out.set_end_time_unix_nano(Nanoseconds(span.end));
  for (const auto& [key, value] : span.attributes) SetAttribute(key, value, *out.add_attributes());
  for (const SpanEvent& event : span.events) SetEvent(event, *out.add_events());
  out.set_dropped_events_count(static_cast<std::uint32_t>(span.dropped_events));
  if (span.status == Span::Status::kError) {
    out.mutable_status()->set_code(trace::Status::STATUS_CODE_ERROR);
    out.mutable_status()->set_message(Text(span.status_message));
  }
  out.set_flags(kSampled | kKnowsWhetherRemote | (span.parent_is_remote ? kIsRemote : 0));
}

}  // namespace

std::string PrintOtlpRequest(std::span<const Span> spans,
                             std::span<const ResourceAttribute> resource) {
  // Thousands of small pieces, that live and go together.
  google::protobuf::Arena arena;
  auto& request =
      *google::protobuf::Arena::CreateMessage<collector::ExportTraceServiceRequest>(&arena);
  trace::ResourceSpans& group = *request.add_resource_spans();
  for (const auto& [key, value] : resource) {
    SetAttribute(key, value, *group.mutable_resource()->add_attributes());
  }
  trace::ScopeSpans& scope = *group.add_scope_spans();
  scope.mutable_scope()->set_name("puente");
  scope.mutable_scope()->set_version(std::string(kVersion));
  for (const Span& span : spans) SetSpan(span, *scope.add_spans());
  return request.SerializeAsString();
}

ExportResult ReadOtlpResponse(std::string_view bytes, std::size_t sent) {
  collector::ExportTraceServiceResponse response;
  if (!response.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {};
  const auto& partial = response.partial_success();
  const std::int64_t rejected =
      std::clamp<std::int64_t>(partial.rejected_spans(), 0, static_cast<std::int64_t>(sent));
  std::string error = Presentable(partial.error_message());
  if (error.empty() && rejected > 0) error = "the collector rejected spans and did not say why";
  return {static_cast<std::size_t>(rejected), std::move(error)};
}

OtlpStatus ReadOtlpStatus(std::string_view bytes) {
  google::rpc::Status status;
  if (!status.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {};
  OtlpStatus read{.message = Presentable(status.message()), .retry_delay = std::nullopt};
  for (const auto& detail : status.details()) {
    google::rpc::RetryInfo info;
    if (!detail.Is<google::rpc::RetryInfo>() || !detail.UnpackTo(&info)) continue;
    const std::int64_t seconds =
        std::clamp<std::int64_t>(info.retry_delay().seconds(), 0, kLongestDelay);
    const std::int32_t nanos = std::clamp(info.retry_delay().nanos(), 0, 999'999'999);
    read.retry_delay = std::chrono::seconds(seconds) + std::chrono::ceil<std::chrono::milliseconds>(
                                                           std::chrono::nanoseconds(nanos));
  }
  return read;
}

}  // namespace puente

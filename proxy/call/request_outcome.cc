#include "proxy/call/request_outcome.h"

#include <fmt/format.h>

#include "proxy/call/request_context.h"
#include "proxy/call/request_spans.h"
#include "proxy/request_id.h"
#include "proxy/telemetry/log_limiter.h"
#include "transcoder/trace_context.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::system_clock;

constexpr std::uint64_t kMostWarnings = 10;  // a second

// `ids` without what is the client's own and hidden.
RequestIds WithoutHidden(RequestIds ids, std::span<const HeaderView> headers, HiddenIds hidden) {
  if (hidden.request_id && !GivenRequestId(headers).empty()) ids.request_id = kRedacted;
  const auto gives_trace = [headers] { return ContinuesTrace(headers) || ReadB3Context(headers); };
  if (hidden.trace_id && !ids.trace_id.empty() && gives_trace()) ids.trace_id = kRedacted;
  return ids;
}

AccessLogEntry EntryOfExchange(const Exchange& exchange, const RequestIds& ids,
                               nanoseconds duration) {
  const RequestHead& head = exchange.head();
  AccessLogEntry entry;
  entry.start = system_clock::now() - std::chrono::duration_cast<system_clock::duration>(duration);
  entry.trace_id = ids.trace_id;
  entry.request_id = ids.request_id;
  entry.method = head.method;
  entry.minor_version = head.minor_version;
  entry.route = kUnmatchedRoute;
  entry.status = exchange.status();
  entry.duration = duration;
  entry.bytes_in = exchange.body_received();
  entry.bytes_out = exchange.body_sent();
  entry.client = exchange.client().address;
  return entry;
}

// What the way of the answer adds to what is known of the request.
AccessLogFlag WithLoss(AccessLogFlag flag, Exchange::Loss loss) {
  if (loss == Exchange::Loss::kShutdown) return AccessLogFlag::kShutdown;
  if (loss == Exchange::Loss::kNone) return flag;
  if (flag != AccessLogFlag::kNone && flag != AccessLogFlag::kClientLeft) return flag;
  return loss == Exchange::Loss::kClientSlow ? AccessLogFlag::kClientSlow
                                             : AccessLogFlag::kClientLeft;
}

// Whether a failure before a call, or of one, is the client's doing. A status of 500 never is.
bool IsOfClient(const AccessLogEntry& entry, bool called) {
  switch (entry.flag) {
    case AccessLogFlag::kBadRequest:
      return entry.status != 500;
    case AccessLogFlag::kRequestTimeout:
    case AccessLogFlag::kNoRoute:
    case AccessLogFlag::kMethodNotAllowed:
    case AccessLogFlag::kForbidden:
    case AccessLogFlag::kClientLeft:
    case AccessLogFlag::kClientSlow:
      return true;
    case AccessLogFlag::kDeadline:
      return !called;
    default:
      return false;
  }
}

// `invoice.lines[2].colour` as `invoice.lines[].colour`.
std::string WithoutKeys(std::string_view name) {
  std::string bare;
  int depth = 0;
  for (const char c : name) {
    if (c == ']') --depth;
    if (depth <= 0) bare += c;
    if (c == '[') ++depth;
  }
  return bare;
}

}  // namespace

void RequestOutcome::NoteFailure(const Error& failure) {
  if (flag != AccessLogFlag::kNone) return;
  flag = call ? FlagOfCall(failure) : FlagBeforeCall(failure);
}

void RecordCall(RequestContext& context, const Result<void>& end, nanoseconds duration) {
  const Code code = end ? Code::kOk : end.error().code;
  if (MetricCells* const cells = context.telemetry.cells) {
    const TraceId* const trace = context.trace.sampled_trace();
    context.served->calls->Count(*cells, code, duration, trace);
    context.served->backend->Count(*cells, HttpStatusOf(code), duration, trace);
  }
  if (context.trace.recording()) ExportCallSpan(context, code, duration);
  context.outcome.call = {code, duration};
  if (!end) context.outcome.NoteFailure(end.error());
}

RequestIds IdsOf(const RequestContext& context) {
  const auto& headers = context.exchange.head().headers;
  return WithoutHidden({context.id, context.trace.trace_id()}, headers, context.hidden_ids);
}

AccessLogEntry EntryOf(const RequestContext& context, nanoseconds duration) {
  const RequestOutcome& outcome = context.outcome;
  AccessLogEntry entry = EntryOfExchange(context.exchange, IdsOf(context), duration);
  entry.route = context.route_label;
  entry.code = outcome.error;
  if (outcome.call) {
    entry.code = outcome.call->code;
    entry.upstream = context.served->upstream->name();
    entry.upstream_time = outcome.call->duration;
  }
  entry.bytes_in += outcome.received;
  entry.bytes_out += outcome.sent;
  entry.flag = WithLoss(outcome.flag, context.exchange.loss());
  return entry;
}

AccessLogEntry RefusalEntryOf(const Exchange& exchange, const Error& error, HiddenIds hidden,
                              nanoseconds duration) {
  const auto& headers = exchange.head().headers;
  const RequestIds ids =
      WithoutHidden({GivenRequestId(headers), GivenTraceId(headers)}, headers, hidden);
  AccessLogEntry entry = EntryOfExchange(exchange, ids, duration);
  entry.code = error.code;
  entry.flag = WithLoss(FlagBeforeCall(error), exchange.loss());
  return entry;
}

void WarnOfRequest(const RequestContext& context, std::string_view message) {
  static LogLimiter limiter(kMostWarnings);
  const auto left_out = limiter.Admit(std::chrono::steady_clock::now());
  if (!left_out) return;
  std::string line(message);
  if (*left_out > 0) line += fmt::format("; such lines left out before it: {}", *left_out);
  LogRequest(config::Log::LEVEL_WARN, IdsOf(context), line);
}

void ReportFailure(const RequestContext& context) {
  if (context.exchange.status() < 500) return;
  const AccessLogEntry entry = EntryOf(context, {});
  if (IsOfClient(entry, context.outcome.call.has_value())) return;
  const Code code = context.outcome.error.value_or(entry.code.value_or(Code::kUnknown));
  std::string message = fmt::format(
      "{}: answered {} {}",
      context.route != nullptr ? context.route->Describe() : std::string(context.route_label),
      entry.status, CodeName(code));
  if (entry.flag != AccessLogFlag::kNone) message += fmt::format(", {}", FlagText(entry.flag));
  if (!entry.upstream.empty()) message += fmt::format(", upstream {}", entry.upstream);
  WarnOfRequest(context, message);
}

std::string NamesForLog(const DroppedInput& dropped) {
  std::string names;
  for (const std::string& name : dropped.names) {
    if (!names.empty()) names += ", ";
    names += WithoutKeys(name);
  }
  return names;
}

}  // namespace puente

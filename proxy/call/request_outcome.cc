#include "proxy/call/request_outcome.h"

#include "proxy/call/request_context.h"
#include "proxy/request_id.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::system_clock;

AccessLogEntry EntryOfExchange(const Exchange& exchange, std::string_view traceparent,
                               nanoseconds duration) {
  const RequestHead& head = exchange.head();
  AccessLogEntry entry;
  entry.start = system_clock::now() - std::chrono::duration_cast<system_clock::duration>(duration);
  entry.trace_id = TraceIdOf(traceparent, head.headers);
  entry.method = head.method;
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

}  // namespace

void RequestOutcome::NoteFailure(const Error& failure) {
  if (flag != AccessLogFlag::kNone) return;
  flag = call ? FlagOfCall(failure) : FlagBeforeCall(failure);
}

void RecordCall(RequestContext& context, const Result<void>& end, nanoseconds duration) {
  const Code code = end ? Code::kOk : end.error().code;
  context.served->metrics->Count(code, duration);
  context.outcome.call = {code, duration};
  if (!end) context.outcome.NoteFailure(end.error());
}

AccessLogEntry EntryOf(const RequestContext& context, nanoseconds duration) {
  const RequestOutcome& outcome = context.outcome;
  AccessLogEntry entry = EntryOfExchange(context.exchange, context.traceparent, duration);
  entry.request_id = context.id;
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

AccessLogEntry RefusalEntryOf(const Exchange& exchange, const Error& error, nanoseconds duration) {
  AccessLogEntry entry = EntryOfExchange(exchange, {}, duration);
  entry.request_id = GivenRequestId(exchange.head().headers);
  entry.code = error.code;
  entry.flag = WithLoss(FlagBeforeCall(error), exchange.loss());
  return entry;
}

}  // namespace puente

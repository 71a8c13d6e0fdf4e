#include "proxy/call/access_log_entry.h"

#include <span>
#include <string_view>

#include "proxy/request_id.h"
#include "transcoder/trace_context.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::system_clock;

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

}  // namespace

RequestIds IdsOf(const RequestContext& context) {
  const auto& headers = context.exchange.head().headers;
  return WithoutHidden({context.id, context.trace.trace_id()}, headers,
                       context.snapshot->redaction().hidden_ids());
}

AccessLogEntry EntryOf(const RequestContext& context, nanoseconds duration) {
  const RequestOutcome& outcome = context.outcome;
  AccessLogEntry entry = EntryOfExchange(context.exchange, IdsOf(context), duration);
  entry.route = context.route_label;
  if (!context.forwarded_client.empty()) entry.client = context.forwarded_client;
  entry.code = outcome.error;
  if (outcome.call) {
    entry.code = outcome.call->code;
    entry.upstream_time = outcome.call->duration;
  }
  if (outcome.call || outcome.flag == AccessLogFlag::kCircuitOpen) {
    entry.upstream = context.backend->name();
    entry.split = context.policy->split_name;
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

}  // namespace puente

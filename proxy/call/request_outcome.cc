#include "proxy/call/request_outcome.h"

#include "proxy/call/request_context.h"
#include "proxy/call/request_spans.h"

namespace puente {

using std::chrono::nanoseconds;

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

}  // namespace puente

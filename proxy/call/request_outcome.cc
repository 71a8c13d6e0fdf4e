#include "proxy/call/request_outcome.h"

#include "proxy/call/request_context.h"

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
    context.served->CallsTo(*context.backend->grpc).live->Count(*cells, code, duration, trace);
  }
  context.outcome.call = RequestOutcome::Call{code, duration};
  if (!end) context.outcome.NoteFailure(end.error());
}

}  // namespace puente

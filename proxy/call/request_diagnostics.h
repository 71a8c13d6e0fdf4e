// What the log of diagnostics says of single requests.
#pragma once

#include <string_view>

#include "proxy/call/request_context.h"

namespace puente {

// All of them name the ids of the request. Of each kind no more than ten lines a second leave the
// process; the next one says how many were left out.

// Warns that a request failed.
void WarnOfFailure(const RequestContext& context, std::string_view message);

// After the answer: warns when it was 5xx for a reason that is not the client's.
void ReportFailure(const RequestContext& context);

// After the answer: warns of what the request held that nothing is bound to and that was let pass,
// by the names that are to be told. They are fields and parameters, with [] in place of map keys
// and indexes, which may be values.
void ReportDropped(const RequestContext& context);

}  // namespace puente

// What the end of a call says about the upstream that it went to. Circuit breakers and outlier
// detection count the same.
#pragma once

#include "transcoder/error.h"

namespace puente {

enum class Outcome {
  kSuccess,  // the upstream does its work, even where it refuses a request
  kFailure,  // it is broken, overloaded or not there
  kNeutral,  // nothing was learnt: the client went away, say
};

// Who set the deadline of a call.
enum class DeadlineBy { kRoute, kClient };

// Of a call that ended with `code`; kOk for one that succeeded. UNAVAILABLE, DEADLINE_EXCEEDED,
// INTERNAL, UNKNOWN and DATA_LOSS are failures, and CANCELLED is neutral. A DEADLINE_EXCEEDED is
// neutral, too, when the client set the deadline: with short ones it could shut others out.
Outcome OutcomeOf(Code code, DeadlineBy deadline = DeadlineBy::kRoute);

// Of an HTTP upstream's answer: 5xx are failures. A connection that fails is
// OutcomeOf(UNAVAILABLE).
Outcome OutcomeOfHttpStatus(int status);

// The code that an HTTP upstream's answer stands for. Of several with that status in the code table
// the most general one: 400 is INVALID_ARGUMENT, 409 ABORTED, 500 INTERNAL. 408 is
// DEADLINE_EXCEEDED, 502 is UNAVAILABLE. What has no row is, as RFC 9110 has it, as 400 or 500;
// below 400 it is OK.
Code CodeOfHttpStatus(int status);

}  // namespace puente

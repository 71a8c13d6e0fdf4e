// A call whose messages flow in one direction or both, from its start to its end.
#pragma once

#include "proxy/call/answer_sink.h"
#include "proxy/call/attempt.h"
#include "proxy/call/request_context.h"
#include "proxy/call/request_messages.h"
#include "proxy/upstream/grpc_call.h"
#include "transcoder/error.h"

namespace puente {

// Sends the requests and passes the answers on, both at once, until the upstream has ended the call
// or one side has given up, and counts it. The first answer has the route's timeout from the
// client's last message on, save in a conversation. The error is the client's, the upstream's, or
// what kept an answer from being passed on; whatever it is, the call has finished. None of its
// parts may be used by others meanwhile.
Task<Result<void>> RunStreamingCall(RequestContext& context, Attempt& attempt, GrpcCall& call,
                                    RequestMessages& requests, AnswerSink& answers);

}  // namespace puente

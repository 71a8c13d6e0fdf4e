// A call whose messages flow in one direction or both, from its start to its end.
#pragma once

#include <chrono>

#include "proxy/call/answer_sink.h"
#include "proxy/call/request_messages.h"
#include "proxy/upstream/grpc_call.h"
#include "transcoder/codec.h"
#include "transcoder/error.h"

namespace puente {

// Pinned; one thread. None of its parts may be used by others while it runs.
struct StreamingCall {
  Executor executor;
  GrpcCall& call;
  const RouteCodec& codec;
  RequestMessages& requests;
  AnswerSink& answers;
  // How long the first answer may take from the client's last message on; where answers do not
  // stream, the end of the call.
  std::chrono::nanoseconds answer_timeout = std::chrono::nanoseconds::max();
};

// Sends the requests and passes the answers on, both at once, until the upstream has ended the call
// or one side has given up. The error is the client's, the upstream's, or what kept an answer from
// being passed on; whatever it is, the call has finished.
Task<Result<void>> Run(StreamingCall& streaming);

}  // namespace puente

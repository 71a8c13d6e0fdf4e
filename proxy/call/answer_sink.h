// Where the answers of a call go.
#pragma once

#include <chrono>

#include "proxy/http/task.h"
#include "proxy/upstream/grpc_call.h"
#include "transcoder/codec.h"
#include "transcoder/error.h"

namespace puente {

// Used by one coroutine.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;

  // Passes one message on, and waits until the client has taken it; `payload` may be taken over. An
  // error ends the call: the client is gone, or the message is not one for it.
  virtual Task<Result<void>> Send(const GrpcCall& call, Payload& payload) = 0;

  // False: the client needs nothing more, and the call may be ended.
  virtual bool wants_more() const { return true; }

  // False: the client gets nothing before the call has ended, since its end decides what it gets.
  virtual bool streams() const { return true; }

  // How often Heartbeat is to be called while there is no message to send.
  virtual std::chrono::nanoseconds heartbeat_interval() const {
    return std::chrono::nanoseconds::max();
  }
  // False: the client is gone.
  virtual Task<bool> Heartbeat() { co_return true; }
};

}  // namespace puente

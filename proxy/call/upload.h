// Sends the messages of a client's stream while the answers to them are being read.
#pragma once

#include <functional>
#include <optional>

#include "proxy/call/request_messages.h"
#include "proxy/http/event.h"
#include "proxy/upstream/grpc_call.h"
#include "transcoder/error.h"

namespace puente {

// A coroutine of its own beside the one that reads. Pinned; one thread. From Start until Stop has
// completed it uses `call` and `messages`.
//
// When the messages are bad, or the client goes away, the call is cancelled, so that its reader
// ends.
class Upload {
 public:
  // Nothing is sent before `started`, which says that the call has been. `complete` is called when
  // the client's last message is there, before that is sent.
  Upload(Executor executor, GrpcCall& call, RequestMessages& messages, Event& started,
         std::function<void()> complete);
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  void Start();
  // To be called when the call has no more answers, or was cancelled.
  Task<> Stop();

  // After Stop: fails with what the client did wrong, before the call had ended by itself.
  const Result<void>& outcome() const { return outcome_; }

 private:
  Task<> Run();
  // True: all were sent. False: the call has ended, or is not to go on.
  Task<bool> SendAll();
  // nullopt: says that there are no more. False as SendAll.
  Task<bool> Send(std::optional<RequestMessage> message);
  void Fail(Error error);

  Executor executor_;
  GrpcCall& call_;
  RequestMessages& messages_;
  Event& started_;
  const std::function<void()> complete_;
  Event done_;
  bool stopping_ = false;
  Result<void> outcome_;
};

}  // namespace puente

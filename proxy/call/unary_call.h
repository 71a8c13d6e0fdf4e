// A call of one message each way, tried again where its route says so.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "proxy/call/attempt.h"
#include "proxy/call/request_context.h"
#include "proxy/call/retries.h"
#include "proxy/upstream/grpc_call.h"

namespace puente {

struct CallDeadline {
  std::chrono::system_clock::time_point at;
  DeadlineBy by;
};

// Pinned; one thread. What it is made of outlives it.
class UnaryCall {
 public:
  // `attempt` is the first try; further ones take its place. `metadata` gets the trace of each.
  UnaryCall(RequestContext& context, Attempt& attempt, std::vector<Header>& metadata,
            CallDeadline deadline);
  UnaryCall(const UnaryCall&) = delete;
  UnaryCall& operator=(const UnaryCall&) = delete;

  // Calls until there is an answer, or no try left, and counts the call. Ends early when the client
  // goes away, with CANCELLED.
  Task<Result<void>> Run(std::string message);

  // The last try, once it has ended; nullptr when there was none.
  const GrpcCall* answer() const { return call_ ? &*call_ : nullptr; }

 private:
  Task<Result<void>> TryUntilAnswered(std::string message);
  Task<Result<void>> Try(std::string message);
  CallDeadline DeadlineOfTry();
  void OnClientLeft();

  RequestContext& context_;
  Attempt& attempt_;
  std::vector<Header>& metadata_;
  const CallDeadline deadline_;
  std::optional<GrpcCall> call_;
  Retries retries_;
};

}  // namespace puente

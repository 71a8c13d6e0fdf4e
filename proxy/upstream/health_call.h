// Asks a gRPC server how it is: one call of grpc.health.v1.Health/Check.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <string>
#include <string_view>

#include "proxy/http/task.h"
#include "transcoder/error.h"

namespace puente {

// What was found out. The better come first.
enum class HealthStatus {
  kServing,
  kUnknown,         // it lives, but has no health service
  kNotServing,      // or it would not say
  kServiceUnknown,  // it does not know the service that it was asked about
  kUnreachable,     // no connection, or no answer in time
};

// "NOT_SERVING".
std::string_view HealthStatusName(HealthStatus status);

// Whether requests may go there. What has no health service counts as up.
inline bool IsUp(HealthStatus status) { return status <= HealthStatus::kUnknown; }

struct TargetHealth {
  HealthStatus status = HealthStatus::kUnreachable;
  Code code = Code::kUnknown;  // how the call ended

  bool operator==(const TargetHealth&) const = default;
};

// Pinned; used by one thread, the one that empties the queue, and destroyed only after Ask has
// completed. Unlike a GrpcCall it writes nothing to the log, however it ends.
class HealthCall {
 public:
  // `stub` and `queue` outlive the call, which lasts for `timeout` at most.
  HealthCall(grpc::GenericStub& stub, grpc::CompletionQueue& queue,
             std::chrono::nanoseconds timeout);
  HealthCall(const HealthCall&) = delete;
  HealthCall& operator=(const HealthCall&) = delete;

  // Asks about `service`; "": the server as a whole. Once.
  Task<TargetHealth> Ask(std::string service);

  // Ask completes soon, or at once when it is still to come.
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::GenericStub& stub_;
  grpc::CompletionQueue& queue_;
  grpc::ClientContext context_;
};

}  // namespace puente

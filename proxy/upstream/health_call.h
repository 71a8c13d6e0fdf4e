// Asks a gRPC server how it is: one call of grpc.health.v1.Health/Check.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <string>

#include "proxy/upstream/target_health.h"

namespace puente {

// Unlike a GrpcCall it writes nothing to the log, however it ends.
class HealthCall final : public HealthProbe {
 public:
  // Asks about `service`; "": the server as a whole. `stub` and `queue`, which is emptied on the
  // thread that asks, outlive the call, which lasts for `timeout` at most.
  HealthCall(grpc::GenericStub& stub, grpc::CompletionQueue& queue, std::string service,
             std::chrono::nanoseconds timeout);

  Task<TargetHealth> Ask() override;
  void Cancel() override { context_.TryCancel(); }

 private:
  grpc::GenericStub& stub_;
  grpc::CompletionQueue& queue_;
  const std::string service_;
  grpc::ClientContext context_;
};

}  // namespace puente

#include "proxy/upstream/health_call.h"

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <utility>

#include "proxy/upstream/completion_queue.h"
#include "proxy/upstream/health.pb.h"

namespace puente {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";

grpc::ByteBuffer RequestFor(const std::string& service) {
  HealthCheckRequest request;
  request.set_service(service);
  const grpc::Slice slice(request.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

TargetHealth HealthOf(const grpc::ByteBuffer& answer) {
  grpc::Slice slice;
  HealthCheckResponse response;
  if (!answer.DumpToSingleSlice(&slice).ok() ||
      !response.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
    return {HealthStatus::kNotServing, Code::kInternal};
  }
  const bool serving = response.status() == HealthCheckResponse::SERVING;
  return {serving ? HealthStatus::kServing : HealthStatus::kNotServing, Code::kOk};
}

HealthStatus StatusOfFailure(Code code) {
  switch (code) {
    case Code::kUnimplemented:
      return HealthStatus::kUnknown;
    case Code::kNotFound:
      return HealthStatus::kServiceUnknown;
    case Code::kCancelled:
    case Code::kDeadlineExceeded:
    case Code::kUnavailable:
      return HealthStatus::kUnreachable;
    default:
      return HealthStatus::kNotServing;
  }
}

}  // namespace

HealthCall::HealthCall(grpc::GenericStub& stub, grpc::CompletionQueue& queue, std::string service,
                       std::chrono::nanoseconds timeout)
    : stub_(stub), queue_(queue), service_(std::move(service)) {
  using std::chrono::system_clock;
  context_.set_deadline(system_clock::now() +
                        std::chrono::duration_cast<system_clock::duration>(timeout));
}

Task<TargetHealth> HealthCall::Ask() {
  const grpc::ByteBuffer request = RequestFor(service_);
  grpc::ByteBuffer answer;
  grpc::Status status;
  auto reader = stub_.PrepareUnaryCall(&context_, kCheck, request, &queue_);
  reader->StartCall();
  co_await AwaitCompletion([&](void* tag) { reader->Finish(&answer, &status, tag); });
  if (status.ok()) co_return HealthOf(answer);
  const Code code = CodeOfNumber(status.error_code());
  co_return TargetHealth{StatusOfFailure(code), code};
}

}  // namespace puente

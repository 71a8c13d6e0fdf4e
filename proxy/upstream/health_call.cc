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

grpc::ByteBuffer RequestFor(std::string service) {
  HealthCheckRequest request;
  request.set_service(std::move(service));
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

std::string_view HealthStatusName(HealthStatus status) {
  switch (status) {
    case HealthStatus::kServing:
      return "SERVING";
    case HealthStatus::kUnknown:
      return "UNKNOWN";
    case HealthStatus::kNotServing:
      return "NOT_SERVING";
    case HealthStatus::kServiceUnknown:
      return "SERVICE_UNKNOWN";
    case HealthStatus::kUnreachable:
      return "UNREACHABLE";
  }
  return "";
}

HealthCall::HealthCall(grpc::GenericStub& stub, grpc::CompletionQueue& queue,
                       std::chrono::nanoseconds timeout)
    : stub_(stub), queue_(queue) {
  using std::chrono::system_clock;
  context_.set_deadline(system_clock::now() +
                        std::chrono::duration_cast<system_clock::duration>(timeout));
}

Task<TargetHealth> HealthCall::Ask(std::string service) {
  const grpc::ByteBuffer request = RequestFor(std::move(service));
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

#include "proxy/upstream/reflection_client.h"

#include <fmt/format.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <memory>
#include <optional>
#include <utility>

#include "proxy/presentable.h"
#include "transcoder/error.h"

namespace puente {
namespace {

using Deadline = std::chrono::system_clock::time_point;

// Any worker's channels do.
constexpr std::size_t kLane = 0;

constexpr char kV1[] = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
constexpr char kV1Alpha[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

// A call with a completion queue of its own, so that its thread can wait for each operation.
class BlockingCall {
 public:
  BlockingCall(GrpcUpstream& upstream, const char* path, Deadline deadline, std::stop_token stop)
      : on_stop_(std::move(stop), Cancel{context_}) {
    context_.set_deadline(deadline);
    stream_ = upstream.NextStub(kLane).PrepareCall(&context_, path, &queue_);
    sound_ = Wait([this](void* tag) { stream_->StartCall(tag); });
  }

  // The answer to `request`; nullopt when the call has ended.
  std::optional<std::string> Ask(const std::string& request) {
    const grpc::Slice slice(request);
    const grpc::ByteBuffer message(&slice, 1);
    sound_ = sound_ && Wait([&](void* tag) { stream_->Write(message, tag); });
    return sound_ ? Read() : std::nullopt;
  }

  // Ends the call by the rules, or cuts it when the server goes on speaking.
  void Close() {
    if (Wait([this](void* tag) { stream_->WritesDone(tag); }) && Read()) context_.TryCancel();
    Finish();
  }

  void Abandon() {
    context_.TryCancel();
    Finish();
  }

  grpc::Status Finish() {
    grpc::Status status;
    Wait([&](void* tag) { stream_->Finish(&status, tag); });
    return status;
  }

 private:
  struct Cancel {
    grpc::ClientContext& context;
    void operator()() const { context.TryCancel(); }
  };

  template <class Start>
  bool Wait(Start start) {
    void* tag = nullptr;
    bool ok = false;
    start(static_cast<void*>(this));
    return queue_.Next(&tag, &ok) && ok;
  }

  std::optional<std::string> Read() {
    grpc::ByteBuffer message;
    grpc::Slice slice;
    if (!Wait([&](void* tag) { stream_->Read(&message, tag); })) return std::nullopt;
    if (!message.DumpToSingleSlice(&slice).ok()) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }

  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  bool sound_ = false;
  const std::stop_callback<Cancel> on_stop_;
};

struct AskedVersion {
  tl::expected<ReflectedSet, std::string> set;
  // How the call ended when nothing was answered at all.
  std::optional<grpc::StatusCode> refused;
};

AskedVersion Ended(const grpc::Status& status, bool answered) {
  const std::string reason =
      status.ok() ? "its reflection ended the call early"
                  : fmt::format("{}: {}", CodeName(CodeOfNumber(status.error_code())),
                                Presentable(status.error_message()));
  return {tl::unexpected(reason), answered ? std::nullopt : std::optional(status.error_code())};
}

AskedVersion AskVersion(BlockingCall& call, ReflectionLimits limits) {
  ReflectedFiles files(limits);
  bool answered = false;
  while (const auto request = files.NextRequest()) {
    const auto answer = call.Ask(*request);
    if (!answer) return Ended(call.Finish(), answered);
    answered = true;
    const auto taken = files.Take(*answer);
    if (!taken) {
      call.Abandon();
      return {tl::unexpected(taken.error()), std::nullopt};
    }
  }
  call.Close();
  return {std::move(files).Finish(), std::nullopt};
}

// Whether the server may well speak the older version: not every proxy on the way says
// UNIMPLEMENTED of a service that it does not know.
bool MayNotKnow(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::UNAVAILABLE:
      return false;
    default:
      return true;
  }
}

}  // namespace

tl::expected<ReflectedSet, std::string> AskReflection(GrpcUpstream& upstream, std::stop_token stop,
                                                      ReflectionLimits limits,
                                                      std::chrono::milliseconds timeout) {
  const Deadline deadline = std::chrono::system_clock::now() + timeout;
  const auto ask = [&](const char* path) {
    BlockingCall call(upstream, path, deadline, stop);
    return AskVersion(call, limits);
  };
  const AskedVersion v1 = ask(kV1);
  if (!v1.refused || !MayNotKnow(*v1.refused)) return v1.set;
  const AskedVersion v1_alpha = ask(kV1Alpha);
  if (v1_alpha.refused != grpc::StatusCode::UNIMPLEMENTED) return v1_alpha.set;
  if (v1.refused != grpc::StatusCode::UNIMPLEMENTED) return v1.set;
  return tl::unexpected(std::string(
      "it does not serve reflection (neither grpc.reflection.v1 nor grpc.reflection.v1alpha)"));
}

}  // namespace puente

// One call of a FakeUpstream: the gRPC operations behind UpstreamStream, made blocking.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "tests/support/upstream_state.h"

namespace puente::test {

// What the completion queue hands back.
class CompletionTag {
 public:
  virtual ~CompletionTag() = default;
  // On the queue's thread.
  virtual void Complete(bool ok) = 0;
};

// An operation that one thread starts and waits for.
class BlockingStep final : public CompletionTag {
 public:
  BlockingStep();
  void Complete(bool ok) override;
  // Whether the operation succeeded.
  bool Wait();

 private:
  std::mutex mutex_;
  std::condition_variable completed_;
  std::optional<bool> ok_;
};

class UpstreamCall final : public UpstreamStream,
                           public std::enable_shared_from_this<UpstreamCall> {
 public:
  // `on_end` is called once, on the queue's thread, after the end of an accepted call is recorded.
  UpstreamCall(std::shared_ptr<UpstreamState> state, std::function<void()> on_end);

  // Asks `service` for the next call. `accepted` learns whether there is one; the call keeps itself
  // alive until its end is known.
  void Request(grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue,
               CompletionTag& accepted);
  // After it was not accepted: there will be no end to wait for.
  void Abandon();
  // Runs the method's script to its end. After it was accepted, on a thread of its own.
  void Run();

  const Metadata& metadata() const override { return metadata_; }
  std::optional<std::string> Read() override;
  bool Write(std::string bytes) override;
  bool SendInitialMetadata(const Metadata& metadata) override;
  void AddTrailingMetadata(const std::string& key, const std::string& value) override;
  bool IsCancelled() const override;
  bool WaitCancelled(std::chrono::milliseconds patience) override;

 private:
  struct EndTag final : CompletionTag {
    void Complete(bool ok) override;
    std::shared_ptr<UpstreamCall> call;
  };

  std::optional<std::string> ReadMessage();
  void Record(std::optional<std::string> first_request);
  void WaitForRelease();
  void End();
  void RunUnary(const FakeUpstream::UnaryScript& script);
  void RunStream(const FakeUpstream::StreamScript& script);
  std::optional<std::chrono::system_clock::time_point> Deadline() const;
  void AddInitialMetadata(const Metadata& metadata);
  void Finish(const grpc::Status& status);

  std::shared_ptr<UpstreamState> state_;
  std::function<void()> on_end_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  EndTag end_tag_;
  Metadata metadata_;
  // Guarded by state_->mutex.
  RecordedCall* record_ = nullptr;
  bool ended_ = false;
  bool cancelled_ = false;
};

}  // namespace puente::test

#include "tests/support/upstream_call.h"

#include <utility>

namespace puente::test {
namespace {

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const auto& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

BlockingStep::BlockingStep() {
  // Publishes the object to the queue's thread, which takes the same lock.
  const std::lock_guard lock(mutex_);
  ok_.reset();
}

void BlockingStep::Complete(bool ok) {
  const std::lock_guard lock(mutex_);
  ok_ = ok;
  completed_.notify_one();
}

bool BlockingStep::Wait() {
  std::unique_lock lock(mutex_);
  completed_.wait(lock, [this] { return ok_.has_value(); });
  return *ok_;
}

UpstreamCall::UpstreamCall(std::shared_ptr<UpstreamState> state, std::function<void()> on_end)
    : state_(std::move(state)), on_end_(std::move(on_end)) {}

void UpstreamCall::Request(grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue,
                           CompletionTag& accepted) {
  end_tag_.call = shared_from_this();
  context_.AsyncNotifyWhenDone(static_cast<CompletionTag*>(&end_tag_));
  service.RequestCall(&context_, &stream_, &queue, &queue, &accepted);
}

void UpstreamCall::Abandon() { end_tag_.call.reset(); }

void UpstreamCall::EndTag::Complete(bool /*ok*/) {
  // Keeps the call, and with it this tag, alive until the end of this function.
  const auto ended = std::move(call);
  ended->End();
  ended->on_end_();
}

void UpstreamCall::End() {
  const bool cancelled = context_.IsCancelled();
  const std::lock_guard lock(state_->mutex);
  ended_ = true;
  cancelled_ = cancelled;
  if (record_ != nullptr) {
    record_->finished = true;
    record_->cancelled = cancelled;
  }
  state_->changed.notify_all();
}

void UpstreamCall::Run() {
  for (const auto& [key, value] : context_.client_metadata()) {
    metadata_.emplace_back(std::string(key.data(), key.size()),
                           std::string(value.data(), value.size()));
  }
  UpstreamScript script;
  {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->scripts.find(context_.method());
    if (found == state_->scripts.end()) {
      script = [](UpstreamStream&) {
        return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "the test has no script for it");
      };
    } else {
      script = found->second;
    }
  }
  if (const auto* unary = std::get_if<FakeUpstream::UnaryScript>(&script)) {
    RunUnary(*unary);
  } else {
    RunStream(std::get<FakeUpstream::StreamScript>(script));
  }
}

void UpstreamCall::RunUnary(const FakeUpstream::UnaryScript& script) {
  auto request = ReadMessage();
  Record(request);
  WaitForRelease();
  if (!request) return Finish({grpc::StatusCode::INTERNAL, "a unary call without a request"});
  const UnaryReply reply = script({*std::move(request), metadata_, Deadline()});
  AddInitialMetadata(reply.initial_metadata);
  for (const auto& [key, value] : reply.trailing_metadata) AddTrailingMetadata(key, value);
  if (!reply.status.ok()) return Finish(reply.status);
  BlockingStep step;
  stream_.WriteAndFinish(ToBuffer(reply.bytes), {}, reply.status,
                         static_cast<CompletionTag*>(&step));
  step.Wait();
}

void UpstreamCall::RunStream(const FakeUpstream::StreamScript& script) {
  Record(std::nullopt);
  WaitForRelease();
  Finish(script(*this));
}

void UpstreamCall::Record(std::optional<std::string> first_request) {
  const std::lock_guard lock(state_->mutex);
  record_ = &state_->calls.emplace_back();
  record_->method = context_.method();
  record_->metadata = metadata_;
  record_->deadline = Deadline();
  record_->finished = ended_;
  record_->cancelled = cancelled_;
  if (first_request) record_->requests.push_back(*std::move(first_request));
  state_->changed.notify_all();
}

void UpstreamCall::WaitForRelease() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this] { return !state_->holding || ended_; });
}

std::optional<std::chrono::system_clock::time_point> UpstreamCall::Deadline() const {
  const auto deadline = context_.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return std::nullopt;
  return deadline;
}

std::optional<std::string> UpstreamCall::ReadMessage() {
  grpc::ByteBuffer buffer;
  BlockingStep step;
  stream_.Read(&buffer, static_cast<CompletionTag*>(&step));
  if (!step.Wait()) return std::nullopt;
  return ToString(buffer);
}

std::optional<std::string> UpstreamCall::Read() {
  auto message = ReadMessage();
  if (message) {
    const std::lock_guard lock(state_->mutex);
    record_->requests.push_back(*message);
    state_->changed.notify_all();
  }
  return message;
}

bool UpstreamCall::Write(std::string bytes) {
  BlockingStep step;
  stream_.Write(ToBuffer(bytes), static_cast<CompletionTag*>(&step));
  return step.Wait();
}

void UpstreamCall::AddInitialMetadata(const Metadata& metadata) {
  for (const auto& [key, value] : metadata) context_.AddInitialMetadata(key, value);
}

bool UpstreamCall::SendInitialMetadata(const Metadata& metadata) {
  AddInitialMetadata(metadata);
  BlockingStep step;
  stream_.SendInitialMetadata(static_cast<CompletionTag*>(&step));
  return step.Wait();
}

void UpstreamCall::AddTrailingMetadata(const std::string& key, const std::string& value) {
  context_.AddTrailingMetadata(key, value);
}

bool UpstreamCall::IsCancelled() const {
  const std::lock_guard lock(state_->mutex);
  return ended_ && cancelled_;
}

bool UpstreamCall::WaitCancelled(std::chrono::milliseconds patience) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, patience, [this] { return ended_ && cancelled_; });
}

void UpstreamCall::Finish(const grpc::Status& status) {
  BlockingStep step;
  stream_.Finish(status, static_cast<CompletionTag*>(&step));
  step.Wait();
}

}  // namespace puente::test

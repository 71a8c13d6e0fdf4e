#include "proxy/upstream/grpc_call.h"

#include <fmt/format.h>

#include <cassert>
#include <utility>

#include "proxy/traffic/retry_policy.h"
#include "proxy/upstream/completion_queue.h"
#include "transcoder/header_names.h"

namespace puente {
namespace {

using MetadataMap = std::multimap<grpc::string_ref, grpc::string_ref>;

// A slice that owns `bytes` without copying them.
grpc::Slice SliceOf(std::string bytes) {
  auto* owned = new std::string(std::move(bytes));
  return grpc::Slice(
      owned->data(), owned->size(), [](void* string) { delete static_cast<std::string*>(string); },
      owned);
}

std::vector<MetadataView> Views(const MetadataMap& metadata) {
  std::vector<MetadataView> views;
  views.reserve(metadata.size());
  for (const auto& [key, value] : metadata) {
    views.push_back({{key.data(), key.size()}, {value.data(), value.size()}});
  }
  return views;
}

// grpc++ gives the errors that it makes itself and those of the peer the same form; only this text
// tells them apart. It is there also when a connection, once made, fails.
bool CameFromPeer(const grpc::ClientContext& context) {
  return context.debug_error_string().find("Error received from peer") != std::string::npos;
}

// The upstream says the same of a request that is too large for it, with a limit of its own.
bool AnswerWasTooLarge(const grpc::Status& status, std::size_t limit) {
  return status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED &&
         status.error_message().starts_with("Received message larger than max ") &&
         status.error_message().ends_with(fmt::format(" vs. {})", limit));
}

// An answer with more metadata than the channel takes; grpc++ finds out, whoever sent it.
bool MetadataWasTooLarge(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED &&
         status.error_message().find("metadata size exceeds limit") != std::string::npos;
}

// gRPC's own rules; it aborts the process over metadata that it takes for misuse.
[[maybe_unused]] bool IsLegal(const Header& entry) {
  constexpr std::string_view kBinarySuffix = "-bin";
  return IsMetadataKey(entry.name) &&
         (entry.name.ends_with(kBinarySuffix) || IsPrintableAscii(entry.value));
}

// What grpc++ says of its own failures names addresses and limits, which are no client's business.
Error LocalError(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      return Error{Code::kUnavailable, "the upstream is not available", 0, {}, {}};
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return Error{Code::kDeadlineExceeded, "the upstream did not answer in time", 0, {}, {}};
    case grpc::StatusCode::CANCELLED:
      return Error{Code::kCancelled, "the call was cancelled", 0, {}, {}};
    default:
      return Error{CodeOfNumber(status.error_code()), "the call to the upstream failed", 0, {}, {}};
  }
}

}  // namespace

GrpcCall::GrpcCall(GrpcUpstream& upstream, const CallLane& lane, const std::string& path,
                   std::span<const Header> metadata,
                   std::optional<std::chrono::system_clock::time_point> deadline,
                   DeadlineBy deadline_by)
    : upstream_(upstream),
      choice_(upstream.Choose(lane.index)),
      queue_(lane.queue),
      path_(path),
      deadline_(deadline),
      deadline_by_(deadline_by) {
  for (const Header& entry : metadata) {
    assert(IsLegal(entry));
    context_.AddMetadata(entry.name, entry.value);
  }
  if (deadline) context_.set_deadline(*deadline);
}

Task<Result<void>> GrpcCall::Unary(std::string request) {
  const grpc::Slice slice = SliceOf(std::move(request));
  const grpc::ByteBuffer message(&slice, 1);
  auto reader = choice_.stub.PrepareUnaryCall(&context_, path_, message, &queue_);
  reader->StartCall();
  co_await AwaitCompletion([&](void* tag) { reader->Finish(&received_, &status_, tag); });
  Result<void> end = End();
  if (end) end = TakeMessage();
  NoteOutcome(end);
  co_return end;
}

Task<bool> GrpcCall::Start() {
  stream_ = choice_.stub.PrepareCall(&context_, path_, &queue_);
  co_return co_await AwaitCompletion([&](void* tag) { stream_->StartCall(tag); });
}

Task<bool> GrpcCall::Write(std::string request) {
  return Write(std::move(request), grpc::WriteOptions());
}

Task<bool> GrpcCall::WriteLast(std::string request) {
  return Write(std::move(request), grpc::WriteOptions().set_last_message());
}

Task<bool> GrpcCall::Write(std::string request, grpc::WriteOptions options) {
  const grpc::Slice slice = SliceOf(std::move(request));
  const grpc::ByteBuffer message(&slice, 1);
  co_return co_await AwaitCompletion([&](void* tag) { stream_->Write(message, options, tag); });
}

Task<bool> GrpcCall::WritesDone() {
  co_return co_await AwaitCompletion([&](void* tag) { stream_->WritesDone(tag); });
}

Task<bool> GrpcCall::Read() {
  received_.Clear();
  const bool read = co_await AwaitCompletion([&](void* tag) { stream_->Read(&received_, tag); });
  if (!read) co_return false;
  received_well_ = TakeMessage();
  if (!received_well_) Cancel();
  co_return received_well_.has_value();
}

Task<Result<void>> GrpcCall::Finish() {
  co_await AwaitCompletion([&](void* tag) { stream_->Finish(&status_, tag); });
  const Result<void> end = End();
  NoteOutcome(end);
  co_return end;
}

Result<void> GrpcCall::End() {
  if (!received_well_) return received_well_;
  if (status_.ok()) return {};
  if (AnswerWasTooLarge(status_, upstream_.max_receive_message_bytes())) {
    return Fail(Code::kInternal, "the upstream's answer is larger than the limit");
  }
  if (MetadataWasTooLarge(status_)) {
    return Fail(Code::kInternal, "the upstream's answer has too much metadata");
  }
  if (status_.error_code() == grpc::StatusCode::UNAVAILABLE) {
    // What the upstream says itself may quote the request.
    upstream_.ReportUnavailable(CameFromPeer(context_) ? "it says so, or the connection broke"
                                                       : status_.error_message());
  }
  const bool too_late = deadline_ && *deadline_ <= std::chrono::system_clock::now();
  if (!CameFromPeer(context_) ||
      (too_late && status_.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)) {
    return tl::unexpected(LocalError(status_));
  }
  return tl::unexpected(Error{CodeOfNumber(status_.error_code()),
                              status_.error_message(),
                              0,
                              status_.error_details(),
                              {},
                              true});
}

void GrpcCall::NoteOutcome(const Result<void>& end) {
  const bool bad_answer = status_.ok() && !end;
  const Code code = bad_answer ? Code::kInternal : CodeOfNumber(status_.error_code());
  outcome_ = OutcomeOf(code, deadline_by_);
  // Of all failures that gRPC makes itself, this is the one of a channel that has no connection.
  never_reached_ = code == Code::kUnavailable && !CameFromPeer(context_);
  upstream_.Report(choice_.target, outcome_);
}

Result<void> GrpcCall::TakeMessage() {
  if (!received_.Valid()) return Fail(Code::kInternal, "the upstream sent no message");
  if (!received_.TrySingleSlice(&slice_).ok() && !received_.DumpToSingleSlice(&slice_).ok()) {
    return Fail(Code::kInternal, "the upstream's answer could not be decompressed");
  }
  message_ = {reinterpret_cast<const char*>(slice_.begin()), slice_.size()};
  return {};
}

std::vector<MetadataView> GrpcCall::InitialMetadata() const {
  return Views(context_.GetServerInitialMetadata());
}

std::vector<MetadataView> GrpcCall::TrailingMetadata() const {
  return Views(context_.GetServerTrailingMetadata());
}

std::optional<std::string_view> GrpcCall::Pushback() const {
  const auto& metadata = context_.GetServerTrailingMetadata();
  const auto found = metadata.find(grpc::string_ref(kPushbackKey.data(), kPushbackKey.size()));
  if (found == metadata.end()) return std::nullopt;
  return std::string_view(found->second.data(), found->second.size());
}

}  // namespace puente

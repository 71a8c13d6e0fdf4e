// One gRPC call of an arbitrary method, through the generic stub.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/task.h"
#include "proxy/traffic/failure_kind.h"
#include "proxy/upstream/grpc_upstream.h"
#include "transcoder/error.h"
#include "transcoder/http_message.h"
#include "transcoder/metadata.h"

namespace puente {

// Where the calls of one worker go: its completion queue, and which of an upstream's channels are
// its own.
struct CallLane {
  grpc::CompletionQueue& queue;
  std::size_t index;
};

// Pinned; used by one thread, and destroyed only after Unary or Finish has completed. Messages are
// serialized protobuf. Of a stream one message may be written and one be read at the same time.
class GrpcCall {
 public:
  // `upstream`, the lane's queue and `path` outlive the call. `metadata` must be valid for gRPC
  // (MetadataFromHeaders sees to that). No deadline: the call lasts until it is finished or
  // cancelled. When it has ended, `upstream` learns what became of it.
  GrpcCall(GrpcUpstream& upstream, const CallLane& lane, const std::string& path,
           std::span<const Header> metadata,
           std::optional<std::chrono::system_clock::time_point> deadline,
           DeadlineBy deadline_by = DeadlineBy::kRoute);
  GrpcCall(const GrpcCall&) = delete;
  GrpcCall& operator=(const GrpcCall&) = delete;

  // One message there and one back; the answer is in message(). Errors: what the upstream answered,
  // or what kept it from answering.
  Task<Result<void>> Unary(std::string request);

  // A call with a stream in one direction or in both. Whatever Start says, Finish must follow.
  Task<bool> Start();
  // Both wait until the upstream may take the next one, and return false when the call has ended.
  Task<bool> Write(std::string request);
  Task<bool> WriteLast(std::string request);
  // Ends the requests, unless WriteLast did.
  Task<bool> WritesDone();
  // Waits for the next answer, which is in message() then. False: there are no more; Finish says
  // why.
  Task<bool> Read();
  // After the last Write and Read have completed.
  Task<Result<void>> Finish();

  // Ends the call; what waits for it completes soon, with CANCELLED. May be called at any time, and
  // more than once.
  void Cancel() { context_.TryCancel(); }

  // The message received last, valid until the next is waited for.
  std::string_view message() const { return message_; }

  // Valid after the first message, or after the end; the views live as long as the call.
  std::vector<MetadataView> InitialMetadata() const;
  // Valid after the end.
  std::vector<MetadataView> TrailingMetadata() const;

  // Valid after the end. What it says about the upstream: for a circuit breaker. An answer that is
  // larger than Puente takes is no failure of the upstream's.
  Outcome outcome() const { return outcome_; }
  // Whether the upstream provably saw nothing of the call, because no connection could be made.
  bool never_reached() const { return never_reached_; }
  // What the upstream says about another try; for FailedTry::pushback. Lives as long as the call.
  std::optional<std::string_view> Pushback() const;

 private:
  Task<bool> Write(std::string request, grpc::WriteOptions options);
  Result<void> End();
  Result<void> TakeMessage();
  void NoteOutcome(const Result<void>& end);

  GrpcUpstream& upstream_;
  const GrpcUpstream::Choice choice_;
  grpc::CompletionQueue& queue_;
  const std::string& path_;
  const std::optional<std::chrono::system_clock::time_point> deadline_;
  const DeadlineBy deadline_by_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer received_;
  grpc::Slice slice_;  // holds message_
  std::string_view message_;
  grpc::Status status_;
  Result<void> received_well_;  // fails with an answer that could not be read
  Outcome outcome_ = Outcome::kNeutral;
  bool never_reached_ = false;
};

}  // namespace puente

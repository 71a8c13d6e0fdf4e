// Whether a call that failed is tried again, and when. Decisions only: nothing is counted here
// (RetryBudget does), and nobody waits.
#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "config/puente.pb.h"
#include "transcoder/error.h"

namespace puente {

// The trailing metadata by which a gRPC server says how long to wait before the next try (gRFC A6).
inline constexpr std::string_view kPushbackKey = "grpc-retry-pushback-ms";

// Whether doing it twice does the same as doing it once: by the HTTP method (RFC 9110; as it
// stands, case and all), or because the gRPC method is marked so. For native gRPC calls, which are
// all POST, the mark alone says it.
bool IsIdempotent(std::string_view http_method,
                  google::protobuf::MethodOptions::IdempotencyLevel level);

// What is known of a try that failed.
struct FailedTry {
  std::uint32_t number = 1;  // the first is 1
  Code code = Code::kUnknown;
  bool idempotent = false;
  // It provably never reached the upstream: no connection could be made, say.
  bool never_reached = false;
  // Something of its answer has gone to the client.
  bool answered = false;
  // The value of kPushbackKey, where there is one.
  std::optional<std::string_view> pushback = std::nullopt;
  // The value of an HTTP answer's Retry-After, where there is one.
  std::optional<std::string_view> retry_after = std::nullopt;
  // Until the deadline of the whole call; nullopt: there is none.
  std::optional<std::chrono::nanoseconds> left = std::nullopt;
};

// Immutable, thread-safe.
class RetryPolicy {
 public:
  explicit RetryPolicy(const config::Retry& config);

  // How long to wait before the next try; nullopt: this was the last one.
  //
  // A try is repeated when its code is one of `on`, or when it never reached the upstream; and it
  // must have done so unless it is idempotent. The wait is what the upstream asks for, and else
  // `random`, which is in [0, 1), of a time that begins with `backoff.initial` and doubles up to
  // `backoff.max` (full jitter, as in gRFC A6). A pushback of a negative time, or of one
  // that is no number, asks not to be tried again; Retry-After counts only where it is in seconds
  // (RFC 9110 has dates as well). A wait that would last until the deadline is
  // not worth it.
  std::optional<std::chrono::nanoseconds> WaitAfter(const FailedTry& failed, double random) const;

  // How long one try may take, besides the deadline of the whole; nullopt: as long as that. When it
  // is over the try has failed with DEADLINE_EXCEEDED, which is repeated only where `on` has it.
  std::optional<std::chrono::nanoseconds> per_try_timeout() const { return per_try_timeout_; }

 private:
  bool IsWorthIt(const FailedTry& failed) const;
  std::chrono::nanoseconds Backoff(std::uint32_t number, double random) const;

  const std::uint32_t attempts_;
  const std::optional<std::chrono::nanoseconds> per_try_timeout_;
  const std::chrono::nanoseconds initial_;
  const std::chrono::nanoseconds max_;
  std::uint32_t codes_ = 0;  // of `on`, a bit for each
};

}  // namespace puente

// The answer of a method that does not stream its answers.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "proxy/call/answer_sink.h"

namespace puente {

// Keeps the one message until the end of the call says whether it counts.
class SingleAnswer final : public AnswerSink {
 public:
  Task<Result<void>> Send(const GrpcCall&, Payload& payload) override {
    if (payload_) {
      co_return Fail(Code::kInternal, "the upstream sent more than one message");
    }
    payload_ = std::move(payload);
    co_return Result<void>();
  }

  bool streams() const override { return false; }

  // After the call, which ended with `end`: the answer, which is at most `max_bytes` long.
  Result<Payload> Take(const Result<void>& end, std::size_t max_bytes) {
    if (!end) return tl::unexpected(end.error());
    if (!payload_) return Fail(Code::kInternal, "the upstream sent no message");
    if (payload_->bytes.size() > max_bytes) {
      return Fail(Code::kInternal, "the answer is larger than the limit");
    }
    return *std::move(payload_);
  }

 private:
  std::optional<Payload> payload_;
};

}  // namespace puente

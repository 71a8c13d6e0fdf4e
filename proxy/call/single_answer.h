// The answer of a method that does not stream its answers.
#pragma once

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

  // After the call, which ended with `end`: the answer.
  Result<Payload> Take(const Result<void>& end) {
    if (!end) return tl::unexpected(end.error());
    if (!payload_) return Fail(Code::kInternal, "the upstream sent no message");
    return *std::move(payload_);
  }

 private:
  std::optional<Payload> payload_;
};

}  // namespace puente

#include "proxy/call/retries.h"

#include <google/protobuf/descriptor.pb.h>

#include <utility>

#include "proxy/random.h"
#include "transcoder/origin_headers.h"

namespace puente {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

Retries::Retries(RequestContext& context, Attempt& attempt, std::vector<Header>& headers)
    : context_(context), attempt_(attempt), headers_(headers) {}

bool Retries::MayRepeat() const {
  using google::protobuf::MethodOptions;
  const auto level = context_.route == nullptr
                         ? MethodOptions::IDEMPOTENCY_UNKNOWN
                         : context_.route->method->options().idempotency_level();
  return IsIdempotent(context_.exchange.head().method, level);
}

std::optional<nanoseconds> Retries::CountTry() {
  const auto& retry = context_.policy->retry;
  if (!retry) return std::nullopt;
  if (++tries_ == 1) retry->budget->CountCall(steady_clock::now());
  return retry->policy.per_try_timeout();
}

std::optional<nanoseconds> Retries::NextWait(FailedTry failed) {
  const auto& retry = context_.policy->retry;
  if (!retry || client_left_) return std::nullopt;
  failed.number = tries_;
  failed.idempotent = MayRepeat();
  const auto wait = retry->policy.WaitAfter(failed, RandomShare());
  if (!wait || !retry->budget->Take(steady_clock::now())) return std::nullopt;
  return wait;
}

Task<bool> Retries::BeginNext(nanoseconds wait) {
  woken_.emplace(context_.exchange.executor());
  co_await woken_->WaitFor(wait);
  if (client_left_) co_return false;
  auto next = Attempt::BeginNext(context_, *context_.backend);
  if (!next) co_return false;
  attempt_ = *std::move(next);
  context_.backend->metrics->CountRetry();
  ReplaceTrace(context_.trace.BeginCall(), headers_);
  co_return true;
}

void Retries::OnClientLeft() {
  client_left_ = true;
  if (woken_) woken_->Set();
}

}  // namespace puente

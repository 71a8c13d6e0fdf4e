#include "proxy/call/unary_call.h"

#include <algorithm>
#include <utility>

#include "proxy/call/client_watch.h"
#include "proxy/call/request_outcome.h"
#include "proxy/random.h"
#include "transcoder/origin_headers.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

bool MayRepeat(const RequestContext& context) {
  return IsIdempotent(context.exchange.head().method,
                      context.route->method->options().idempotency_level());
}

}  // namespace

UnaryCall::UnaryCall(RequestContext& context, Attempt& attempt, std::vector<Header>& metadata,
                     CallDeadline deadline)
    : context_(context), attempt_(attempt), metadata_(metadata), deadline_(deadline) {}

Task<Result<void>> UnaryCall::Run(std::string message) {
  const ClientWatch watch(context_.exchange, [this] { OnClientLeft(); });
  const auto started = steady_clock::now();
  const Result<void> end = co_await RunAttempts(std::move(message));
  RecordCall(context_, end, steady_clock::now() - started);
  co_return end;
}

Task<Result<void>> UnaryCall::RunAttempts(std::string message) {
  const auto& retry = context_.policy->retry;
  if (!retry) co_return co_await Try(std::move(message));
  retry->budget->CountCall(steady_clock::now());
  while (true) {
    const Result<void> tried = co_await Try(message);
    if (tried) co_return tried;
    const auto wait = NextWait(tried.error());
    if (!wait) co_return tried;
    woken_.emplace(context_.exchange.executor());
    co_await woken_->WaitFor(*wait);
    if (client_left_) co_return Fail(Code::kCancelled, "the client went away");
    if (!BeginNext()) co_return tried;
  }
}

Task<Result<void>> UnaryCall::Try(std::string message) {
  ++tries_;
  if (client_left_) co_return Fail(Code::kCancelled, "the client went away");
  const CallDeadline deadline = DeadlineOfTry();
  call_.emplace(*context_.backend->grpc, context_.lane, context_.route->grpc_path, metadata_,
                deadline.at, deadline.by);
  const Result<void> answered = co_await call_->Unary(std::move(message));
  attempt_.End(answered ? Code::kOk : answered.error().code, call_->outcome());
  context_.outcome.never_reached = !answered && call_->never_reached();
  co_return answered;
}

std::optional<nanoseconds> UnaryCall::NextWait(const Error& error) {
  const Retrying& retry = *context_.policy->retry;
  if (client_left_) return std::nullopt;
  const FailedTry failed{.number = tries_,
                         .code = error.code,
                         .idempotent = MayRepeat(context_),
                         .never_reached = call_->never_reached(),
                         .pushback = call_->Pushback(),
                         .left = deadline_.at - system_clock::now()};
  const auto wait = retry.policy.WaitAfter(failed, RandomShare());
  if (!wait || !retry.budget->Take(steady_clock::now())) return std::nullopt;
  return wait;
}

// A breaker that has opened meanwhile ends it; the failure before that is the answer.
Result<void> UnaryCall::BeginNext() {
  auto next = Attempt::BeginNext(context_, *context_.backend);
  if (!next) return tl::unexpected(next.error());
  attempt_ = *std::move(next);
  context_.backend->metrics->CountRetry();
  ReplaceTrace(context_.trace.BeginCall(), metadata_);
  return {};
}

CallDeadline UnaryCall::DeadlineOfTry() const {
  const auto& retry = context_.policy->retry;
  if (!retry || !retry->policy.per_try_timeout()) return deadline_;
  const auto at = system_clock::now() + std::chrono::duration_cast<system_clock::duration>(
                                            *retry->policy.per_try_timeout());
  return at < deadline_.at ? CallDeadline{at, DeadlineBy::kRoute} : deadline_;
}

void UnaryCall::OnClientLeft() {
  client_left_ = true;
  if (call_) call_->Cancel();
  if (woken_) woken_->Set();
}

}  // namespace puente

#include "proxy/call/unary_call.h"

#include <algorithm>
#include <utility>

#include "proxy/call/client_watch.h"
#include "proxy/call/request_outcome.h"

namespace puente {

using std::chrono::steady_clock;
using std::chrono::system_clock;

UnaryCall::UnaryCall(RequestContext& context, Attempt& attempt, std::vector<Header>& metadata,
                     CallDeadline deadline)
    : context_(context),
      attempt_(attempt),
      metadata_(metadata),
      deadline_(deadline),
      retries_(context, attempt, metadata) {}

Task<Result<void>> UnaryCall::Run(std::string message) {
  const ClientWatch watch(context_.exchange, [this] { OnClientLeft(); });
  const auto started = steady_clock::now();
  // Without retries no coroutine for them.
  Result<void> end;
  if (context_.policy->retry) {
    end = co_await TryUntilAnswered(std::move(message));
  } else {
    end = co_await Try(std::move(message));
  }
  RecordCall(context_, end, steady_clock::now() - started);
  co_return end;
}

Task<Result<void>> UnaryCall::TryUntilAnswered(std::string message) {
  while (true) {
    const Result<void> tried = co_await Try(message);
    if (tried || !call_) co_return tried;
    const auto wait = retries_.NextWait({.code = tried.error().code,
                                         .never_reached = call_->never_reached(),
                                         .pushback = call_->Pushback(),
                                         .left = deadline_.at - system_clock::now()});
    if (!wait) co_return tried;
    const bool next = co_await retries_.BeginNext(*wait);
    if (retries_.client_left()) co_return Fail(Code::kCancelled, "the client went away");
    if (!next) co_return tried;
  }
}

Task<Result<void>> UnaryCall::Try(std::string message) {
  if (retries_.client_left()) co_return Fail(Code::kCancelled, "the client went away");
  const CallDeadline deadline = DeadlineOfTry();
  call_.emplace(*context_.backend->grpc, context_.lane, context_.route->grpc_path, metadata_,
                deadline.at, deadline.by);
  const Result<void> answered = co_await call_->Unary(std::move(message));
  attempt_.End(answered ? Code::kOk : answered.error().code, call_->outcome());
  context_.outcome.never_reached = !answered && call_->never_reached();
  co_return answered;
}

CallDeadline UnaryCall::DeadlineOfTry() {
  const auto timeout = retries_.CountTry();
  if (!timeout) return deadline_;
  const auto at =
      system_clock::now() + std::chrono::duration_cast<system_clock::duration>(*timeout);
  return at < deadline_.at ? CallDeadline{at, DeadlineBy::kRoute} : deadline_;
}

void UnaryCall::OnClientLeft() {
  retries_.OnClientLeft();
  if (call_) call_->Cancel();
}

}  // namespace puente

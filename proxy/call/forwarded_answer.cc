#include "proxy/call/forwarded_answer.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "proxy/call/request_outcome.h"
#include "proxy/call/response_headers.h"
#include "proxy/call/tunnelled_call.h"
#include "transcoder/forwarding.h"
#include "transcoder/metadata.h"

namespace puente {
namespace {

using std::chrono::steady_clock;

std::string_view FieldIn(std::span<const HeaderView> headers, std::string_view name) {
  const std::string_view* value = FindHeader(headers, name);
  return value == nullptr ? std::string_view() : *value;
}

}  // namespace

// Passes the answer on, whose head has come. From here on the client sees what happens.
Task<Result<void>> ForwardedAnswer::Serve() {
  const HttpResponseHead& head = call_.head();
  if (call_.upgraded()) co_return co_await SwitchProtocols();
  context_.answer.Begin(head.status, FieldIn(head.headers, "content-type"),
                        FieldIn(head.headers, "content-encoding"));
  std::string body;
  const bool is_quiet = head.has_body && !Length() && !call_.has_input();
  if (is_quiet) co_return co_await ServeQuiet();
  const Result<bool> more = co_await ReadSome(body);
  if (!more) co_return tl::unexpected(more.error());
  const bool whole = !*more || call_.answer_complete();
  const bool has_length = exchange_.head().method == "HEAD";
  if (whole && !has_length) co_return co_await Respond(std::move(body));
  NoteAlive();
  exchange_.BeginStream(head.status, {}, Headers(), Length());
  const Result<bool> rest = !whole;
  co_return co_await PassOn(std::move(body), rest);
}

// A stream that has nothing to say yet: the client gets its head at once.
Task<Result<void>> ForwardedAnswer::ServeQuiet() {
  NoteAlive();
  exchange_.BeginStream(call_.head().status, {}, Headers());
  const bool sent = co_await exchange_.WriteStream({});
  if (!sent) co_return ClientGone();
  std::string body;
  const Result<bool> more = co_await ReadSome(body);
  co_return co_await PassOn(std::move(body), more);
}

Task<Result<void>> ForwardedAnswer::SwitchProtocols() {
  if (!BeginsWebSocket(call_.head())) {
    call_.Cancel();
    co_return Fail(Code::kInternal, "the upstream switched to another protocol", 502);
  }
  attempt_.NoteAlive();
  const int status = call_.head().status;
  std::vector<Header> headers = Headers();
  co_await ServeTunnel(context_, call_, std::move(headers));
  attempt_.EndExchange(status);
  co_return Result<void>();
}

Task<Result<void>> ForwardedAnswer::Respond(std::string body) {
  const int status = call_.head().status;
  context_.answer.Append(body);
  context_.answer.End();
  attempt_.EndExchange(status);
  Response response{status, {}, Headers(), std::move(body)};
  co_await exchange_.Respond(std::move(response));
  co_return Result<void>();
}

// An answer that breaks off does so for the client as well.
Task<Result<void>> ForwardedAnswer::PassOn(std::string body, Result<bool> more) {
  while (more && *more) {
    context_.answer.Append(body);
    const bool sent = co_await exchange_.WriteStream(body);
    if (!sent) co_return ClientGone();
    body.clear();
    more = co_await ReadSome(body);
  }
  if (!more) {
    attempt_.EndExchange(more.error());
    context_.outcome.NoteFailure(more.error());
    exchange_.AbortStream();
    co_return Result<void>();
  }
  context_.answer.Append(body);
  context_.answer.End();
  attempt_.EndExchange(call_.head().status);
  co_await exchange_.EndStream(body);
  co_return Result<void>();
}

// However long the rest takes; unless the head already says otherwise.
void ForwardedAnswer::NoteAlive() {
  if (OutcomeOfHttpStatus(call_.head().status) == Outcome::kSuccess) attempt_.NoteAlive();
}

Result<void> ForwardedAnswer::ClientGone() {
  attempt_.EndExchange(Error{Code::kCancelled, "the client went away", 0, {}, {}});
  call_.Cancel();
  return {};
}

Task<Result<bool>> ForwardedAnswer::ReadSome(std::string& body) {
  call_.SetDeadline(steady_clock::now() + context_.snapshot->idle_timeout());
  Result<bool> more = co_await call_.ReadBodySome(body);
  // What the client takes time for is not the upstream's.
  call_.SetDeadline(std::nullopt);
  co_return more;
}

std::optional<std::uint64_t> ForwardedAnswer::Length() const {
  const HttpResponseHead& head = call_.head();
  return head.chunked ? std::nullopt : head.content_length;
}

std::vector<Header> ForwardedAnswer::Headers() const {
  std::vector<Header> headers = ForwardAnswerHeaders(call_.head().headers);
  std::erase_if(headers, [&](const Header& header) { return IsOwnHeader(context_, header.name); });
  return headers;
}

}  // namespace puente

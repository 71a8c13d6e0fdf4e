#include "proxy/call/forwarded_call.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/call/call_input.h"
#include "proxy/call/client_watch.h"
#include "proxy/call/forward_upload.h"
#include "proxy/call/forwarded_answer.h"
#include "proxy/call/request_outcome.h"
#include "proxy/call/retries.h"
#include "proxy/call/tunnelled_call.h"
#include "proxy/http/web_socket_handshake.h"
#include "proxy/upstream/http_call.h"
#include "transcoder/forwarding.h"
#include "transcoder/metadata.h"
#include "transcoder/origin_headers.h"
#include "transcoder/uri.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

using Framing = HttpRequestHead::Framing;
using Connections = HttpCall::Connections;

// An HTTP/1.0 client need not say what HTTP/1.1 must.
void AddHost(const Backend& backend, ForwardedHeaders& headers) {
  std::erase_if(headers.passed_on,
                [](const HeaderView& header) { return EqualsIgnoreCase(header.name, "host"); });
  const HostAndPort& server = backend.server();
  headers.added.push_back(
      {"Host", server.port == 0 ? server.host : JoinHostAndPort(server.host, server.port)});
}

class ForwardedCall {
 public:
  ForwardedCall(RequestContext& context, Attempt& attempt, ForwardedHeaders headers,
                nanoseconds timeout, DeadlineBy timeout_by)
      : context_(context),
        exchange_(context.exchange),
        attempt_(attempt),
        headers_(std::move(headers)),
        timeout_(timeout),
        timeout_by_(timeout_by),
        retries_(context, attempt, headers_.added),
        upgrades_(IsWebSocketUpgrade(exchange_.head())) {}
  ForwardedCall(const ForwardedCall&) = delete;
  ForwardedCall& operator=(const ForwardedCall&) = delete;

  Task<Result<void>> Serve() {
    const auto started = steady_clock::now();
    // What fails from here on is the call.
    context_.outcome.call = RequestOutcome::Call{};
    const bool streams = exchange_.head().HasBody() && !context_.body.is_read;
    Result<void> end;
    if (streams) {
      end = co_await ServeStreamed();
    } else {
      end = co_await ServeWhole();
    }
    context_.outcome.call = RequestOutcome::Call{std::nullopt, steady_clock::now() - started};
    if (!end) context_.outcome.NoteFailure(end.error());
    co_return end;
  }

 private:
  // The body is sent as it comes, so there is one try.
  Task<Result<void>> ServeStreamed() {
    const Result<void> fits = exchange_.CheckBodyLength();
    if (!fits) co_return fits;
    const bool there = co_await exchange_.SendContinue();
    if (!there) co_return Fail(Code::kCancelled, "the client went away");
    deadline_ = steady_clock::now() + timeout_;
    HttpCall& call = NewCall(Connections::kAny, deadline_);
    const auto& length = exchange_.head().content_length;
    const HttpRequestHead head =
        HeadFor(length ? Framing::kLength : Framing::kChunked, length.value_or(0));
    const Result<void> started = co_await call.Start(head);
    if (!started) co_return Failed(started.error());
    // As long as the client has something to send, it sets the pace.
    ForwardUpload upload(exchange_, call, context_.snapshot->idle_timeout(),
                         [&] { call.SetDeadline(steady_clock::now() + timeout_, timeout_by_); });
    upload.Start();
    const Result<void> answered = co_await call.ReadHead();
    Result<void> end = answered;
    if (answered) end = co_await Relay();
    co_await upload.Stop();
    if (answered) co_return end;
    // What the client did says nothing of the upstream.
    if (!upload.outcome()) co_return upload.outcome();
    co_return Failed(answered.error());
  }

  Task<Result<void>> ServeWhole() {
    const ClientWatch watch(exchange_, [this] { OnClientLeft(); });
    deadline_ = steady_clock::now() + timeout_;
    while (true) {
      const Result<void> tried = co_await Try();
      const auto wait = NextWait(tried);
      if (!wait && !tried) co_return Failed(tried.error());
      if (!wait) break;
      // What the answer is, unless there is a better one.
      const bool next = co_await BeginNext(tried, *wait);
      if (!next && !tried) co_return Failed(tried.error());
      if (!next) break;
    }
    const bool falls_back = attempt_.is_probe() && context_.may_fall_back &&
                            OutcomeOfHttpStatus(call_->head().status) == Outcome::kFailure;
    if (falls_back) {
      attempt_.EndExchange(call_->head().status);
      co_return Fail(Code::kUnavailable, "the upstream has not recovered");
    }
    co_return co_await Relay();
  }

  // Until the answer's head; on a fresh connection where one that was used before turned out to be
  // closed, and the request may be sent twice.
  Task<Result<void>> Try() {
    if (retries_.client_left()) co_return Fail(Code::kCancelled, "the client went away");
    // A WebSocket keeps its connection, and is no use on one that is about to be closed.
    const Connections first = upgrades_ ? Connections::kFresh : Connections::kAny;
    const auto timeout = retries_.CountTry();
    Result<void> tried = co_await ReadAnswer(first, DeadlineOf(timeout));
    const bool again = !tried && call_->is_stale() && (retries_.MayRepeat() || !call_->was_sent());
    if (again) tried = co_await ReadAnswer(Connections::kFresh, DeadlineOf(timeout));
    co_return tried;
  }

  Task<Result<void>> ReadAnswer(Connections connections, SteadyTime deadline) {
    HttpCall& call = NewCall(connections, deadline);
    const std::string& body = context_.body.bytes;
    const bool has_length = exchange_.head().chunked || exchange_.head().content_length;
    const HttpRequestHead head =
        HeadFor(has_length ? Framing::kLength : Framing::kNone, body.size());
    const Result<void> started = co_await call.Start(head, body);
    if (!started) co_return started;
    co_return co_await call.ReadHead();
  }

  HttpCall& NewCall(Connections connections, SteadyTime deadline) {
    const DeadlineBy by = deadline < deadline_ ? DeadlineBy::kRoute : timeout_by_;
    return call_.emplace(*context_.backend->http, context_.http_lane, deadline, connections, by);
  }

  HttpRequestHead HeadFor(Framing framing, std::uint64_t length) {
    fields_ = headers_.passed_on;
    for (const Header& header : headers_.added) fields_.push_back({header.name, header.value});
    if (upgrades_) std::ranges::copy(UpgradeHeaders(), std::back_inserter(fields_));
    return {.method = exchange_.head().method,
            .base_path = context_.backend->http->base_path(),
            .target = exchange_.head().target,
            .headers = fields_,
            .framing = framing,
            .content_length = length,
            .upgrade = upgrades_};
  }

  SteadyTime DeadlineOf(std::optional<nanoseconds> timeout) const {
    return timeout ? std::min(deadline_, steady_clock::now() + *timeout) : deadline_;
  }

  // How long to wait before another try; nullopt: what came of this one stays.
  std::optional<nanoseconds> NextWait(const Result<void>& tried) {
    if (!call_) return std::nullopt;
    const Code code = tried ? CodeOfHttpStatus(call_->head().status) : tried.error().code;
    if (code == Code::kOk) return std::nullopt;
    return retries_.NextWait({.code = code,
                              .never_reached = !tried && !call_->was_sent(),
                              .retry_after = RetryAfter(tried),
                              .left = deadline_ - steady_clock::now()});
  }

  std::optional<std::string_view> RetryAfter(const Result<void>& tried) const {
    if (!tried) return std::nullopt;
    const std::string_view* value = FindHeader(call_->head().headers, "retry-after");
    return value == nullptr ? std::nullopt : std::optional(*value);
  }

  // False: there can be no further try.
  Task<bool> BeginNext(const Result<void>& before, nanoseconds wait) {
    if (before) {
      attempt_.EndExchange(call_->head().status);
      // It may be the last one yet.
      call_->SetDeadline(deadline_, timeout_by_);
      co_await call_->ReadAhead();
    } else {
      attempt_.EndExchange(before.error(), call_->deadline_by());
    }
    co_return co_await retries_.BeginNext(wait);
  }

  Result<void> Failed(const Error& error) {
    if (!call_) return tl::unexpected(error);
    attempt_.EndExchange(error, call_->deadline_by());
    context_.outcome.never_reached = !call_->was_sent();
    return tl::unexpected(error);
  }

  // Passes the answer on, whose head has come.
  Task<Result<void>> Relay() {
    ForwardedAnswer answer(context_, attempt_, *call_);
    const Result<void> end = co_await answer.Serve();
    if (!end) co_return Failed(end.error());
    co_return end;
  }

  void OnClientLeft() {
    retries_.OnClientLeft();
    if (call_) call_->Cancel();
  }

  RequestContext& context_;
  Exchange& exchange_;
  Attempt& attempt_;
  ForwardedHeaders headers_;
  std::vector<HeaderView> fields_;
  const nanoseconds timeout_;
  const DeadlineBy timeout_by_;
  const bool upgrades_;  // to a WebSocket
  SteadyTime deadline_;
  std::optional<HttpCall> call_;
  Retries retries_;
};

}  // namespace

Task<Result<void>> ServeForwardedCall(RequestContext& context, Attempt& attempt) {
  const auto& headers = context.exchange.head().headers;
  const std::vector<Header> trace = context.trace.BeginCall();
  const auto target = SplitTarget(context.exchange.head().target);
  if (target && HasHiddenDotSegment(target->path)) {
    co_return Fail(Code::kInvalidArgument, "the path has a segment that hides '..'");
  }
  auto forwarded = ForwardRequestHeaders(headers, OriginOf(context, trace));
  if (!forwarded) co_return tl::unexpected(forwarded.error());
  if (context.exchange.head().host.empty()) AddHost(*context.backend, *forwarded);
  const auto client_timeout = ParseGrpcTimeout(headers);
  const nanoseconds timeout = context.policy->timeout;
  const bool of_client = client_timeout && *client_timeout && **client_timeout < timeout;
  ForwardedCall call(context, attempt, *std::move(forwarded),
                     of_client ? **client_timeout : timeout,
                     of_client ? DeadlineBy::kClient : DeadlineBy::kRoute);
  co_return co_await call.Serve();
}

}  // namespace puente

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
#include "proxy/call/request_outcome.h"
#include "proxy/call/response_headers.h"
#include "proxy/call/tunnelled_call.h"
#include "proxy/http/web_socket_handshake.h"
#include "proxy/random.h"
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

constexpr int kServerErrors = 500;

std::string_view FieldIn(std::span<const HeaderView> headers, std::string_view name) {
  const std::string_view* value = FindHeader(headers, name);
  return value == nullptr ? std::string_view() : *value;
}

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
    const auto& retry = context_.policy->retry;
    if (retry) retry->budget->CountCall(steady_clock::now());
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
    const bool falls_back =
        attempt_.is_probe() && context_.may_fall_back && call_->head().status >= kServerErrors;
    if (falls_back) {
      attempt_.EndExchange(call_->head().status);
      co_return Fail(Code::kUnavailable, "the upstream has not recovered");
    }
    co_return co_await Relay();
  }

  // Until the answer's head; on a fresh connection where one that was used before turned out to be
  // closed, and the request may be sent twice.
  Task<Result<void>> Try() {
    ++tries_;
    if (client_left_) co_return Fail(Code::kCancelled, "the client went away");
    // A WebSocket keeps its connection, and is no use on one that is about to be closed.
    const Connections first = upgrades_ ? Connections::kFresh : Connections::kAny;
    Result<void> tried = co_await ReadAnswer(first);
    const bool again = !tried && call_->is_stale() && (MayRepeat() || !call_->was_sent());
    if (again) tried = co_await ReadAnswer(Connections::kFresh);
    co_return tried;
  }

  Task<Result<void>> ReadAnswer(Connections connections) {
    HttpCall& call = NewCall(connections, DeadlineOfTry());
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

  bool MayRepeat() const {
    using google::protobuf::MethodOptions;
    const auto level = context_.route == nullptr
                           ? MethodOptions::IDEMPOTENCY_UNKNOWN
                           : context_.route->method->options().idempotency_level();
    return IsIdempotent(exchange_.head().method, level);
  }

  SteadyTime DeadlineOfTry() const {
    const auto& retry = context_.policy->retry;
    if (!retry || !retry->policy.per_try_timeout()) return deadline_;
    return std::min(deadline_, steady_clock::now() + *retry->policy.per_try_timeout());
  }

  // How long to wait before another try; nullopt: what came of this one stays.
  std::optional<nanoseconds> NextWait(const Result<void>& tried) {
    const auto& retry = context_.policy->retry;
    if (!retry || client_left_) return std::nullopt;
    const Code code = tried ? CodeOfHttpStatus(call_->head().status) : tried.error().code;
    if (code == Code::kOk) return std::nullopt;
    const FailedTry failed{.number = tries_,
                           .code = code,
                           .idempotent = MayRepeat(),
                           .never_reached = !tried && !call_->was_sent(),
                           .retry_after = RetryAfter(tried),
                           .left = deadline_ - steady_clock::now()};
    const auto wait = retry->policy.WaitAfter(failed, RandomShare());
    if (!wait || !retry->budget->Take(steady_clock::now())) return std::nullopt;
    return wait;
  }

  std::optional<std::string_view> RetryAfter(const Result<void>& tried) const {
    if (!tried) return std::nullopt;
    const std::string_view* value = FindHeader(call_->head().headers, "retry-after");
    return value == nullptr ? std::nullopt : std::optional(*value);
  }

  // False: there can be no further try.
  Task<bool> BeginNext(const Result<void>& before, nanoseconds wait) {
    const Backend& backend = *context_.backend;
    if (before) {
      attempt_.EndExchange(call_->head().status);
    } else {
      attempt_.EndExchange(before.error(), call_->deadline_by());
    }
    woken_.emplace(exchange_.executor());
    co_await woken_->WaitFor(wait);
    if (client_left_) co_return false;
    auto next = Attempt::BeginNext(context_, backend);
    if (!next) co_return false;
    attempt_ = *std::move(next);
    backend.metrics->CountRetry();
    ReplaceTrace(context_.trace.BeginCall(), headers_.added);
    co_return true;
  }

  Result<void> Failed(const Error& error) {
    if (!call_) return tl::unexpected(error);
    attempt_.EndExchange(error, call_->deadline_by());
    context_.outcome.never_reached = !call_->was_sent();
    return tl::unexpected(error);
  }

  // Passes the answer on, whose head has come. From here on the client sees what happens.
  Task<Result<void>> Relay() {
    const HttpResponseHead& head = call_->head();
    if (call_->upgraded()) co_return co_await SwitchProtocols();
    context_.answer.Begin(head.status, FieldIn(head.headers, "content-type"),
                          FieldIn(head.headers, "content-encoding"));
    std::string body;
    const bool is_quiet = head.has_body && !LengthOf(head) && !call_->has_input();
    if (is_quiet) co_return co_await RelayQuiet();
    const Result<bool> more = co_await ReadSome(body);
    if (!more) co_return Failed(more.error());
    const bool whole = !*more || call_->answer_complete();
    const bool has_length = exchange_.head().method == "HEAD";
    if (whole && !has_length) co_return co_await Respond(std::move(body));
    if (head.status < kServerErrors) attempt_.NoteAlive();
    exchange_.BeginStream(head.status, {}, AnswerHeaders(), LengthOf(head));
    const Result<bool> rest = !whole;
    co_return co_await PassOn(std::move(body), rest);
  }

  // A stream that has nothing to say yet: the client gets its head at once.
  Task<Result<void>> RelayQuiet() {
    if (call_->head().status < kServerErrors) attempt_.NoteAlive();
    exchange_.BeginStream(call_->head().status, {}, AnswerHeaders());
    const bool sent = co_await exchange_.WriteStream({});
    if (!sent) co_return ClientGone();
    std::string body;
    const Result<bool> more = co_await ReadSome(body);
    co_return co_await PassOn(std::move(body), more);
  }

  Task<Result<void>> SwitchProtocols() {
    if (!BeginsWebSocket(call_->head())) {
      call_->Cancel();
      co_return Failed(
          Error{Code::kInternal, "the upstream switched to another protocol", 502, {}, {}});
    }
    attempt_.NoteAlive();
    const int status = call_->head().status;
    std::vector<Header> headers = AnswerHeaders();
    co_await ServeTunnel(context_, *call_, std::move(headers));
    attempt_.EndExchange(status);
    co_return Result<void>();
  }

  Task<Result<void>> Respond(std::string body) {
    const int status = call_->head().status;
    context_.answer.Append(body);
    context_.answer.End();
    attempt_.EndExchange(status);
    Response response{status, {}, AnswerHeaders(), std::move(body)};
    co_await exchange_.Respond(std::move(response));
    co_return Result<void>();
  }

  // An answer that breaks off does so for the client as well.
  Task<Result<void>> PassOn(std::string body, Result<bool> more) {
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
    attempt_.EndExchange(call_->head().status);
    co_await exchange_.EndStream(body);
    co_return Result<void>();
  }

  Result<void> ClientGone() {
    attempt_.EndExchange(Error{Code::kCancelled, "the client went away", 0, {}, {}});
    call_->Cancel();
    return {};
  }

  Task<Result<bool>> ReadSome(std::string& body) {
    call_->SetDeadline(steady_clock::now() + context_.snapshot->idle_timeout());
    Result<bool> more = co_await call_->ReadBodySome(body);
    // What the client takes time for is not the upstream's.
    call_->SetDeadline(std::nullopt);
    co_return more;
  }

  std::optional<std::uint64_t> LengthOf(const HttpResponseHead& head) const {
    return head.chunked ? std::nullopt : head.content_length;
  }

  std::vector<Header> AnswerHeaders() const {
    std::vector<Header> headers = ForwardAnswerHeaders(call_->head().headers);
    std::erase_if(headers,
                  [&](const Header& header) { return IsOwnHeader(context_, header.name); });
    return headers;
  }

  void OnClientLeft() {
    client_left_ = true;
    if (call_) call_->Cancel();
    if (woken_) woken_->Set();
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
  std::uint32_t tries_ = 0;
  bool client_left_ = false;
  std::optional<Event> woken_;  // while it waits for the next try
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

#include "proxy/call/web_socket_call.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

#include "proxy/call/access_log_entry.h"
#include "proxy/call/answer_sink.h"
#include "proxy/call/call_input.h"
#include "proxy/call/single_answer.h"
#include "proxy/call/streaming_call.h"
#include "proxy/call/web_socket_messages.h"
#include "proxy/http/web_socket.h"

namespace puente {
namespace {

constexpr std::uint16_t kNormalClosure = 1000;
constexpr std::uint16_t kGoingAway = 1001;
constexpr std::uint16_t kGrpcCodes = 4000;

WebSocket::Kind KindOf(const Route& route) {
  return route.response_is_http_body ? WebSocket::Kind::kBinary : WebSocket::Kind::kText;
}

// The answers of a method that streams them.
class WebSocketAnswers final : public AnswerSink {
 public:
  WebSocketAnswers(RequestContext& context, WebSocket& socket)
      : kind_(KindOf(*context.route)), outcome_(context.outcome), socket_(socket) {}

  Task<Result<void>> Send(const GrpcCall&, Payload& payload) override {
    const bool sent = co_await socket_.Send(payload.bytes, kind_);
    if (!sent) co_return Fail(Code::kCancelled, "the client went away");
    outcome_.sent += payload.bytes.size();
    co_return Result<void>();
  }

 private:
  const WebSocket::Kind kind_;
  RequestOutcome& outcome_;
  WebSocket& socket_;
};

WebSocket::Options OptionsOf(const RequestContext& context) {
  WebSocket::Options options;
  options.max_message_bytes = context.snapshot->body_limits().max_bytes;
  options.write_timeout = context.snapshot->idle_timeout();
  options.headers.push_back({"x-request-id", context.id});
  return options;
}

class WebSocketCall {
 public:
  WebSocketCall(RequestContext& context, Attempt& attempt, const CallInput& input,
                std::optional<std::chrono::system_clock::time_point> deadline, WebSocket& socket)
      : context_(context),
        attempt_(attempt),
        route_(*context.route),
        socket_(socket),
        call_(*context.backend->grpc, context.lane, route_.grpc_path, input.metadata, deadline,
              DeadlineBy::kClient),
        messages_(context, input.target, socket) {}
  WebSocketCall(const WebSocketCall&) = delete;
  WebSocketCall& operator=(const WebSocketCall&) = delete;

  Task<> Serve() {
    socket_.OnGoingAway([this] {
      going_away_ = true;
      call_.Cancel();
    });
    Result<void> end;
    if (route_.method->server_streaming()) {
      WebSocketAnswers answers(context_, socket_);
      end = co_await RunStreamingCall(context_, attempt_, call_, messages_, answers);
    } else {
      end = co_await AnswerOnce();
    }
    co_await Close(end);
  }

 private:
  Task<Result<void>> AnswerOnce() {
    SingleAnswer answer;
    const Result<void> end =
        co_await RunStreamingCall(context_, attempt_, call_, messages_, answer);
    const Result<Payload> payload = answer.Take(end);
    if (!payload) co_return tl::unexpected(payload.error());
    if (payload->bytes.size() > context_.snapshot->max_response_body_bytes()) {
      co_return Fail(Code::kInternal, "the answer is larger than the limit");
    }
    const bool sent = co_await socket_.Send(payload->bytes, KindOf(route_));
    if (sent) context_.outcome.sent += payload->bytes.size();
    co_return Result<void>();
  }

  Task<> Close(const Result<void>& end) {
    if (end) {
      co_await socket_.Close(kNormalClosure, {});
    } else if (going_away_) {
      context_.outcome.flag = AccessLogFlag::kShutdown;
      co_await socket_.Close(kGoingAway, "the proxy shuts down");
    } else {
      context_.outcome.NoteFailure(end.error());
      LogRequest(config::Log::LEVEL_DEBUG, IdsOf(context_),
                 fmt::format("{} over WebSocket failed: {}", route_.Describe(),
                             CodeName(end.error().code)));
      const auto code = static_cast<std::uint16_t>(kGrpcCodes + static_cast<int>(end.error().code));
      co_await socket_.Close(code, end.error().message);
    }
  }

  RequestContext& context_;
  Attempt& attempt_;
  const Route& route_;
  WebSocket& socket_;
  GrpcCall call_;
  WebSocketMessages messages_;
  bool going_away_ = false;
};

}  // namespace

Task<Result<void>> ServeWebSocketCall(RequestContext& context, Attempt& attempt,
                                      std::span<const std::string> captures,
                                      std::string_view query) {
  // A page of another site must not speak to the service in the name of the user who looks at it:
  // browsers send cookies along, and say where the page is from.
  const bool tls = context.exchange.client().tls;
  if (!context.snapshot->cors().Allows(context.exchange.head(), tls)) {
    co_return Fail(
        Code::kPermissionDenied,
        "the page that opens the WebSocket is of another origin (see cors.allow_origins)");
  }
  const auto input = ReadCallInput(context, captures, query);
  if (!input) co_return tl::unexpected(input.error());
  const auto deadline = DeadlineAfter(input->client_timeout);
  if (!deadline) co_return tl::unexpected(deadline.error());

  WebSocket socket(context.exchange, OptionsOf(context));
  const bool accepted = co_await socket.Accept();
  if (!accepted) co_return Result<void>();
  WebSocketCall call(context, attempt, *input, *deadline, socket);
  co_await call.Serve();
  co_return Result<void>();
}

}  // namespace puente

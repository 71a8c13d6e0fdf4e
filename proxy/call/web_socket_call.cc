#include "proxy/call/web_socket_call.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <optional>
#include <utility>

#include "proxy/call/answer_sink.h"
#include "proxy/call/call_input.h"
#include "proxy/call/request_messages.h"
#include "proxy/call/streaming_call.h"
#include "proxy/http/web_socket.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using SocketEvent = WebSocket::Event;

constexpr std::uint16_t kNormalClosure = 1000;
constexpr std::uint16_t kGrpcCodes = 4000;
// Of the frames that are the data of a google.api.HttpBody.
constexpr std::string_view kBinaryType = "application/octet-stream";
constexpr std::string_view kTextType = "text/plain;charset=utf-8";

Error Gone() { return Error{Code::kCancelled, "the client went away", 0, {}, {}}; }

Error ErrorOf(SocketEvent event) {
  switch (event) {
    case SocketEvent::kBinary:
      return Error{Code::kInvalidArgument, "a binary frame: messages are text frames", 0, {}, {}};
    case SocketEvent::kTooLarge:
      return Error{Code::kResourceExhausted, "a message larger than the limit", 0, {}, {}};
    case SocketEvent::kViolation:
      return Error{Code::kInvalidArgument, "a violation of the WebSocket protocol", 0, {}, {}};
    default:
      return Gone();
  }
}

class WebSocketMessages final : public RequestMessages {
 public:
  WebSocketMessages(RequestContext& context, const BoundTarget& target, WebSocket& socket)
      : context_(context), route_(*context.route), target_(target), socket_(socket) {}

  Task<NextMessage> Next() override {
    if (ended_) co_return std::nullopt;
    ended_ = !route_.method->client_streaming() || route_.body == Route::Body::kNone;
    if (route_.body == Route::Body::kNone) co_return Encode({});
    const WebSocket::ReadResult read = co_await socket_.Read(frame_);
    const bool is_text = read.event == SocketEvent::kText;
    const bool is_end = is_text ? frame_.empty() && !ended_ : EndsByClosing(read);
    if (is_end) {
      ended_ = true;
      co_return std::nullopt;
    }
    const bool is_message =
        is_text || (read.event == SocketEvent::kBinary && route_.request_is_http_body);
    if (!is_message) co_return tl::unexpected(ErrorOf(read.event));
    co_return Encode({TypeOf(is_text), frame_});
  }

  Task<Error> AwaitDeparture() override {
    WebSocket::ReadResult read;
    bool harmless = !closed_;
    while (harmless) {
      read = co_await socket_.Read(frame_);
      if (EndsByClosing(read)) break;
      harmless = read.event == SocketEvent::kText && frame_.empty();
    }
    if (closed_) co_await interrupted_.Wait();
    if (read.event == SocketEvent::kText) {
      co_return Error{Code::kInvalidArgument, "a message after the last one", 0, {}, {}};
    }
    co_return ErrorOf(read.event);
  }

  void Interrupt() override {
    socket_.Cancel();
    interrupted_.Set();
  }

 private:
  bool EndsByClosing(const WebSocket::ReadResult& read) {
    closed_ = read.event == SocketEvent::kClosed && read.code == kNormalClosure &&
              route_.method->client_streaming() && !route_.method->server_streaming();
    return closed_;
  }

  // That of an HttpBody's first message.
  std::string_view TypeOf(bool is_text) const {
    if (!route_.request_is_http_body || count_ > 0) return {};
    return is_text ? kTextType : kBinaryType;
  }

  NextMessage Encode(const BodyInput& body) {
    ++count_;
    auto message = context_.served->codec->Encode(target_, body, context_.dropped);
    if (!message) {
      message.error().message = fmt::format("message {}: {}", count_, message.error().message);
      return tl::unexpected(std::move(message.error()));
    }
    if (auto fits = context_.served->upstream->CheckMessage(*message); !fits) {
      return tl::unexpected(fits.error());
    }
    return RequestMessage{*std::move(message), /*last=*/ended_};
  }

  RequestContext& context_;
  const Route& route_;
  const BoundTarget& target_;
  WebSocket& socket_;
  Event interrupted_{context_.exchange.executor()};
  std::string frame_;
  std::size_t count_ = 0;
  bool ended_ = false;   // no message follows
  bool closed_ = false;  // by the client, which has said all it wanted to
};

class WebSocketAnswers final : public AnswerSink {
 public:
  WebSocketAnswers(const Route& route, WebSocket& socket) : route_(route), socket_(socket) {}

  Task<Result<void>> Send(const GrpcCall&, Payload& payload) override {
    const auto kind =
        route_.response_is_http_body ? WebSocket::Kind::kBinary : WebSocket::Kind::kText;
    const bool sent = co_await socket_.Send(payload.bytes, kind);
    if (!sent) co_return tl::unexpected(Gone());
    co_return Result<void>();
  }

 private:
  const Route& route_;
  WebSocket& socket_;
};

WebSocket::Options OptionsOf(const RequestContext& context) {
  WebSocket::Options options;
  options.max_message_bytes = context.snapshot->body_limits().max_bytes;
  options.write_timeout = context.snapshot->idle_timeout();
  options.headers.push_back({"x-request-id", context.id});
  return options;
}

Task<> Close(WebSocket& socket, const Result<void>& end) {
  if (end) {
    co_await socket.Close(kNormalClosure, {});
  } else {
    const auto code = static_cast<std::uint16_t>(kGrpcCodes + static_cast<int>(end.error().code));
    co_await socket.Close(code, end.error().message);
  }
}

}  // namespace

Task<Result<void>> ServeWebSocketCall(RequestContext& context,
                                      std::span<const std::string> captures,
                                      std::string_view query) {
  // A page of another site must not speak to the service in the name of the user who looks at it:
  // browsers send cookies along, and say where the page is from.
  if (!context.snapshot->cors().Allows(context.exchange.head())) {
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
  const Route& route = *context.route;
  const ServedRoute& served = *context.served;
  GrpcCall call(*served.upstream, context.queue, route.grpc_path, input->metadata, *deadline);
  WebSocketMessages messages(context, input->target, socket);
  WebSocketAnswers answers(route, socket);
  const bool is_bidi = route.method->client_streaming() && route.method->server_streaming();
  StreamingCall streaming{context.exchange.executor(),
                          call,
                          *served.codec,
                          messages,
                          answers,
                          is_bidi ? nanoseconds::max() : served.timeout};
  const auto started = steady_clock::now();
  const Result<void> end = co_await Run(streaming);
  served.metrics->Count(end ? Code::kOk : end.error().code, steady_clock::now() - started);
  if (!end) {
    spdlog::debug("request {}: {} over WebSocket failed: {}", context.id, route.Describe(),
                  CodeName(end.error().code));
  }
  co_await Close(socket, end);
  co_return Result<void>();
}

}  // namespace puente

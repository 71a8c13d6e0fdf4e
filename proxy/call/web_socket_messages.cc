#include "proxy/call/web_socket_messages.h"

#include <utility>

#include "proxy/call/transcoding.h"

namespace puente {
namespace {

using SocketEvent = WebSocket::Event;

constexpr std::uint16_t kNormalClosure = 1000;
// Of the frames that are the data of a google.api.HttpBody.
constexpr std::string_view kBinaryType = "application/octet-stream";
constexpr std::string_view kTextType = "text/plain;charset=utf-8";

Error ErrorOf(SocketEvent event) {
  switch (event) {
    case SocketEvent::kBinary:
      return Error{Code::kInvalidArgument, "a binary frame: messages are text frames", 0, {}, {}};
    case SocketEvent::kTooLarge:
      return Error{Code::kResourceExhausted, "a message larger than the limit", 0, {}, {}};
    case SocketEvent::kQuiet:
      return Error{Code::kDeadlineExceeded, "the next message comes too slowly", 0, {}, {}};
    case SocketEvent::kViolation:
      return Error{Code::kInvalidArgument, "a violation of the WebSocket protocol", 0, {}, {}};
    default:
      return Error{Code::kCancelled, "the client went away", 0, {}, {}};
  }
}

bool IsMessage(SocketEvent event) {
  return event == SocketEvent::kText || event == SocketEvent::kBinary;
}

}  // namespace

WebSocketMessages::WebSocketMessages(RequestContext& context, const BoundTarget& target,
                                     WebSocket& socket)
    : context_(context),
      route_(*context.route),
      target_(target),
      socket_(socket),
      patience_(PatienceOf(context)),
      interrupted_(context.exchange.executor()) {}

Task<NextMessage> WebSocketMessages::Next() {
  if (ended_) co_return std::nullopt;
  ended_ = !route_.method->client_streaming() || route_.body == Route::Body::kNone;
  if (route_.body == Route::Body::kNone) co_return Encode({});
  const WebSocket::ReadResult read = co_await socket_.Read(frame_, patience_);
  const bool is_text = read.event == SocketEvent::kText;
  if (IsMessage(read.event)) context_.outcome.received += frame_.size();
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

Task<Error> WebSocketMessages::AwaitDeparture() {
  WebSocket::ReadResult read;
  bool harmless = !closed_;
  while (harmless) {
    read = co_await socket_.Read(frame_);
    if (EndsByClosing(read)) break;
    harmless = read.event == SocketEvent::kText && frame_.empty();
  }
  if (closed_) co_await interrupted_.Wait();
  if (IsMessage(read.event)) {
    co_return Error{Code::kInvalidArgument, "a message after the last one", 0, {}, {}};
  }
  co_return ErrorOf(read.event);
}

void WebSocketMessages::Interrupt() {
  socket_.Cancel();
  interrupted_.Set();
}

bool WebSocketMessages::EndsByClosing(const WebSocket::ReadResult& read) {
  closed_ = read.event == SocketEvent::kClosed && read.code == kNormalClosure &&
            route_.method->client_streaming() && !route_.method->server_streaming();
  return closed_;
}

std::string_view WebSocketMessages::TypeOf(bool is_text) const {
  if (!route_.request_is_http_body || count_ > 0) return {};
  return is_text ? kTextType : kBinaryType;
}

NextMessage WebSocketMessages::Encode(const BodyInput& body) {
  auto message = EncodeNumberedMessage(context_, target_, body, ++count_);
  if (!message) return tl::unexpected(std::move(message.error()));
  return RequestMessage{*std::move(message), /*last=*/ended_};
}

}  // namespace puente

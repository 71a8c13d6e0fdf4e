#include "proxy/http/web_socket.h"

#include <utility>

#include "proxy/http/web_socket_channel.h"

namespace puente {

WebSocket::WebSocket(Exchange& exchange, Options options)
    : channel_(std::make_shared<Channel>(exchange, std::move(options))) {}

WebSocket::~WebSocket() { channel_->Release(); }

Task<bool> WebSocket::Accept() { return channel_->Accept(); }

Task<WebSocket::ReadResult> WebSocket::Read(std::string& message,
                                            std::chrono::nanoseconds patience) {
  return channel_->Read(message, patience);
}

Task<bool> WebSocket::Send(std::string_view message, Kind kind) {
  return channel_->Send(message, kind);
}

Task<> WebSocket::Close(std::uint16_t code, std::string_view reason) {
  return channel_->Close(code, reason);
}

void WebSocket::WatchClient(std::function<void()> left) {
  channel_->connection().StartReadAhead(std::move(left));
}

void WebSocket::StopWatchingClient() { channel_->connection().StopReadAhead(); }

void WebSocket::OnGoingAway(std::function<void()> end) {
  channel_->connection().OnAskedToEnd(std::move(end));
}

void WebSocket::Cancel() { channel_->Cancel(); }

}  // namespace puente

// The messages that a client sends over a WebSocket for one call.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "proxy/call/request_context.h"
#include "proxy/call/request_messages.h"
#include "proxy/http/event.h"
#include "proxy/http/web_socket.h"
#include "transcoder/codec.h"

namespace puente {

// As ServeWebSocketCall says. `context`, `target` and `socket` outlive it; nobody else reads from
// `socket`.
class WebSocketMessages final : public RequestMessages {
 public:
  WebSocketMessages(RequestContext& context, const BoundTarget& target, WebSocket& socket);

  Task<NextMessage> Next() override;
  void Watch(std::function<void()> left) override {
    if (!closed_) socket_.WatchClient(std::move(left));
  }
  void StopWatching() override { socket_.StopWatchingClient(); }
  Task<Error> AwaitDeparture() override;
  void Interrupt() override;

 private:
  bool EndsByClosing(const WebSocket::ReadResult& read);
  // That of an HttpBody's first message.
  std::string_view TypeOf(bool is_text) const;
  NextMessage Encode(const BodyInput& body);

  RequestContext& context_;
  const Route& route_;
  const BoundTarget& target_;
  WebSocket& socket_;
  const std::chrono::nanoseconds patience_;  // with a client that sends nothing
  Event interrupted_;
  std::string frame_;
  std::size_t count_ = 0;
  bool ended_ = false;   // no message follows
  bool closed_ = false;  // by the client, which has said all it wanted to
};

}  // namespace puente

// WebSockets to the API of tests/testdata/streams.proto.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>

#include "tests/integration/streams_proxy.h"
#include "tests/support/web_socket_client.h"

namespace puente::test {

inline WebSocketClient OpenSocket(const StreamsProxy& api, const std::string& target,
                                  const HeaderList& headers = {}, ClientOptions options = {}) {
  return WebSocketClient::Connect(api.proxy.port(), target, headers, std::move(options));
}

inline std::string NoteText(const std::string& text) { return "{\"text\":\"" + text + "\"}"; }
// What is echoed: the path binds the room.
inline std::string RoomText(const std::string& text) {
  return "{\"room\":\"r\",\"text\":\"" + text + "\"}";
}

// Half-closes: no message follows.
inline void SendEnd(WebSocketClient& client) { client.SendText(""); }

// The answer to the request for a WebSocket that is no 101.
inline HttpResponse RequestSocket(const StreamsProxy& api, const std::string& target,
                                  const HeaderList& more = {}, const std::string& method = "GET") {
  HeaderList headers = {{"Upgrade", "websocket"},
                        {"Connection", "Upgrade"},
                        {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  headers.insert(headers.end(), more.begin(), more.end());
  return api.proxy.Connect().Request(method, target, headers);
}

MATCHER_P(ClosesWith, code, "") {
  *result_listener << arg.code << " " << arg.reason;
  return arg.code == code;
}

MATCHER_P2(ClosesWith, code, reason, "") {
  *result_listener << arg.code << " " << arg.reason;
  return arg.code == code && arg.reason == reason;
}

}  // namespace puente::test

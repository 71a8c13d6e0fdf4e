#include "proxy/http/web_socket_handshake.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "proxy/http/request_parser.h"

namespace puente {
namespace {

constexpr std::string_view kKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
constexpr std::string_view kVersion = "Sec-WebSocket-Version: 13\r\n";

// A request whose head has been read; `fields` end with line breaks.
struct ParsedRequest {
  explicit ParsedRequest(std::string_view start_line, std::string_view fields)
      : parser(head, limits) {
    head.raw = std::string(start_line) + "\r\nHost: a\r\n" + std::string(fields) + "\r\n";
    const auto error = parser.ParseHead();
    EXPECT_FALSE(error) << error->message;
  }

  RequestLimits limits{.max_header_bytes = 32768};
  RequestHead head;
  RequestParser parser;
};

TEST(WebSocketHandshake, AnUpgradeIsNamedByBothFields) {
  const struct {
    std::string_view what, start_line, fields;
    bool upgrade;
  } kCases[] = {
      {"as browsers ask", "GET / HTTP/1.1", "Upgrade: websocket\r\nConnection: Upgrade\r\n", true},
      {"in any case", "GET / HTTP/1.1", "upgrade: WebSocket\r\nconnection: UPGRADE\r\n", true},
      {"in lists", "GET / HTTP/1.1",
       "Upgrade: h2c, websocket\r\nConnection: keep-alive, Upgrade\r\n", true},
      {"in several fields", "GET / HTTP/1.1",
       "Upgrade: h2c\r\nUpgrade: websocket\r\nConnection: keep-alive\r\nConnection: upgrade\r\n",
       true},
      {"with Connection: close", "GET / HTTP/1.1",
       "Upgrade: websocket\r\nConnection: close, upgrade\r\n", true},
      {"a plain request", "GET / HTTP/1.1", "", false},
      {"not named by Connection", "GET / HTTP/1.1",
       "Upgrade: websocket\r\nConnection: keep-alive\r\n", false},
      {"without Connection", "GET / HTTP/1.1", "Upgrade: websocket\r\n", false},
      {"without Upgrade", "GET / HTTP/1.1", "Connection: upgrade\r\n", false},
      {"to HTTP/2", "GET / HTTP/1.1",
       "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n",
       false},
      {"part of a word", "GET / HTTP/1.1", "Upgrade: websockets\r\nConnection: upgrade\r\n", false},
      {"no list at all", "GET / HTTP/1.1", "Upgrade: ;;=\r\nConnection: upgrade\r\n", false},
      {"POST", "POST / HTTP/1.1",
       "Content-Length: 0\r\nUpgrade: websocket\r\nConnection: upgrade\r\n", false},
      {"HEAD", "HEAD / HTTP/1.1", "Upgrade: websocket\r\nConnection: upgrade\r\n", false},
      {"HTTP/1.0", "GET / HTTP/1.0", "Upgrade: websocket\r\nConnection: upgrade\r\n", false},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.what);
    const ParsedRequest request(test.start_line, test.fields);
    EXPECT_EQ(IsWebSocketUpgrade(request.head), test.upgrade);
  }
}

TEST(WebSocketHandshake, AsksForOneKeyVersion13AndNoBody) {
  const struct {
    std::string_view what;
    std::string fields;
    int status;
  } kCases[] = {
      {"complete", std::string(kKey).append(kVersion), 0},
      {"an empty body", std::string(kKey).append(kVersion) + "Content-Length: 0\r\n", 0},
      {"an extension and a protocol",
       std::string(kKey).append(kVersion) +
           "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: chat\r\n",
       0},
      {"no version", std::string(kKey), 426},
      {"an old version", std::string(kKey) + "Sec-WebSocket-Version: 8\r\n", 426},
      {"a list of versions", std::string(kKey) + "Sec-WebSocket-Version: 13, 8\r\n", 426},
      {"a version twice", std::string(kKey).append(kVersion).append(kVersion), 400},
      {"no key", std::string(kVersion), 400},
      {"an empty key", std::string(kVersion) + "Sec-WebSocket-Key:\r\n", 400},
      {"a key twice", std::string(kKey).append(kKey).append(kVersion), 400},
      {"a key of 15 bytes", std::string(kVersion) + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n",
       400},
      {"a key of 17 bytes",
       std::string(kVersion) + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWU=\r\n", 400},
      {"a key without padding",
       std::string(kVersion) + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n", 400},
      {"a key that is not base64",
       std::string(kVersion) + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j*Q==\r\n", 400},
      {"a key of 16 KB",
       std::string(kVersion) + "Sec-WebSocket-Key: " + std::string(16000, 'A') + "\r\n", 400},
      {"a body", std::string(kKey).append(kVersion) + "Content-Length: 1\r\n", 400},
      {"a chunked body", std::string(kKey).append(kVersion) + "Transfer-Encoding: chunked\r\n",
       400},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.what);
    const ParsedRequest request("GET / HTTP/1.1",
                                "Upgrade: websocket\r\nConnection: upgrade\r\n" + test.fields);
    const auto good = CheckWebSocketHandshake(request.head);
    EXPECT_EQ(good ? 0 : good.error().HttpStatus(), test.status);
  }
}

TEST(WebSocketHandshake, AnotherVersionIsToldWhichOneIsSpoken) {
  const ParsedRequest request("GET / HTTP/1.1", std::string(kKey) + "Sec-WebSocket-Version: 8\r\n");
  const auto good = CheckWebSocketHandshake(request.head);
  ASSERT_FALSE(good);
  const std::pair<std::string, std::string> version("Sec-WebSocket-Version", "13");
  EXPECT_EQ(std::count(good.error().headers.begin(), good.error().headers.end(), version), 1);
}

TEST(WebSocketHandshake, ConnectionUpgradeLeavesKeepAliveAlone) {
  const struct {
    std::string_view start_line, connection;
    bool keep_alive;
  } kCases[] = {
      {"GET / HTTP/1.1", "Connection: upgrade\r\n", true},
      {"GET / HTTP/1.1", "Connection: keep-alive, Upgrade\r\n", true},
      {"GET / HTTP/1.1", "Connection: close, Upgrade\r\n", false},
      {"GET / HTTP/1.1", "Connection: Upgrade\r\nConnection: close\r\n", false},
      {"GET / HTTP/1.0", "Connection: Upgrade\r\n", false},
      {"GET / HTTP/1.0", "Connection: Upgrade, keep-alive\r\n", true},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(std::string(test.start_line).append(" ").append(test.connection));
    const ParsedRequest request(test.start_line,
                                std::string("Upgrade: websocket\r\n").append(test.connection));
    EXPECT_EQ(request.head.keep_alive, test.keep_alive);
    EXPECT_TRUE(request.parser.BodyComplete());
  }
}

}  // namespace
}  // namespace puente

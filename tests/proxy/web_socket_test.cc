#include "proxy/http/web_socket.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/event.h"
#include "tests/proxy/web_socket_server.h"
#include "tests/support/certificates.h"
#include "tests/support/http_client.h"
#include "tests/support/web_socket_client.h"

namespace puente {
namespace {

using namespace std::chrono_literals;
using std::string_literals::operator""s;
using test::CloseInfo;
using test::EchoServer;
using test::Frame;
using test::FrameBytes;
using test::Opcode;
using test::SocketOutcome;
using test::WebSocketClient;
using test::WebSocketServer;
using Got = WebSocket::Event;

TEST(WebSocketAccept, Answers101WithTheHeadersOfTheCall) {
  WebSocket::Options options;
  options.headers = {{"x-request-id", "r-1"},
                     {"x-two", "a"},
                     {"x-two", "b"},
                     {"connection", "close"},
                     {"Upgrade", "h2c"},
                     {"content-length", "5"},
                     {"sec-websocket-accept", ""},
                     {"Sec-WebSocket-Extensions", "x"},
                     {"x-break", "a\r\nx-c: d"},
                     {"bad name", "x"}};
  EchoServer server(options);
  const auto client = WebSocketClient::Connect(server.port());
  const auto& head = client.handshake();
  EXPECT_EQ(head.Header("x-request-id"), "r-1");
  EXPECT_EQ(head.Count("x-two"), 2u);
  EXPECT_EQ(head.Count("connection"), 1u);
  EXPECT_EQ(head.Header("upgrade"), "websocket");
  EXPECT_EQ(head.Count("upgrade"), 1u);
  EXPECT_EQ(head.Count("sec-websocket-accept"), 1u);
  for (const auto* name : {"content-length", "sec-websocket-extensions", "sec-websocket-protocol",
                           "x-break", "x-c", "bad name"}) {
    EXPECT_EQ(head.Count(name), 0u) << name;
  }
}

TEST(WebSocketAccept, NeverCompresses) {
  EchoServer server;
  auto client = WebSocketClient::Connect(
      server.port(), "/",
      {{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"}});
  EXPECT_EQ(client.handshake().Count("sec-websocket-extensions"), 0u);
  client.SendText("plain");
  EXPECT_EQ(client.ReadText(), "plain");
}

TEST(WebSocketAccept, ARefusedHandshakeIsAnAnswerLikeAnyOther) {
  EchoServer server;
  auto client = test::HttpClient::Connect(server.port());
  const test::HeaderList old_version = {{"Upgrade", "websocket"},
                                        {"Connection", "Upgrade"},
                                        {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                                        {"Sec-WebSocket-Version", "8"}};
  const auto refused = client.Get("/", old_version);
  EXPECT_EQ(refused.status, 426);
  EXPECT_EQ(refused.Header("sec-websocket-version"), "13");
  EXPECT_EQ(client.Get("/").status, 200) << "on the same connection";
}

TEST(WebSocketAccept, OtherUpgradesAreIgnored) {
  EchoServer server;
  auto client = test::HttpClient::Connect(server.port());
  const test::HeaderList h2c = {{"Upgrade", "h2c"}, {"Connection", "Upgrade, HTTP2-Settings"}};
  EXPECT_EQ(client.Get("/", h2c).status, 200);
  EXPECT_EQ(client.Get("/", {{"Upgrade", "websocket"}}).status, 200);
  EXPECT_EQ(client.Get("/").status, 200);
}

TEST(WebSocketAccept, TheExchangeIs101AndTheConnectionIsNotReused) {
  EchoServer server;
  auto client = WebSocketClient::Connect(server.port());
  client.SendClose(1000);
  EXPECT_EQ(client.ReadClose(), (CloseInfo{1000, ""}));
  client.TrySendRaw("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_FALSE(client.TryReadFrame());
  const auto outcome = server.NextOutcome();
  EXPECT_EQ(outcome.status, 101);
  EXPECT_FALSE(outcome.keep_alive);
}

TEST(WebSocketMessages, AreEchoedWhateverTheirSize) {
  EchoServer server;
  auto client = WebSocketClient::Connect(server.port());
  for (const std::size_t size : {0, 1, 125, 126, 127, 1500, 8192, 16384, 65535, 65536, 1 << 20}) {
    SCOPED_TRACE(size);
    const std::string text(size, 'x');
    client.SendText(text);
    const Frame frame = client.ReadFrame();
    EXPECT_EQ(frame.opcode, Opcode::kText);
    EXPECT_TRUE(frame.fin) << "one message is one frame";
    EXPECT_TRUE(frame.payload == text) << frame.payload.size();
  }
}

TEST(WebSocketMessages, FragmentsAreJoined) {
  EchoServer server;
  auto client = WebSocketClient::Connect(server.port());
  const std::string euro = "\xe2\x82\xac";
  client.Send({Opcode::kText, "price: " + euro.substr(0, 1), false});
  client.Send({Opcode::kPing, "in between"});
  client.Send({Opcode::kContinuation, "", false});
  client.Send({Opcode::kContinuation, euro.substr(1), false});
  client.Send({Opcode::kContinuation, " 7", true});
  EXPECT_EQ(client.ReadFrame().opcode, Opcode::kPong);
  EXPECT_EQ(client.ReadText(), "price: " + euro + " 7");
}

TEST(WebSocketMessages, MayComeByteByByte) {
  EchoServer server;
  auto client = WebSocketClient::Connect(server.port());
  const std::string bytes =
      FrameBytes({Opcode::kText, "slowly"}) + FrameBytes({Opcode::kText, "two"});
  for (const char c : bytes) client.SendRaw(std::string(1, c));
  EXPECT_EQ(client.ReadText(), "slowly");
  EXPECT_EQ(client.ReadText(), "two");
}

TEST(WebSocketMessages, MayComeRightBehindTheHandshake) {
  EchoServer server;
  std::string behind;
  for (int i = 0; i < 100; ++i)
    behind += FrameBytes({Opcode::kText, "message " + std::to_string(i)});
  behind += FrameBytes({Opcode::kText, std::string(30000, 'x')});
  auto client = WebSocketClient::Connect(server.port(), "/", {}, {}, behind);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.ReadText(), "message " + std::to_string(i));
  EXPECT_EQ(client.ReadText().size(), 30000u);
}

TEST(WebSocketMessages, GoBothWaysOverTls) {
  const test::TestCertificates certificates;
  auto tls = test::ServerTlsContext(certificates.server);
  EchoServer server({}, std::move(tls));
  test::ClientOptions options;
  options.tls = test::ClientTls{.ca = certificates.ca};
  auto client = WebSocketClient::Connect(server.port(), "/", {}, options,
                                         FrameBytes({Opcode::kText, "behind the handshake"}));
  EXPECT_EQ(client.ReadText(), "behind the handshake");
  for (const std::size_t size : {1, 16000, 16384, 16385, 1 << 20}) {
    client.SendText(std::string(size, 't'));
    EXPECT_EQ(client.ReadText().size(), size);
  }
  client.SendClose(1000);
  EXPECT_EQ(client.ReadClose(), (CloseInfo{1000, ""}));
  EXPECT_FALSE(client.TryReadFrame());
  EXPECT_FALSE(client.was_reset());
}

Task<> SendMany(WebSocket& socket, const std::string& text, int count, Event& done) {
  for (int i = 0; i < count; ++i) co_await socket.Send(text);
  done.Set();
}

Task<> ReadManyAndSendMany(WebSocket& socket, SocketOutcome& outcome, const std::string& text,
                           int count) {
  Event sent(co_await asio::this_coro::executor);
  asio::co_spawn(co_await asio::this_coro::executor, SendMany(socket, text, count, sent),
                 asio::detached);
  std::string message;
  for (int i = 0; i < count; ++i) outcome.Add(co_await socket.Read(message));
  co_await sent.Wait();
  co_await socket.Read(message);
}

TEST(WebSocketMessages, AreReadAndSentAtTheSameTime) {
  // The client reads nothing until it has sent more than the sockets hold.
  constexpr int kMessages = 64;
  const std::string large(1 << 18, 'm');
  WebSocketServer server([&large](WebSocket& socket, SocketOutcome& outcome) -> Task<> {
    return ReadManyAndSendMany(socket, outcome, large, kMessages);
  });
  auto client = WebSocketClient::Connect(server.port());
  for (int i = 0; i < kMessages; ++i) client.SendText(large);
  for (int i = 0; i < kMessages; ++i) ASSERT_EQ(client.ReadText().size(), large.size());
  client.SendClose(1000);
  EXPECT_EQ(client.ReadClose().code, 1000);
  EXPECT_EQ(server.NextOutcome().events, std::vector<Got>(kMessages, Got::kText));
}

TEST(WebSocketMessages, BinaryIsTold) {
  WebSocketServer server([](WebSocket& socket, SocketOutcome& outcome) -> Task<> {
    co_await test::Echo(socket, outcome);
    co_await socket.Close(1003, "text only");
  });
  auto client = WebSocketClient::Connect(server.port());
  client.SendText("text");
  EXPECT_EQ(client.ReadText(), "text");
  client.Send({Opcode::kBinary, std::string("\0\xff", 2)});
  EXPECT_EQ(client.FinishClose(), (CloseInfo{1003, "text only"}));
  EXPECT_EQ(server.NextOutcome().last(), Got::kBinary);
}

TEST(WebSocketViolations, CloseWithTheirCode) {
  const struct {
    std::string_view what;
    std::string bytes;
    std::uint16_t code;
    Got event;
  } kCases[] = {
      {"an unmasked frame", FrameBytes({.payload = "x", .masked = false}), 1002, Got::kViolation},
      {"RSV1, compression nobody agreed on", FrameBytes({.payload = "x", .reserved = 4}), 1002,
       Got::kViolation},
      {"RSV2", FrameBytes({.payload = "x", .reserved = 2}), 1002, Got::kViolation},
      {"RSV3", FrameBytes({.payload = "x", .reserved = 1}), 1002, Got::kViolation},
      {"RSV1 on a ping", FrameBytes({.opcode = Opcode::kPing, .reserved = 4}), 1002,
       Got::kViolation},
      {"opcode 3", FrameBytes({.opcode = static_cast<Opcode>(3)}), 1002, Got::kViolation},
      {"opcode 11", FrameBytes({.opcode = static_cast<Opcode>(11)}), 1002, Got::kViolation},
      {"a ping in parts", FrameBytes({.opcode = Opcode::kPing, .fin = false}), 1002,
       Got::kViolation},
      {"a close in parts", FrameBytes({.opcode = Opcode::kClose, .fin = false}), 1002,
       Got::kViolation},
      {"a ping of 126 bytes", FrameBytes({Opcode::kPing, std::string(126, 'p')}), 1002,
       Got::kViolation},
      {"a continuation of nothing", FrameBytes({.opcode = Opcode::kContinuation}), 1002,
       Got::kViolation},
      {"a message inside of another",
       FrameBytes({.payload = "a", .fin = false}) + FrameBytes({.payload = "b"}), 1002,
       Got::kViolation},
      {"a length of 2^63", "\x81\xff\x80\0\0\0\0\0\0\0\0\0\0\0"s, 1009, Got::kTooLarge},
      {"a short length in 2 bytes", "\x81\xfe\0\x05\0\0\0\0hello"s, 1002, Got::kViolation},
      {"a short length in 8 bytes", "\x81\xff\0\0\0\0\0\0\0\x05\0\0\0\0hello"s, 1002,
       Got::kViolation},
      {"half a close code", FrameBytes({Opcode::kClose, "x"}), 1002, Got::kViolation},
      {"a close code that is never sent", FrameBytes(test::CloseFrame(1005)), 1002,
       Got::kViolation},
      {"a close code out of range", FrameBytes(test::CloseFrame(999)), 1002, Got::kViolation},
      {"text that is not UTF-8", FrameBytes({.payload = "a\xff"}), 1007, Got::kViolation},
      {"an overlong character", FrameBytes({.payload = "\xc0\x80"}), 1007, Got::kViolation},
      {"a surrogate", FrameBytes({.payload = "\xed\xa0\x80"}), 1007, Got::kViolation},
      {"half a character at the end", FrameBytes({.payload = "a\xe2\x82"}), 1007, Got::kViolation},
      {"more than the limit", FrameBytes({.payload = std::string(1001, 'x')}), 1009,
       Got::kTooLarge},
      {"more than the limit in fragments",
       FrameBytes({.payload = std::string(600, 'x'), .fin = false}) +
           FrameBytes({Opcode::kContinuation, std::string(401, 'x')}),
       1009, Got::kTooLarge},
      {"a large binary message", FrameBytes({Opcode::kBinary, std::string(5000, 'x')}), 1009,
       Got::kTooLarge},
      {"a length of 2^62", "\x81\xff\x40\0\0\0\0\0\0\0\0\0\0\0"s, 1009, Got::kTooLarge},
  };
  WebSocket::Options options;
  options.max_message_bytes = 1000;
  EchoServer server(options);
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.what);
    auto client = WebSocketClient::Connect(server.port());
    client.SendText(std::string(1000, 'x'));
    ASSERT_EQ(client.ReadText().size(), 1000u);
    client.SendRaw(test.bytes);
    EXPECT_EQ(client.FinishClose().code, test.code);
    EXPECT_FALSE(client.was_reset());
    EXPECT_EQ(server.NextOutcome().last(), test.event);
  }
}

}  // namespace
}  // namespace puente

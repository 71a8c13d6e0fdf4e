// WebSockets to an HTTP upstream, which go through as they come.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "tests/integration/access_log_lines.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/migration_proxy.h"
#include "tests/support/certificates.h"
#include "tests/support/web_socket_client.h"

namespace puente::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::Optional;

constexpr std::string_view kSwitch =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
constexpr std::size_t kPiece = std::size_t{1} << 16;
constexpr std::size_t kMuch = std::size_t{64} << 20;

std::string ServerText(std::string_view text) {
  return FrameBytes({.opcode = Opcode::kText, .payload = std::string(text), .masked = false});
}
std::string ClientText(std::string_view text) {
  return FrameBytes({Opcode::kText, std::string(text)});
}

void Accept(RawServer::Connection& client, std::string_view headers = {}) {
  client.ReadHead();
  client.Send(std::string(kSwitch).append(headers).append("\r\n"));
}

// Says "hello", and answers each "ask" with "answer" until the client closes.
void Talk(RawServer::Connection& client) {
  Accept(client);
  client.Send(ServerText("hello"));
  const std::string question = ClientText("ask");
  while (client.ReadExactly(question.size()) == question) client.Send(ServerText("answer"));
}

HeaderList Handshake() {
  return {{"Upgrade", "websocket"},
          {"Connection", "Upgrade"},
          {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
          {"Sec-WebSocket-Version", "13"}};
}

WebSocketClient Open(const ProxyUnderTest& proxy, const HeaderList& headers = {},
                     std::string_view behind = {}) {
  return WebSocketClient::Connect(proxy.port(), "/chat?room=7", headers, {}, behind);
}

TEST(WebSocketTunnel, TheHandshakeGoesOnAsItCame) {
  std::promise<ForwardedRequest> asked;
  ForwardingProxy under_test([&](RawServer::Connection& client) {
    asked.set_value(ReadRequest(client));
    client.Send(
        std::string(kSwitch) +
        "Sec-WebSocket-Protocol: chat\r\nX-Own: 1\r\nX-Hop: 1\r\nConnection: X-Hop\r\n\r\n");
    client.AwaitClose();
  });
  const WebSocketClient socket = Open(under_test.proxy, {{"Origin", "https://other.example"},
                                                         {"Sec-WebSocket-Protocol", "chat, new"},
                                                         {"Sec-WebSocket-Extensions", "x; y=1"},
                                                         {"Cookie", "a=b"},
                                                         {"X-Request-Id", "given"}});
  const ForwardedRequest request = asked.get_future().get();
  EXPECT_EQ(request.line, "GET /chat?room=7 HTTP/1.1");
  for (const auto& [name, value] :
       {std::pair("Upgrade", "websocket"), std::pair("Connection", "Upgrade"),
        std::pair("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        std::pair("Sec-WebSocket-Version", "13"), std::pair("Origin", "https://other.example"),
        std::pair("Sec-WebSocket-Protocol", "chat, new"),
        std::pair("Sec-WebSocket-Extensions", "x; y=1"), std::pair("Cookie", "a=b"),
        std::pair("x-request-id", "given"), std::pair("x-forwarded-for", "127.0.0.1")}) {
    EXPECT_THAT(request.Header(name), Optional(std::string(value))) << name;
    EXPECT_EQ(request.Count(name), 1U) << name;
  }
  const HttpResponse& answer = socket.handshake();
  EXPECT_EQ(answer.Header("sec-websocket-protocol"), "chat");
  EXPECT_EQ(answer.Header("x-own"), "1");
  EXPECT_EQ(answer.Header("x-request-id"), "given");
  EXPECT_FALSE(answer.Header("x-hop"));
  for (const char* name : {"connection", "upgrade", "sec-websocket-accept"}) {
    EXPECT_EQ(answer.Count(name), 1U) << name;
  }
}

TEST(WebSocketTunnel, BothSidesTalk) {
  ForwardingProxy under_test(Talk);
  WebSocketClient socket = Open(under_test.proxy);
  EXPECT_EQ(socket.ReadText(), "hello");
  for (int i = 0; i < 100; ++i) {
    socket.SendText("ask");
    EXPECT_EQ(socket.ReadText(), "answer");
  }
}

TEST(WebSocketTunnel, WhatComesWithTheHandshakeIsNotLost) {
  ForwardingProxy under_test([](RawServer::Connection& client) {
    client.ReadHead();
    client.Send(std::string(kSwitch) + "\r\n" + ServerText("at once"));
    client.Send(ServerText(client.ReadExactly(ClientText("early").size()) == ClientText("early")
                               ? "got it"
                               : "something else"));
    client.AwaitClose();
  });
  WebSocketClient socket = Open(under_test.proxy, {}, ClientText("early"));
  EXPECT_EQ(socket.ReadText(), "at once");
  EXPECT_EQ(socket.ReadText(), "got it");
}

TEST(WebSocketTunnel, AnotherAnswerIsOneLikeAnyOther) {
  RecordingProxy under_test("HTTP/1.1 403 x\r\nContent-Length: 2\r\nX-Own: 1\r\n\r\nno");
  HttpClient client = under_test.proxy.Connect();
  for (int i = 0; i < 2; ++i) {
    const HttpResponse answer = client.Request("GET", "/chat", Handshake());
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.body, "no");
    EXPECT_EQ(answer.Header("x-own"), "1");
  }
}

TEST(WebSocketTunnel, AnotherProtocolThanWasAskedForIsABadAnswer) {
  for (const char* upgrade : {"Upgrade: h2c\r\n", ""}) {
    RecordingProxy under_test(
        fmt::format("HTTP/1.1 101 x\r\nConnection: upgrade\r\n{}\r\n", upgrade));
    EXPECT_THAT(under_test.proxy.Get("/chat", Handshake()), IsError(502, 13)) << upgrade;
    EXPECT_TRUE(WaitUntil([&] { return under_test.upstream.open_count() == 0; }));
  }
}

TEST(WebSocketTunnel, AnUpstreamThatIsNotThereOrSilentIsAnHttpError) {
  RawServer silent([](RawServer::Connection& client) { client.AwaitClose(); });
  for (const auto& [port, status] :
       {std::pair(RawServer::UnusedPort(), 503), std::pair(silent.port(), 504)}) {
    const auto proxy = ProxyUnderTest::FromConfig(
        ForwardingConfig(fmt::format("http://127.0.0.1:{}", port), {.route = ", timeout: 0.1s"}));
    EXPECT_EQ(proxy.Get("/chat", Handshake()).status, status);
  }
}

TEST(WebSocketTunnel, TheRoutesTimeoutIsForTheHandshakeOnly) {
  ForwardingProxy under_test(Talk, {.route = ", timeout: 0.2s"});
  WebSocketClient socket = Open(under_test.proxy);
  EXPECT_EQ(socket.ReadText(), "hello");
  EXPECT_FALSE(socket.HasInput(milliseconds(500)));
  socket.SendText("ask");
  EXPECT_EQ(socket.ReadText(), "answer");
}

// --- The end

TEST(WebSocketTunnel, WhatTheUpstreamSaysBeforeItsEndArrives) {
  ForwardingProxy under_test([](RawServer::Connection& client) {
    Accept(client);
    client.Send(ServerText(std::string(kPiece, 'x')));
    Frame close = CloseFrame(1001, "bye");
    close.masked = false;
    client.Send(FrameBytes(close));
  });
  WebSocketClient socket = Open(under_test.proxy);
  EXPECT_EQ(socket.ReadText().size(), kPiece);
  EXPECT_EQ(socket.FinishClose(), (CloseInfo{1001, "bye"}));
}

TEST(WebSocketTunnel, WhatTheClientSaysBeforeItsEndArrives) {
  std::promise<std::string> heard;
  ForwardingProxy under_test([&](RawServer::Connection& client) {
    Accept(client);
    heard.set_value(client.ReadExactly(ClientText("last words").size()));
    client.AwaitClose();
  });
  {
    WebSocketClient socket = Open(under_test.proxy);
    socket.SendText("last words");
  }
  EXPECT_EQ(heard.get_future().get(), ClientText("last words"));
  EXPECT_TRUE(WaitUntil([&] { return under_test.upstream.open_count() == 0; }));
}

TEST(WebSocketTunnel, AnEndWithoutAWordIsPassedOnToo) {
  std::atomic<bool> end{false};
  ForwardingProxy under_test([&](RawServer::Connection& client) {
    Accept(client);
    client.Await([&] { return end.load(); });
    client.ResetOnClose();
  });
  WebSocketClient socket = Open(under_test.proxy);
  EXPECT_FALSE(socket.HasInput(milliseconds(50)));
  end = true;
  EXPECT_EQ(socket.TryReadFrame(), std::nullopt);
  WebSocketClient other = Open(under_test.proxy);
  other.Reset();
  EXPECT_TRUE(WaitUntil([&] { return under_test.upstream.open_count() == 0; }));
}

TEST(WebSocketTunnel, OneWithoutAByteEitherWayIsClosed) {
  ForwardingProxy under_test(Talk, {.more = "limits: {idle_timeout: 1s}\n"});
  WebSocketClient socket = Open(under_test.proxy);
  EXPECT_EQ(socket.ReadText(), "hello");
  // Words of either side keep it.
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(socket.HasInput(milliseconds(400)));
    socket.SendText("ask");
    EXPECT_EQ(socket.ReadText(), "answer");
  }
  const auto quiet_since = steady_clock::now();
  EXPECT_EQ(socket.TryReadFrame(), std::nullopt);
  EXPECT_GE(steady_clock::now() - quiet_since, milliseconds(900));
  EXPECT_LT(steady_clock::now() - quiet_since, seconds(4));
  EXPECT_TRUE(WaitUntil([&] { return under_test.upstream.open_count() == 0; }));
}

TEST(WebSocketTunnel, WordsOfTheUpstreamAloneKeepItOpen) {
  ForwardingProxy under_test(
      [](RawServer::Connection& client) {
        Accept(client);
        for (int i = 0; i < 6; ++i) {
          std::this_thread::sleep_for(milliseconds(300));
          client.Send(ServerText("tick"));
        }
        client.AwaitClose();
      },
      {.more = "limits: {idle_timeout: 1s}\n"});
  WebSocketClient socket = Open(under_test.proxy);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(socket.ReadText(), "tick");
}

TEST(WebSocketTunnel, ADrainEndsBothSides) {
  ForwardingProxy under_test(Talk, {.more = "drain: {delay: 0s, timeout: 1s}\n"});
  {
    WebSocketClient socket = Open(under_test.proxy);
    EXPECT_EQ(socket.ReadText(), "hello");
    under_test.proxy.app().BeginDrain();
    // It goes on meanwhile.
    socket.SendText("ask");
    EXPECT_EQ(socket.ReadText(), "answer");
    EXPECT_EQ(socket.TryReadFrame(), std::nullopt);
  }
  EXPECT_TRUE(under_test.proxy.app().WaitUntilDrained());
  EXPECT_TRUE(WaitUntil([&] { return under_test.upstream.open_count() == 0; }));
}

TEST(WebSocketTunnel, AreCutWithTheProxy) {
  ForwardingProxy under_test(Talk);
  WebSocketClient socket = Open(under_test.proxy);
  EXPECT_EQ(socket.ReadText(), "hello");
  under_test.proxy.Stop();
  EXPECT_EQ(socket.TryReadFrame(), std::nullopt);
  EXPECT_TRUE(WaitUntil([&] { return under_test.upstream.open_count() == 0; }));
}

// --- Back-pressure

TEST(WebSocketTunnel, AnUpstreamThatDoesNotReadStallsTheClient) {
  std::atomic<bool> reads{false};
  std::atomic<std::size_t> received{0};
  ForwardingProxy under_test([&](RawServer::Connection& client) {
    Accept(client);
    client.Await([&] { return reads.load(); });
    while (true) received += client.ReadExactly(kPiece).size();
  });
  WebSocketClient socket = Open(under_test.proxy);
  std::atomic<std::size_t> sent{0};
  std::thread sender([&] {
    for (const std::string piece(kPiece, 'x'); sent < kMuch; sent += kPiece) socket.SendRaw(piece);
  });
  EXPECT_TRUE(WaitUntil([&] { return sent > kPiece; }));
  EXPECT_TRUE(Settles(sent));
  EXPECT_LT(sent, kMuch / 2);
  reads = true;
  sender.join();
  EXPECT_TRUE(WaitUntil([&] { return received == kMuch; }));
}

TEST(WebSocketTunnel, AClientThatDoesNotReadStallsTheUpstream) {
  std::atomic<std::size_t> sent{0};
  const std::string frame = ServerText(std::string(kPiece, 'x'));
  ForwardingProxy under_test([&](RawServer::Connection& client) {
    Accept(client);
    for (; sent < kMuch; sent += kPiece) client.Send(frame);
    client.AwaitClose();
  });
  WebSocketClient socket = Open(under_test.proxy);
  EXPECT_TRUE(WaitUntil([&] { return sent > kPiece; }));
  EXPECT_TRUE(Settles(sent));
  EXPECT_LT(sent, kMuch / 2);
  for (std::size_t received = 0; received < kMuch; received += kPiece) {
    EXPECT_EQ(socket.ReadText().size(), kPiece);
  }
}

// --- Telemetry

TEST(WebSocketTunnel, IsOneLineOfTheAccessLog) {
  AccessLogLines log;
  ForwardingProxy under_test(Talk, {.more = log.Config()});
  {
    WebSocketClient socket = Open(under_test.proxy);
    EXPECT_EQ(socket.ReadText(), "hello");
    socket.SendText("ask");
    EXPECT_EQ(socket.ReadText(), "answer");
  }
  EXPECT_THAT(log.Next(),
              Says(fmt::format(R"({{"method":"GET","route":"/**","status":101,"upstream":"legacy",)"
                               R"("bytes_in":{},"bytes_out":{}}})",
                               ClientText("ask").size(),
                               ServerText("hello").size() + ServerText("answer").size())));
  EXPECT_EQ(under_test.proxy.Metric(
                R"(puente_backend_requests_total{code="101",split="",upstream="legacy"})"),
            1);
}

// The line of the access log about a WebSocket that `end` sees to the end of, the only one of its
// proxy.
std::string LineOf(RawServer::Script script, const std::string& limits,
                   const std::function<void(ProxyUnderTest&)>& end) {
  AccessLogLines log;
  ForwardingProxy under_test(std::move(script), {.more = log.Config() + "\n" + limits});
  end(under_test.proxy);
  return log.Next();
}

void ReadToEnd(ProxyUnderTest& proxy) {
  WebSocketClient socket = Open(proxy);
  while (socket.TryReadFrame()) {
  }
}

TEST(WebSocketTunnel, SaysWhyItEnded) {
  EXPECT_THAT(LineOf(Talk, "", [](auto& proxy) { Open(proxy).ReadText(); }), HasNo("flags"));
  EXPECT_THAT(LineOf(Talk, "limits: {idle_timeout: 0.2s}\n", ReadToEnd),
              Says(R"({"status":101,"flags":["request_timeout"]})"));
  const auto breaks_off = [](RawServer::Connection& client) {
    Accept(client);
    client.ResetOnClose();
  };
  EXPECT_THAT(LineOf(breaks_off, "", ReadToEnd),
              Says(R"({"status":101,"flags":["upstream_unavailable"]})"));
  const auto drain = [](ProxyUnderTest& proxy) {
    WebSocketClient socket = Open(proxy);
    proxy.app().BeginDrain();
    while (socket.TryReadFrame()) {
    }
  };
  EXPECT_THAT(LineOf(Talk, "drain: {delay: 0s, timeout: 0.5s}\n", drain),
              Says(R"({"status":101,"flags":["shutdown"]})"));
}

// --- TLS

TEST(WebSocketTunnel, GoesThroughTlsOnBothSides) {
  const TestCertificates files;
  RawServer upstream(
      [](RawServer::Connection& client) {
        Accept(client);
        const std::size_t frame = ClientText(std::string(kPiece, 'x')).size();
        for (int i = 0; i < 20; ++i) {
          client.ReadExactly(frame);
          client.Send(ServerText(std::string(kPiece, 'y')));
        }
        client.AwaitClose();
      },
      RawServer::Tls{files.server, ""});
  const auto proxy = ProxyUnderTest::FromConfig(fmt::format(
      "listeners: [{{name: rest, address: \"127.0.0.1:0\", tls: {{certificate: \"{}\", "
      "private_key: \"{}\"}}}}]\n"
      "admin: {{address: \"127.0.0.1:0\"}}\n"
      "descriptors: {{files: [\"{}\"]}}\n"
      "upstreams: [{{name: legacy, http: {{url: \"https://{}\", tls: {{ca: \"{}\"}}}}}}]\n"
      "routes: [{{match: {{path_prefix: /}}, upstream: legacy}}]\n",
      files.server.certificate, files.server.private_key, ExampleDescriptors(), upstream.address(),
      files.ca));
  {
    WebSocketClient socket =
        WebSocketClient::Connect(proxy.port(), "/", {}, {.tls = ClientTls{.ca = files.ca}});
    for (int i = 0; i < 20; ++i) {
      socket.SendText(std::string(kPiece, 'x'));
      EXPECT_EQ(socket.ReadText(), std::string(kPiece, 'y'));
    }
  }
  EXPECT_TRUE(WaitUntil([&] { return upstream.open_count() == 0; }));
}

}  // namespace
}  // namespace puente::test

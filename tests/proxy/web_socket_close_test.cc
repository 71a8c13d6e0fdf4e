#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "proxy/http/event.h"
#include "proxy/http/web_socket.h"
#include "tests/proxy/web_socket_server.h"
#include "tests/support/certificates.h"
#include "tests/support/http_client.h"
#include "tests/support/web_socket_client.h"

namespace puente {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::CloseInfo;
using test::EchoServer;
using test::Frame;
using test::FrameBytes;
using test::Opcode;
using test::SocketOutcome;
using test::WebSocketClient;
using test::WebSocketServer;
using Got = WebSocket::Event;

Task<> CloseWith(WebSocket& socket, std::uint16_t code, std::string reason) {
  co_await socket.Close(code, reason);
}

Task<> SendLarge(WebSocket& socket, SocketOutcome& outcome, Event& done) {
  const std::string large(32 << 20, 'x');
  outcome.sent = co_await socket.Send(large);
  done.Set();
}

Task<> ReadOne(WebSocket& socket, SocketOutcome& outcome, Event& done) {
  std::string message;
  outcome.Add(co_await socket.Read(message));
  done.Set();
}

// Closes while a Read and a Send wait.
Task<> CloseBehindSend(WebSocket& socket, SocketOutcome& outcome) {
  const Executor executor = co_await asio::this_coro::executor;
  Event sent(executor);
  Event read(executor);
  asio::co_spawn(executor, SendLarge(socket, outcome, sent), asio::detached);
  asio::co_spawn(executor, ReadOne(socket, outcome, read), asio::detached);
  co_await socket.Close(1000, "");
  co_await sent.Wait();
  co_await read.Wait();
}

void CancelSoon(WebSocket& socket, Executor executor) {
  asio::post(executor, [&socket] { socket.Cancel(); });
}

Task<> CancelFromOutside(WebSocket& socket, SocketOutcome& outcome) {
  std::string message;
  outcome.Add(co_await socket.Read(message));
  CancelSoon(socket, co_await asio::this_coro::executor);
  outcome.Add(co_await socket.Read(message));
  outcome.Add(co_await socket.Read(message));
  outcome.sent = co_await socket.Send("still here");
  co_await socket.Close(4001, "cancelled");
}

Task<> CancelAndLeave(WebSocket& socket, SocketOutcome& outcome) {
  CancelSoon(socket, co_await asio::this_coro::executor);
  std::string message;
  outcome.Add(co_await socket.Read(message));
}

Task<> EchoAfter(WebSocket& socket, SocketOutcome& outcome, std::chrono::nanoseconds pause) {
  Event never(co_await asio::this_coro::executor);
  co_await never.WaitFor(pause);
  co_await test::Echo(socket, outcome);
}

Task<> SendUntilLost(WebSocket& socket, SocketOutcome& outcome) {
  const std::string large(1 << 20, 'x');
  while (outcome.sent) outcome.sent = co_await socket.Send(large);
}

TEST(WebSocketClose, ByTheClientIsAnsweredAndTold) {
  const struct {
    Frame frame;
    std::uint16_t told, answered;
  } kCases[] = {
      {test::CloseFrame(1000, "done"), 1000, 1000},
      {test::CloseFrame(1001), 1001, 1001},
      {test::CloseFrame(4999, std::string(123, 'r')), 4999, 4999},
      {{Opcode::kClose, ""}, 1005, 1000},
  };
  EchoServer server;
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.told);
    auto client = WebSocketClient::Connect(server.port());
    client.SendText("last");
    client.Send(test.frame);
    EXPECT_EQ(client.ReadText(), "last");
    EXPECT_EQ(client.ReadClose().code, test.answered);
    EXPECT_FALSE(client.TryReadFrame());
    EXPECT_FALSE(client.was_reset());
    const auto outcome = server.NextOutcome();
    EXPECT_EQ(outcome.last(), Got::kClosed);
    EXPECT_EQ(outcome.code, test.told);
  }
}

TEST(WebSocketClose, SaysCodeAndReason) {
  const std::string long_reason(200, 'r');
  const struct {
    std::uint16_t code;
    std::string reason, received;
  } kCases[] = {
      {1000, "", ""},
      {4005, "invoice 7 was not found", "invoice 7 was not found"},
      {4003, std::string(123, 'r'), std::string(123, 'r')},
      {4003, std::string(124, 'r'), std::string(123, 'r')},
      {4016, std::string(122, 'r') + "\u00e9", std::string(122, 'r')},
      {4016, std::string(121, 'r') + "\u00e9", std::string(121, 'r') + "\u00e9"},
      {4016, std::string(120, 'r') + "\U0001f600", std::string(120, 'r')},
      {4016, std::string(119, 'r') + "\U0001f600 and more", std::string(119, 'r') + "\U0001f600"},
      {4002, "a\xff z", "a\ufffd z"},
      {4002, std::string(121, 'r') + "\xff", std::string(121, 'r')},
      {4002, std::string(100000, '\x80'),
       [] {
         std::string text;
         for (int i = 0; i < 41; ++i) text += "\ufffd";
         return text;
       }()},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.reason.substr(0, 130));
    WebSocketServer server([&test](WebSocket& socket, SocketOutcome&) -> Task<> {
      return CloseWith(socket, test.code, test.reason);
    });
    auto client = WebSocketClient::Connect(server.port());
    EXPECT_EQ(client.FinishClose(), (CloseInfo{test.code, test.received}));
    EXPECT_FALSE(client.was_reset());
    EXPECT_EQ(server.NextOutcome().status, 101);
  }
}

TEST(WebSocketClose, PassesOverWhatTheClientHadSentBefore) {
  WebSocketServer server([](WebSocket& socket, SocketOutcome&) -> Task<> {
    return CloseWith(socket, 1001, "restart");
  });
  auto client = WebSocketClient::Connect(server.port());
  EXPECT_EQ(client.ReadClose(), (CloseInfo{1001, "restart"}));
  client.Send({Opcode::kPing, "ping"});
  client.SendText(std::string(100000, 'x'));
  client.SendClose(1001);
  EXPECT_FALSE(client.TryReadFrame());
  EXPECT_FALSE(client.was_reset());
}

TEST(WebSocketClose, DoesNotWaitLongForAnAnswer) {
  WebSocket::Options options;
  options.close_timeout = 200ms;
  WebSocketServer server(
      [](WebSocket& socket, SocketOutcome&) -> Task<> { return CloseWith(socket, 1000, ""); },
      options);
  auto client = WebSocketClient::Connect(server.port());
  const auto started = steady_clock::now();
  EXPECT_EQ(client.ReadClose().code, 1000);
  EXPECT_FALSE(client.TryReadFrame());
  EXPECT_GE(steady_clock::now() - started, 150ms);
  EXPECT_LT(steady_clock::now() - started, 5s);
}

TEST(WebSocketClose, IsBoundedAlsoBehindASendThatWaits) {
  WebSocket::Options options;
  options.close_timeout = 200ms;
  WebSocketServer server(CloseBehindSend, options);
  test::ClientOptions slow;
  slow.receive_buffer_bytes = 4096;
  auto client = WebSocketClient::Connect(server.port(), "/", {}, slow);
  const auto outcome = server.NextOutcome();
  EXPECT_EQ(outcome.last(), Got::kLost);
  EXPECT_FALSE(outcome.sent);
}

TEST(WebSocketClose, AfterTheClientHasClosedDoesNothing) {
  WebSocketServer server([](WebSocket& socket, SocketOutcome& outcome) -> Task<> {
    co_await test::Echo(socket, outcome);
    co_await socket.Close(4000, "too late");
    co_await socket.Close(4000, "again");
    outcome.sent = co_await socket.Send("too late");
    std::string message;
    outcome.Add(co_await socket.Read(message));
  });
  auto client = WebSocketClient::Connect(server.port());
  client.SendClose(1000);
  EXPECT_EQ(client.ReadClose().code, 1000);
  EXPECT_FALSE(client.TryReadFrame());
  EXPECT_FALSE(client.was_reset());
  const auto outcome = server.NextOutcome();
  EXPECT_EQ(outcome.events, (std::vector<Got>{Got::kClosed, Got::kLost}));
  EXPECT_FALSE(outcome.sent);
}

TEST(WebSocketClose, OfBothSidesAtOnceIsInOrder) {
  WebSocketServer server(
      [](WebSocket& socket, SocketOutcome&) -> Task<> { return CloseWith(socket, 1000, ""); });
  for (int i = 0; i < 20; ++i) {
    auto client = WebSocketClient::Connect(server.port(), "/", {}, {},
                                           FrameBytes(test::CloseFrame(1001, "mine")));
    EXPECT_EQ(client.ReadClose().code, 1000);
    EXPECT_FALSE(client.TryReadFrame());
    EXPECT_FALSE(client.was_reset());
  }
}

TEST(WebSocketCancel, EndsTheReadThatWaitsAndLeavesTheConnectionAlone) {
  WebSocketServer server(CancelFromOutside);
  auto client = WebSocketClient::Connect(server.port());
  client.SendText("one");
  EXPECT_EQ(client.ReadText(), "still here");
  EXPECT_EQ(client.FinishClose(), (CloseInfo{4001, "cancelled"}));
  EXPECT_FALSE(client.was_reset());
  EXPECT_EQ(server.NextOutcome().events,
            (std::vector<Got>{Got::kText, Got::kCancelled, Got::kCancelled}));
}

TEST(WebSocketCancel, InTheMiddleOfAMessageStillClosesInOrder) {
  WebSocketServer server(CancelFromOutside);
  auto client = WebSocketClient::Connect(server.port());
  const std::string large = FrameBytes({Opcode::kText, std::string(50000, 'x')});
  client.SendRaw(FrameBytes({Opcode::kText, "one"}) + large.substr(0, 20000));
  EXPECT_EQ(client.ReadText(), "still here");
  EXPECT_EQ(client.ReadClose(), (CloseInfo{4001, "cancelled"}));
  client.SendRaw(large.substr(20000));
  client.SendClose(4001);
  EXPECT_FALSE(client.TryReadFrame());
  EXPECT_FALSE(client.was_reset());
}

TEST(WebSocketCancel, WithoutACloseTheConnectionIsCut) {
  WebSocketServer server(CancelAndLeave);
  auto client = WebSocketClient::Connect(server.port());
  EXPECT_FALSE(client.TryReadFrame());
  EXPECT_EQ(server.NextOutcome().last(), Got::kCancelled);
}

TEST(WebSocketPing, OfTheClientIsAnswered) {
  EchoServer server;
  auto client = WebSocketClient::Connect(server.port());
  for (const std::string& payload : {std::string(), std::string("now"), std::string(125, 'p')}) {
    client.Send({Opcode::kPing, payload});
    const Frame pong = client.ReadFrame();
    EXPECT_EQ(pong.opcode, Opcode::kPong);
    EXPECT_EQ(pong.payload, payload);
  }
  client.Send({Opcode::kPong, "nobody asked"});
  client.SendText("text");
  EXPECT_EQ(client.ReadText(), "text");
}

TEST(WebSocketPing, AQuietClientIsPingedAndStaysWhileItAnswers) {
  WebSocket::Options options;
  options.ping_interval = 50ms;
  EchoServer server(options);
  auto client = WebSocketClient::Connect(server.port());
  for (int i = 0; i < 10; ++i) {
    const Frame ping = client.ReadFrame();
    ASSERT_EQ(ping.opcode, Opcode::kPing);
    client.Send({Opcode::kPong, ping.payload});
  }
  client.SendText("text");
  EXPECT_EQ(client.ReadText(), "text");
}

TEST(WebSocketPing, AClientThatDoesNotAnswerIsGivenUp) {
  WebSocket::Options options;
  options.ping_interval = 100ms;
  EchoServer server(options);
  auto client = WebSocketClient::Connect(server.port());
  const auto started = steady_clock::now();
  EXPECT_EQ(client.ReadFrame().opcode, Opcode::kPing);
  EXPECT_GE(steady_clock::now() - started, 90ms);
  EXPECT_FALSE(client.TryReadFrame()) << "one ping is enough";
  EXPECT_GE(steady_clock::now() - started, 190ms);
  EXPECT_EQ(server.NextOutcome().last(), Got::kLost);
}

TEST(WebSocketPing, AClientThatSendsIsNotPinged) {
  WebSocket::Options options;
  options.ping_interval = 300ms;
  EchoServer server(options);
  auto client = WebSocketClient::Connect(server.port());
  const auto until = steady_clock::now() + 700ms;
  while (steady_clock::now() < until) {
    client.SendText("x");
    const Frame frame = client.ReadFrame();
    ASSERT_EQ(frame.opcode, Opcode::kText);
    EXPECT_FALSE(client.HasInput(20ms));
  }
}

TEST(WebSocketPing, NobodyIsGivenUpWhileNobodyReads) {
  WebSocket::Options options;
  options.ping_interval = 30ms;
  WebSocketServer server(
      [](WebSocket& socket, SocketOutcome& outcome) -> Task<> {
        return EchoAfter(socket, outcome, 300ms);
      },
      options);
  auto client = WebSocketClient::Connect(server.port());
  client.SendText("early");
  EXPECT_EQ(client.ReadText(), "early");
}

TEST(WebSocketLost, AClientThatVanishesEndsARead) {
  EchoServer server;
  {
    auto client = WebSocketClient::Connect(server.port());
    client.Reset();
    EXPECT_EQ(server.NextOutcome().last(), Got::kLost);
  }
  auto client = WebSocketClient::Connect(server.port());
  client.HalfClose();
  EXPECT_EQ(server.NextOutcome().last(), Got::kLost);
  EXPECT_FALSE(client.TryReadFrame());
}

TEST(WebSocketLost, AClientThatVanishesInTheMiddleOfAFrame) {
  EchoServer server;
  auto client = WebSocketClient::Connect(server.port());
  client.SendRaw(FrameBytes({.payload = "complete"}).substr(0, 9));
  client.Reset();
  EXPECT_EQ(server.NextOutcome().last(), Got::kLost);
}

TEST(WebSocketLost, AClientThatVanishesEndsASendThatWaits) {
  WebSocketServer server(SendUntilLost);
  test::ClientOptions slow;
  slow.receive_buffer_bytes = 4096;
  auto client = WebSocketClient::Connect(server.port(), "/", {}, slow);
  ASSERT_TRUE(client.HasInput(test::kPatience));
  client.Reset();
  EXPECT_FALSE(server.NextOutcome().sent);
}

TEST(WebSocketLost, AClientThatTakesNothingIsGivenUp) {
  WebSocket::Options options;
  options.write_timeout = 200ms;
  WebSocketServer server(SendUntilLost, options);
  test::ClientOptions slow;
  slow.receive_buffer_bytes = 4096;
  const auto client = WebSocketClient::Connect(server.port(), "/", {}, slow);
  EXPECT_FALSE(server.NextOutcome().sent);
}

TEST(WebSocketLost, ClosingAllConnectionsEndsAWebSocket) {
  EchoServer server;
  auto client = WebSocketClient::Connect(server.port());
  client.SendText("x");
  EXPECT_EQ(client.ReadText(), "x");
  server.CloseAll();
  EXPECT_FALSE(client.TryReadFrame());
  EXPECT_EQ(server.NextOutcome().last(), Got::kLost);
}

}  // namespace
}  // namespace puente

// Frames that come just when the proxy closes: whatever they are, the connection ends.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "proxy/http/event.h"
#include "proxy/http/web_socket.h"
#include "tests/proxy/web_socket_server.h"
#include "tests/support/web_socket_client.h"

namespace puente {
namespace {

using namespace std::chrono_literals;
using test::Frame;
using test::FrameBytes;
using test::Opcode;
using test::SocketOutcome;
using test::WebSocketClient;
using test::WebSocketServer;
using Got = WebSocket::Event;

constexpr int kThreads = 4;
constexpr int kSocketsOfAThread = 75;

Task<> ReadOne(WebSocket& socket, SocketOutcome& outcome, Event& done) {
  std::string message;
  outcome.Add(co_await socket.Read(message));
  done.Set();
}

Task<> AnswerAndClose(WebSocket& socket, SocketOutcome& outcome) {
  std::string message;
  co_await socket.Read(message);
  const Executor executor = co_await asio::this_coro::executor;
  Event read(executor);
  asio::co_spawn(executor, ReadOne(socket, outcome, read), asio::detached);
  co_await socket.Send("answer");
  co_await socket.Close(1000, "");
  co_await read.Wait();
}

Task<> AnswerAndCloseBesideACancelledRead(WebSocket& socket, SocketOutcome& outcome) {
  std::string message;
  co_await socket.Read(message);
  const Executor executor = co_await asio::this_coro::executor;
  Event read(executor);
  asio::co_spawn(executor, ReadOne(socket, outcome, read), asio::detached);
  co_await socket.Send("answer");
  socket.Cancel();
  co_await read.Wait();
  co_await socket.Close(1000, "");
}

std::string Pings(int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += FrameBytes({Opcode::kPing, "ping"});
  return bytes;
}

struct Tail {
  const char* name;
  std::string before;  // sent ahead of the question, which is one message with `behind`
  std::string behind;
};

std::vector<Tail> Tails() {
  const std::string reserved = FrameBytes({static_cast<Opcode>(3), ""});
  const std::string bad_text = FrameBytes({Opcode::kText, std::string(200, '\xff')});
  return {
      {"reserved opcode", "", reserved},
      {"reserved bit", "", FrameBytes({.payload = "x", .reserved = 4})},
      {"unmasked", "", FrameBytes({.payload = "x", .masked = false})},
      {"not UTF-8", "", FrameBytes({Opcode::kText, "\xff\xff"})},
      {"the rest of what is not UTF-8", bad_text.substr(0, 8), bad_text.substr(8)},
      {"too large", "", FrameBytes({Opcode::kText, std::string(2000, 'x')})},
      {"pings and a reserved opcode", "", Pings(20) + reserved},
      {"pings, a message and a Close", "",
       Pings(20) + FrameBytes({Opcode::kText, "x"}) + FrameBytes(test::CloseFrame(1000))},
      {"Close twice", "", FrameBytes(test::CloseFrame(1000)) + FrameBytes(test::CloseFrame(1000))},
  };
}

// One Close comes, whoever was faster, and nothing behind it.
bool EndsInOrder(WebSocketClient& client) {
  std::optional<Frame> frame = client.TryReadFrame();
  while (frame && frame->opcode == Opcode::kPong) frame = client.TryReadFrame();
  return frame && frame->opcode == Opcode::kClose && !client.TryReadFrame() && !client.was_reset();
}

// Sends the tail as soon as the answer is there, while the Close is on its way.
void Race(std::uint16_t port, const Tail& tail, std::atomic<int>& in_order) try {
  for (int i = 0; i < kSocketsOfAThread; ++i) {
    auto client = WebSocketClient::Connect(port);
    client.SendRaw(FrameBytes({Opcode::kText, "question"}) + tail.before);
    if (client.ReadText() != "answer") continue;
    client.TrySendRaw(tail.behind);
    if (EndsInOrder(client)) ++in_order;
  }
} catch (const test::ClientError& error) {
  ADD_FAILURE() << tail.name << ": " << error.what();
}

void RaceAll(const WebSocketServer::Script& script) {
  WebSocket::Options options;
  options.max_message_bytes = 1000;
  options.close_timeout = 20s;
  WebSocketServer server(script, options);
  for (const Tail& tail : Tails()) {
    SCOPED_TRACE(tail.name);
    std::atomic<int> in_order = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] { Race(server.port(), tail, in_order); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(test::WaitUntil([&] { return server.connections() == 0; }));
    EXPECT_EQ(in_order, kThreads * kSocketsOfAThread);
  }
}

TEST(WebSocketRace, FramesBehindTheAnswerNeverKeepTheConnection) { RaceAll(AnswerAndClose); }

TEST(WebSocketRace, FramesBesideACancelledReadNeverKeepTheConnection) {
  RaceAll(AnswerAndCloseBesideACancelledRead);
}

}  // namespace
}  // namespace puente

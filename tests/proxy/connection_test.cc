#include "proxy/http/connection.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace puente {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::size_t kCapacity = 64;

// A connection over a socket pair: the test is its client, and runs its events.
class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    asio::local::stream_protocol::socket server(context_);
    asio::local::connect_pair(server, client_);
    const auto descriptor = server.release();
    StreamSocket socket(context_, asio::generic::stream_protocol(AF_UNIX, 0), descriptor);
    connection_ = std::make_shared<Connection>(std::move(socket), nullptr, kCapacity);
  }

  ~ConnectionTest() override {
    connection_->Close();
    context_.restart();
    context_.poll();
  }

  void Send(std::string_view bytes) { asio::write(client_, asio::buffer(bytes)); }

  // Runs events, and expires the connection as the worker's sweep does, until `done`.
  bool RunUntil(const std::function<bool()>& done) {
    const auto give_up = steady_clock::now() + seconds(10);
    while (!done()) {
      if (steady_clock::now() > give_up) return false;
      context_.restart();
      context_.run_one_for(milliseconds(5));
      if (connection_->deadline() <= steady_clock::now()) connection_->Expire();
    }
    return true;
  }

  // The result of `task`; nullopt when it does not end.
  std::optional<bool> Run(Task<bool> task) {
    auto result = std::make_shared<std::optional<bool>>();
    Start(std::move(task), result);
    RunUntil([&] { return result->has_value(); });
    return *result;
  }

  void Start(Task<bool> task, std::shared_ptr<std::optional<bool>> result) {
    asio::co_spawn(
        context_.get_executor(),
        [](Task<bool> task, std::shared_ptr<std::optional<bool>> result) -> Task<> {
          *result = co_await std::move(task);
        }(std::move(task), std::move(result)),
        asio::detached);
  }

  asio::io_context context_{1};
  asio::local::stream_protocol::socket client_{context_};
  std::shared_ptr<Connection> connection_;
};

TEST_F(ConnectionTest, FillAppendsWhatTheClientSends) {
  EXPECT_EQ(connection_->input(), "");
  Send("hello");
  EXPECT_EQ(Run(connection_->Fill()), true);
  EXPECT_EQ(connection_->input(), "hello");
  connection_->Consume(3);
  EXPECT_EQ(connection_->input(), "lo");
  Send(" world");
  EXPECT_EQ(Run(connection_->Fill()), true);
  EXPECT_EQ(connection_->input(), "lo world");
  connection_->Consume(8);
  EXPECT_EQ(connection_->input(), "");
}

TEST_F(ConnectionTest, BuffersNoMoreThanItsCapacity) {
  Send(std::string(10 * kCapacity, 'x'));
  while (!connection_->InputFull()) ASSERT_EQ(Run(connection_->Fill()), true);
  EXPECT_EQ(connection_->input().size(), kCapacity);
  connection_->Consume(10);
  EXPECT_FALSE(connection_->InputFull());
  EXPECT_EQ(Run(connection_->Fill()), true);
  EXPECT_EQ(connection_->input().size(), kCapacity);
}

TEST_F(ConnectionTest, FillIsFalseWhenTheClientCloses) {
  Send("rest");
  client_.shutdown(asio::local::stream_protocol::socket::shutdown_send);
  EXPECT_EQ(Run(connection_->Fill()), true);
  EXPECT_EQ(Run(connection_->Fill()), false);
  EXPECT_TRUE(connection_->closed());
  EXPECT_FALSE(connection_->expired());
  EXPECT_EQ(connection_->input(), "rest");
  EXPECT_EQ(Run(connection_->Fill()), false);
}

TEST_F(ConnectionTest, FillIsFalseWhenItIsClosedHere) {
  auto result = std::make_shared<std::optional<bool>>();
  Start(connection_->Fill(), result);
  context_.poll();
  EXPECT_FALSE(result->has_value());
  connection_->Close();
  EXPECT_TRUE(RunUntil([&] { return result->has_value(); }));
  EXPECT_EQ(*result, false);
}

TEST_F(ConnectionTest, ADeadlineEndsTheWaitButNotTheConnection) {
  connection_->SetDeadline(steady_clock::now() + milliseconds(20));
  EXPECT_EQ(Run(connection_->Fill()), false);
  EXPECT_FALSE(connection_->closed());
  EXPECT_TRUE(connection_->expired());
  EXPECT_EQ(connection_->deadline(), SteadyTime::max());
  EXPECT_EQ(Run(connection_->Fill()), false) << "until it is acknowledged";
  EXPECT_EQ(Run(connection_->Write("late", {}, seconds(10))), false);

  EXPECT_TRUE(connection_->AcknowledgeExpiry());
  EXPECT_FALSE(connection_->AcknowledgeExpiry());
  EXPECT_EQ(Run(connection_->Write("408", {}, seconds(10))), true);
  std::string answer(3, '\0');
  asio::read(client_, asio::buffer(answer));
  EXPECT_EQ(answer, "408");
  Send("more");
  EXPECT_EQ(Run(connection_->Fill()), true);
  EXPECT_EQ(connection_->input(), "more");
}

TEST_F(ConnectionTest, NoDeadlineIsNoLimit) {
  connection_->SetDeadline(steady_clock::now() + milliseconds(1));
  connection_->ClearDeadline();
  Send("x");
  EXPECT_EQ(Run(connection_->Fill()), true);
  EXPECT_FALSE(connection_->AcknowledgeExpiry());
}

TEST_F(ConnectionTest, ReadAheadTellsOnceThatTheClientLeft) {
  int left = 0;
  connection_->StartReadAhead([&left] { ++left; });
  connection_->CheckPeer();
  Send("pipelined");
  EXPECT_TRUE(RunUntil([&] { return connection_->input() == "pipelined"; }));
  EXPECT_EQ(left, 0);
  client_.close();
  EXPECT_TRUE(RunUntil([&] { return left > 0; }));
  context_.restart();
  context_.poll();
  EXPECT_EQ(left, 1);
  EXPECT_TRUE(connection_->closed());
  EXPECT_EQ(connection_->input(), "pipelined");
}

TEST_F(ConnectionTest, ReadAheadTellsAtOnceOfAClientThatHasLeftAlready) {
  client_.close();
  EXPECT_EQ(Run(connection_->Fill()), false);
  int left = 0;
  connection_->StartReadAhead([&left] { ++left; });
  EXPECT_EQ(left, 1);
}

TEST_F(ConnectionTest, WhatIsReadAheadIsForTheNextFill) {
  connection_->StartReadAhead([] { FAIL() << "nobody left"; });
  connection_->CheckPeer();
  Send("one");
  EXPECT_TRUE(RunUntil([&] { return connection_->input() == "one"; }));
  connection_->StopReadAhead();
  auto result = std::make_shared<std::optional<bool>>();
  Start(connection_->Fill(), result);
  context_.restart();
  context_.poll();
  EXPECT_FALSE(result->has_value());
  Send("two");
  EXPECT_TRUE(RunUntil([&] { return result->has_value(); }));
  EXPECT_EQ(connection_->input(), "onetwo");
}

TEST_F(ConnectionTest, NothingIsReadAheadBeforeTheSweepAsks) {
  connection_->StartReadAhead([] { FAIL() << "nobody asked"; });
  client_.close();
  context_.poll();
  connection_->StopReadAhead();
  connection_->CheckPeer();
  context_.restart();
  context_.poll();
  EXPECT_FALSE(connection_->closed());
}

TEST_F(ConnectionTest, ALargePieceIsTakenAtOnceAndBeyondTheCapacity) {
  constexpr auto kLarge = static_cast<std::size_t>(Connection::Piece::kLarge);
  static_assert(kLarge > kCapacity);
  connection_->ReadPieces(Connection::Piece::kLarge);
  Send(std::string(2 * kLarge, 'x'));
  EXPECT_EQ(Run(connection_->Fill()), true);
  EXPECT_EQ(connection_->input().size(), kLarge);
  connection_->Consume(kLarge);
  connection_->ReadPieces(Connection::Piece::kHead);
  EXPECT_EQ(Run(connection_->Fill()), true);
  EXPECT_LE(connection_->input().size(), kCapacity);
}

TEST_F(ConnectionTest, AfterStopReadAheadNobodyIsTold) {
  bool told = false;
  connection_->StartReadAhead([&told] { told = true; });
  connection_->CheckPeer();
  connection_->StopReadAhead();
  client_.close();
  EXPECT_TRUE(RunUntil([&] { return connection_->closed(); }));
  EXPECT_FALSE(told);
}

TEST_F(ConnectionTest, ReadAheadStopsAtItsCapacity) {
  connection_->StartReadAhead([] {});
  connection_->CheckPeer();
  Send(std::string(2 * kCapacity, 'x'));
  EXPECT_TRUE(RunUntil([&] { return connection_->InputFull(); }));
  context_.restart();
  context_.poll();
  EXPECT_EQ(connection_->input().size(), kCapacity);
}

TEST_F(ConnectionTest, WriteSendsHeadAndBodyInOrder) {
  const std::string body(1 << 20, 'b');
  auto result = std::make_shared<std::optional<bool>>();
  Start(connection_->Write("head\r\n", body, seconds(10)), result);
  std::string received(6 + body.size(), '\0');
  bool read = false;
  asio::async_read(client_, asio::buffer(received), [&](boost::system::error_code ec, std::size_t) {
    EXPECT_FALSE(ec);
    read = true;
  });
  EXPECT_TRUE(RunUntil([&] { return read && result->has_value(); }));
  EXPECT_EQ(*result, true);
  EXPECT_TRUE(received == "head\r\n" + body);
  EXPECT_EQ(connection_->deadline(), SteadyTime::max());
}

TEST_F(ConnectionTest, WriteToAStalledClientTimesOut) {
  const std::string body(16 << 20, 'b');
  const auto started = steady_clock::now();
  EXPECT_EQ(Run(connection_->Write({}, body, milliseconds(50))), false);
  EXPECT_GE(steady_clock::now() - started, milliseconds(50));
  EXPECT_TRUE(connection_->expired());
  EXPECT_EQ(connection_->deadline(), SteadyTime::max());
}

TEST_F(ConnectionTest, WriteIsFalseWhenTheClientIsGone) {
  client_.close();
  const std::string body(16 << 20, 'b');
  EXPECT_EQ(Run(connection_->Write("head", body, seconds(10))), false);
  EXPECT_FALSE(connection_->expired());
}

}  // namespace
}  // namespace puente

// How messages flow over a WebSocket: each at once, in order, and no more than the other side
// takes.
#include <array>
#include <atomic>
#include <numeric>

#include "tests/integration/web_socket_calls.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;
using grpc::Status;

constexpr std::size_t kMessageBytes = 64 << 10;
constexpr int kMessages = 1000;
// What the sockets and gRPC's windows between the two ends may hold.
constexpr int kMostInFlight = (16 << 20) / kMessageBytes;

TEST(WebSocketFlow, EachAnswerIsThereBeforeTheNextIsMade) {
  Turns turns;
  StreamsProxy api;
  api.upstream.OnStream(kWatchNotes, [&](UpstreamStream& stream) {
    for (int i = 0; turns.Take() && i < 5; ++i) stream.Write(NoteOf(std::to_string(i)));
    return Status::OK;
  });
  WebSocketClient client = OpenSocket(api, kWatchPath);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(client.HasInput(10ms));
    turns.Give();
    EXPECT_EQ(client.ReadText(), NoteText(std::to_string(i)));
  }
  turns.Give();
  EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
}

TEST(WebSocketFlow, EachRequestIsWithTheUpstreamBeforeTheNextIsSent) {
  StreamsProxy api;
  api.upstream.OnStream(kSendNotes, CountAll);
  WebSocketClient client = OpenSocket(api, kSendPath);
  for (std::size_t i = 1; i <= 5; ++i) {
    client.SendText("{}");
    ASSERT_TRUE(api.WaitForRequests(i));
  }
}

TEST(WebSocketFlow, BothDirectionsAreInterleaved) {
  StreamsProxy api;
  api.upstream.OnStream(kTalk, EchoAll);
  WebSocketClient client = OpenSocket(api, kTalkPath);
  for (const char* text : {"a", "b", "c"}) {
    client.SendText(NoteText(text));
    EXPECT_EQ(client.ReadText(), RoomText(text));
  }
}

TEST(WebSocketFlow, UpstreamMaySpeakFirst) {
  StreamsProxy api;
  api.upstream.OnStream(kTalk, [](UpstreamStream& stream) {
    stream.Write(NoteOf("who is there"));
    return EchoAll(stream);
  });
  WebSocketClient client = OpenSocket(api, kTalkPath);
  EXPECT_EQ(client.ReadText(), NoteText("who is there"));
  client.SendText(NoteText("a"));
  EXPECT_EQ(client.ReadText(), RoomText("a"));
}

TEST(WebSocketFlow, ThousandMessagesKeepTheirOrder) {
  StreamsProxy api;
  api.upstream.OnStream(kTalk, EchoAll);
  WebSocketClient client = OpenSocket(api, kTalkPath);
  for (int i = 0; i < kMessages; ++i) client.SendText(NoteText(std::to_string(i)));
  SendEnd(client);
  for (int i = 0; i < kMessages; ++i) ASSERT_EQ(client.ReadText(), RoomText(std::to_string(i)));
  EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
}

TEST(WebSocketFlow, SixtyFourSocketsAtOnceAreServed) {
  StreamsProxy api;
  api.upstream.OnStream(kTalk, EchoAll);
  std::vector<WebSocketClient> clients;
  for (int i = 0; i < 64; ++i) clients.push_back(OpenSocket(api, kTalkPath));
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      clients[i].SendText(NoteText(fmt::format("{}.{}", i, round)));
    }
    for (std::size_t i = 0; i < clients.size(); ++i) {
      ASSERT_EQ(clients[i].ReadText(), RoomText(fmt::format("{}.{}", i, round)));
    }
  }
  for (WebSocketClient& client : clients) SendEnd(client);
  for (WebSocketClient& client : clients) EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
  clients.clear();
  EXPECT_TRUE(api.WaitUntilIdle());
}

TEST(WebSocketFlow, PingsOfTheClientAreAnsweredWhileNothingElseIsSaid) {
  for (const char* target : {kEditPath, kWatchPath, kSendPath, kTalkPath}) {
    for (const bool all_sent : {false, true}) {
      StreamsProxy api;
      const auto wait = [](UpstreamStream& stream) {
        stream.WaitCancelled();
        return Status::OK;
      };
      for (const char* method : {kEditNote, kWatchNotes, kSendNotes, kTalk}) {
        api.upstream.OnStream(method, wait);
      }
      WebSocketClient client = OpenSocket(api, target);
      if (all_sent) SendEnd(client);
      for (const char* payload : {"", "still there?"}) {
        client.Send({Opcode::kPing, payload});
        const Frame pong = client.ReadFrame();
        EXPECT_EQ(pong.opcode, Opcode::kPong) << target;
        EXPECT_EQ(pong.payload, payload);
      }
    }
  }
}

class WebSocketPressure : public testing::Test {
 protected:
  WebSocketPressure() {
    const auto answer_a_lot = [this](UpstreamStream& stream) {
      stream.Read();
      const std::string message = NoteOf(std::string(kMessageBytes, 'x')).SerializeAsString();
      for (int i = 0; i < kMessages && stream.Write(message); ++i) ++written_;
      return Status::OK;
    };
    api_.upstream.OnStream(kTalk, answer_a_lot);
    api_.upstream.OnStream(kWatchNotes, answer_a_lot);
  }

  // Sends until the proxy takes no more.
  static int SendAllThatGoes(WebSocketClient& client) {
    const std::string text = NoteText(std::string(kMessageBytes, 'x'));
    int sent = 0;
    EXPECT_THROW(for (; sent < kMessages; ++sent) client.SendText(text), ClientError);
    return sent;
  }

  std::atomic<int> written_{0};
  StreamsProxy api_{"limits: {idle_timeout: 3s}"};
};

TEST_F(WebSocketPressure, ClientThatDoesNotReadStopsTheUpstream) {
  WebSocketClient client = OpenSocket(api_, kTalkPath, {}, {.receive_buffer_bytes = 8192});
  client.SendText("{}");
  ASSERT_TRUE(Settles(written_));
  EXPECT_GT(written_, 0);
  EXPECT_LT(written_, kMostInFlight);
  for (int i = 0; i < kMessages; ++i) {
    ASSERT_EQ(client.ReadText().size(), NoteText("").size() + kMessageBytes);
  }
  EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
}

// What the client sends meanwhile is no sign that it takes the answers.
TEST_F(WebSocketPressure, ClientThatNeverReadsIsGivenUpAlthoughItSends) {
  WebSocketClient client = OpenSocket(api_, kTalkPath, {}, {.receive_buffer_bytes = 8192});
  client.SendText("{}");
  ASSERT_TRUE(Settles(written_));
  client.SendText("{}");
  EXPECT_TRUE(api_.upstream.WaitForCancelled(1));
  EXPECT_TRUE(api_.WaitUntilIdle());
}

TEST_F(WebSocketPressure, ClientThatLeavesWhileItDoesNotReadCancelsTheCall) {
  const auto leave = std::to_array<void (*)(WebSocketClient&)>(
      {[](WebSocketClient& client) { client.Reset(); },
       [](WebSocketClient& client) { client.HalfClose(); },
       [](WebSocketClient& client) { client.SendClose(1001); }});
  std::size_t cancelled = 0;
  for (const auto& leave_one : leave) {
    SCOPED_TRACE(cancelled);
    written_ = 0;
    WebSocketClient client = OpenSocket(api_, kWatchPath, {}, {.receive_buffer_bytes = 8192});
    ASSERT_TRUE(Settles(written_));
    leave_one(client);
    EXPECT_TRUE(api_.upstream.WaitForCancelled(++cancelled));
    EXPECT_TRUE(api_.WaitUntilIdle());
  }
}

TEST_F(WebSocketPressure, UpstreamThatDoesNotReadStopsTheClient) {
  Turns turns;
  api_.upstream.OnStream(kSendNotes, [&](UpstreamStream& stream) {
    turns.Take();
    return CountAll(stream);
  });
  WebSocketClient client = OpenSocket(api_, kSendPath, {}, {.patience = 1s});
  const int sent = SendAllThatGoes(client);
  EXPECT_GT(sent, 0);
  EXPECT_LT(sent, kMostInFlight);
  turns.Give();
  EXPECT_TRUE(api_.WaitForRequests(static_cast<std::size_t>(sent)));
}

// Nothing is read from the client then: its end is noticed all the same, where it is not behind
// more than is read ahead.
TEST_F(WebSocketPressure, ClientThatLeavesWhileItIsStoppedCancelsTheCall) {
  const auto leave = std::to_array<void (*)(WebSocketClient&)>(
      {[](WebSocketClient& client) {
         SendAllThatGoes(client);
         client.Reset();
       },
       [](WebSocketClient& client) {
         client.SendText(NoteText(std::string(3 << 20, 'x')));
         client.HalfClose();
       }});
  std::size_t cancelled = 0;
  for (const char* target : {kSendPath, kTalkPath}) {
    for (const auto& leave_one : leave) {
      SCOPED_TRACE(cancelled);
      const auto wait = [](UpstreamStream& stream) {
        stream.WaitCancelled();
        return Status::OK;
      };
      api_.upstream.OnStream(kSendNotes, wait);
      api_.upstream.OnStream(kTalk, wait);
      WebSocketClient client = OpenSocket(api_, target, {}, {.patience = 1s});
      leave_one(client);
      ASSERT_TRUE(api_.upstream.WaitForCancelled(++cancelled));
      EXPECT_TRUE(api_.WaitUntilIdle());
    }
  }
}

}  // namespace
}  // namespace puente::test

// Time over a WebSocket: deadlines, the end of the proxy, and what is measured.
#include <csignal>

#include "tests/integration/binary_under_test.h"
#include "tests/integration/web_socket_calls.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;
using grpc::Status;
using std::chrono::steady_clock;

constexpr char kTooLate[] = "the upstream did not answer in time";

Status WaitUntilCancelled(UpstreamStream& stream) {
  stream.WaitCancelled();
  return Status::OK;
}

void HoldAll(FakeUpstream& upstream) {
  for (const char* method : {kEditNote, kWatchNotes, kSendNotes, kTalk}) {
    upstream.OnStream(method, WaitUntilCancelled);
  }
}

TEST(WebSocketTime, RouteTimeoutCountsFromTheLastMessageToTheFirstAnswer) {
  StreamsProxy api(StreamsTimeout("300ms"));
  HoldAll(api.upstream);
  for (const char* target : {kEditPath, kWatchPath, kSendPath}) {
    SCOPED_TRACE(target);
    WebSocketClient client = OpenSocket(api, target);
    if (target != std::string(kWatchPath)) {
      EXPECT_FALSE(client.HasInput(500ms)) << "the client may take its time";
      SendEnd(client);
    }
    EXPECT_THAT(client.FinishClose(), ClosesWith(4004, kTooLate));
  }
  EXPECT_TRUE(api.upstream.WaitForCancelled(3));
}

TEST(WebSocketTime, RouteTimeoutIsNotForWhatComesBehindTheFirstAnswer) {
  StreamsProxy api(StreamsTimeout("300ms"));
  Turns turns;
  api.upstream.OnStream(kWatchNotes, [&](UpstreamStream& stream) {
    stream.Write(NoteOf("a"));
    turns.Take();
    stream.Write(NoteOf("b"));
    return Status::OK;
  });
  WebSocketClient client = OpenSocket(api, kWatchPath);
  EXPECT_EQ(client.ReadText(), NoteText("a"));
  EXPECT_FALSE(client.HasInput(500ms));
  turns.Give();
  EXPECT_EQ(client.ReadText(), NoteText("b"));
}

// The answer of a method that answers once is there when its call has ended.
TEST(WebSocketTime, RouteTimeoutIsForTheEndOfACallThatAnswersOnce) {
  StreamsProxy api(StreamsTimeout("300ms"));
  api.upstream.OnStream(kSendNotes, [](UpstreamStream& stream) {
    stream.Write(streams::v1::Summary());
    stream.WaitCancelled();
    return Status::OK;
  });
  WebSocketClient client = OpenSocket(api, kSendPath);
  SendEnd(client);
  EXPECT_THAT(client.FinishClose(), ClosesWith(4004, kTooLate));
}

TEST(WebSocketTime, ConversationMayPause) {
  StreamsProxy api("limits: {idle_timeout: 200ms, header_timeout: 200ms}\n" +
                   StreamsTimeout("200ms"));
  api.upstream.OnStream(kTalk, EchoAll);
  WebSocketClient client = OpenSocket(api, kTalkPath);
  for (const char* text : {"a", "b"}) {
    EXPECT_FALSE(client.HasInput(500ms));
    client.SendText(NoteText(text));
    EXPECT_EQ(client.ReadText(), RoomText(text));
  }
  SendEnd(client);
  EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
}

// A pong is a sign of life, and no message.
void SendPongsUntilAnswered(WebSocketClient& client) {
  const auto end = steady_clock::now() + kPatience;
  bool answered = false;
  while (!answered && steady_clock::now() < end) {
    client.Send({Opcode::kPong, ""});
    answered = client.HasInput(50ms);
  }
}

TEST(WebSocketTime, UploadMayNotPauseForLong) {
  StreamsProxy api("limits: {idle_timeout: 400ms, header_timeout: 400ms}");
  api.upstream.OnStream(kSendNotes, CountAll);
  WebSocketClient client = OpenSocket(api, kSendPath);
  for (const char* text : {"a", "b", "c"}) {
    client.SendText(NoteText(text));
    EXPECT_FALSE(client.HasInput(200ms));
  }
  SendPongsUntilAnswered(client);
  EXPECT_THAT(client.FinishClose(), ClosesWith(4004, "the next message comes too slowly"));
  EXPECT_TRUE(api.upstream.WaitForCancelled(1));
}

TEST(WebSocketTime, MessageInPiecesIsNoPause) {
  StreamsProxy api("limits: {idle_timeout: 400ms, header_timeout: 400ms}");
  api.upstream.OnStream(kSendNotes, CountAll);
  WebSocketClient client = OpenSocket(api, kSendPath);
  client.Send({.payload = "{\"text\":\"", .fin = false});
  for (int i = 0; i < 4; ++i) {
    client.Send({.opcode = Opcode::kContinuation, .payload = "x", .fin = false});
    EXPECT_FALSE(client.HasInput(200ms));
  }
  client.Send({.opcode = Opcode::kContinuation, .payload = "\"}"});
  SendEnd(client);
  EXPECT_EQ(client.ReadText(), R"({"messages":1,"bytes":"9"})");
  EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
}

TEST(WebSocketTime, GrpcTimeoutBoundsTheWhole) {
  StreamsProxy api;
  HoldAll(api.upstream);
  for (const char* target : {kEditPath, kWatchPath, kSendPath, kTalkPath}) {
    SCOPED_TRACE(target);
    const auto started = steady_clock::now();
    WebSocketClient client = OpenSocket(api, target, {{"grpc-timeout", "400m"}});
    EXPECT_THAT(client.FinishClose(), ClosesWith(4004, kTooLate));
    EXPECT_GE(steady_clock::now() - started, 390ms);
  }
  EXPECT_TRUE(api.upstream.Calls()[0].deadline.has_value());
}

TEST(WebSocketDrain, OpenSocketGoesOnAndIsToldInTheEnd) {
  StreamsProxy api("drain: {delay: 0s, timeout: 2s}");
  HoldAll(api.upstream);
  api.upstream.OnStream(kTalk, EchoAll);
  std::vector<WebSocketClient> clients;
  for (const char* target : {kTalkPath, kEditPath, kWatchPath, kSendPath, kSendPath}) {
    clients.push_back(OpenSocket(api, target));
  }
  WebSocketClient& talk = clients.front();
  SendEnd(clients.back());
  ASSERT_TRUE(api.upstream.WaitForCalls(5));
  const auto started = steady_clock::now();
  api.proxy.app().BeginDrain();
  talk.SendText(NoteText("a"));
  EXPECT_EQ(talk.ReadText(), RoomText("a"));
  for (WebSocketClient& client : clients) {
    EXPECT_THAT(client.FinishClose(), ClosesWith(1001, "the proxy shuts down"));
  }
  EXPECT_GT(steady_clock::now() - started, 1s);
  clients.clear();
  EXPECT_TRUE(api.proxy.app().WaitUntilDrained()) << "nothing had to be cut";
  EXPECT_TRUE(api.upstream.WaitForCancelled(4));
}

TEST(WebSocketDrain, SocketThatEndsInTimeEndsTheDrain) {
  StreamsProxy api("drain: {delay: 0s, timeout: 20s}");
  api.upstream.OnStream(kTalk, EchoAll);
  WebSocketClient client = OpenSocket(api, kTalkPath);
  const auto started = steady_clock::now();
  api.proxy.app().BeginDrain();
  SendEnd(client);
  EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
  client.Reset();
  EXPECT_TRUE(api.proxy.app().WaitUntilDrained());
  EXPECT_LT(steady_clock::now() - started, 10s);
}

TEST(WebSocketDrain, SignalEndsThemInOrder) {
  FakeUpstream upstream;
  upstream.OnStream(kTalk, EchoAll);
  const TempDir dir;
  const std::string config = StreamsConfig(upstream.target(), "drain: {delay: 0s, timeout: 1s}");
  BinaryUnderTest binary({"run", "--config", dir.Write("puente.yaml", config)});
  const std::uint16_t port = binary.WaitForPort("listener rest serves HTTP on 127.0.0.1:");
  WebSocketClient client = WebSocketClient::Connect(port, kTalkPath);
  client.SendText(NoteText("a"));
  EXPECT_EQ(client.ReadText(), RoomText("a"));
  binary.Signal(SIGTERM);
  EXPECT_THAT(client.FinishClose(), ClosesWith(1001, "the proxy shuts down"));
  client.Reset();
  EXPECT_EQ(binary.WaitForExit(), 0);
}

// A client that answers nothing can't keep the proxy from ending.
TEST(WebSocketDrain, DeafClientIsCut) {
  StreamsProxy api("drain: {delay: 0s, timeout: 1s}");
  HoldAll(api.upstream);
  const WebSocketClient client = OpenSocket(api, kTalkPath);
  ASSERT_TRUE(api.upstream.WaitForCalls(1));
  const auto started = steady_clock::now();
  api.proxy.app().BeginDrain();
  EXPECT_FALSE(api.proxy.app().WaitUntilDrained());
  EXPECT_LT(steady_clock::now() - started, 3s);
  EXPECT_TRUE(api.upstream.WaitForCancelled(1));
  api.proxy.Stop();
}

TEST(WebSocketMetrics, CountTheCallAndTheRequest) {
  StreamsProxy api;
  api.upstream.OnStream(kTalk, [](UpstreamStream& stream) {
    return stream.Read() ? Status(grpc::StatusCode::ABORTED, "no") : Status::OK;
  });
  const auto calls = [&](const std::string& status) {
    return api.proxy.Metric(
        R"(grpc_requests_total{method="Talk",service="streams.v1.Notes",status=")" + status +
        R"(",traffic="live",upstream="streams"})");
  };
  const std::string active = R"(grpc_active_connections{listener="rest"})";
  {
    WebSocketClient good = OpenSocket(api, kTalkPath);
    WebSocketClient bad = OpenSocket(api, kTalkPath);
    EXPECT_EQ(api.proxy.Metric(active), 2);
    SendEnd(good);
    bad.SendText("{}");
    EXPECT_THAT(good.FinishClose(), ClosesWith(1000));
    EXPECT_THAT(bad.FinishClose(), ClosesWith(4010));
  }
  EXPECT_TRUE(api.WaitUntilIdle());
  EXPECT_EQ(calls("OK"), 1);
  EXPECT_EQ(calls("ABORTED"), 1);
  EXPECT_EQ(api.proxy.Metric(
                R"(http_server_request_duration_seconds_count{http_request_method="GET",)"
                R"(http_response_status_code="101",http_route="/v1/rooms/{room}/notes:talk"})"),
            2);
}

}  // namespace
}  // namespace puente::test

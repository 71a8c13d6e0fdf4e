// What the access log says of streams, whose status is known before their end is.
#include "tests/integration/access_log_lines.h"
#include "tests/integration/streams_proxy.h"
#include "tests/integration/web_socket_calls.h"

namespace puente::test {
namespace {

using testing::AllOf;

class AccessLogOfStreams : public testing::Test {
 protected:
  AccessLogOfStreams() {
    upstream().OnStream(kTalk, EchoAll);
    upstream().OnStream(kWatchNotes, WriteOneAndWait);
  }

  static grpc::Status WriteOneAndWait(UpstreamStream& stream) {
    stream.Write(NoteOf("a"));
    stream.WaitCancelled();
    return grpc::Status::OK;
  }

  FakeUpstream& upstream() { return api_.upstream; }

  AccessLogLines log_;
  StreamsProxy api_{log_.Config() + "\nlimits: {idle_timeout: 1s}"};
};

TEST_F(AccessLogOfStreams, AllItsMessagesCount) {
  upstream().OnStream(kWatchNotes, [](UpstreamStream& stream) {
    stream.Write(NoteOf("a"));
    stream.Write(NoteOf("b"));
    return grpc::Status::OK;
  });
  EXPECT_EQ(api_.proxy.Get(kWatchPath).body, R"([{"text":"a"},{"text":"b"}])");
  EXPECT_THAT(log_.Next(), AllOf(Says(R"({"status": 200, "grpc_code": "OK", "bytes_out": 27,
                                          "upstream": "streams"})"),
                                 HasNo("flags")));
}

TEST_F(AccessLogOfStreams, AnUploadHasItsBytes) {
  const std::string body = R"([{"text":"a"},{"text":"b"}])";
  const auto answer = api_.proxy.Post(kTalkPath, body);
  EXPECT_THAT(log_.Next(), Says(fmt::format(R"({{"status": 200, "bytes_in": {}, "bytes_out": {}}})",
                                            body.size(), answer.body.size())));
}

TEST_F(AccessLogOfStreams, ABadElementIsTheClientsMistake) {
  api_.proxy.Post(kTalkPath, R"([{"text":1}])");
  EXPECT_THAT(log_.Next(), Says(R"({"status": 400, "grpc_code": "INVALID_ARGUMENT",
                                    "upstream": "streams", "flags": ["bad_request"]})"));
}

TEST_F(AccessLogOfStreams, AFailureAfterTheFirstMessageIsInTheCode) {
  upstream().OnStream(kWatchNotes, [](UpstreamStream& stream) {
    stream.Write(NoteOf("a"));
    return grpc::Status(grpc::StatusCode::DATA_LOSS, "gone");
  });
  EXPECT_FALSE(api_.proxy.Get(kWatchPath).complete);
  EXPECT_THAT(log_.Next(),
              AllOf(Says(R"({"status": 200, "grpc_code": "DATA_LOSS"})"), HasNo("flags")));
}

TEST_F(AccessLogOfStreams, AMessageThatCannotBePassedOnIsBad) {
  upstream().OnStream(kWatchNotes, [](UpstreamStream& stream) {
    stream.Write(NoteOf("a"));
    stream.Write(std::string("\xff\xff"));
    return grpc::Status::OK;
  });
  EXPECT_FALSE(api_.proxy.Get(kWatchPath).complete);
  EXPECT_THAT(log_.Next(),
              Says(R"({"status": 200, "grpc_code": "INTERNAL", "flags": ["bad_answer"]})"));
}

TEST_F(AccessLogOfStreams, AClientThatLeavesIsNamed) {
  for (void (HttpClient::*leave)() :
       {&HttpClient::Close, &HttpClient::Reset, &HttpClient::HalfClose}) {
    auto client = api_.proxy.Connect();
    client.Send("GET", kWatchPath);
    client.ReadHead();
    client.ReadChunk();
    (client.*leave)();
    EXPECT_THAT(log_.Next(), Says(R"({"status": 200, "grpc_code": "CANCELLED",
                                      "flags": ["client_left"]})"));
  }
}

TEST_F(AccessLogOfStreams, AClientThatTakesNothingIsSlow) {
  upstream().OnStream(kWatchNotes, [](UpstreamStream& stream) {
    const auto note = NoteOf(std::string(1 << 20, 'a'));
    while (stream.Write(note)) {
    }
    return grpc::Status::OK;
  });
  auto client = api_.proxy.Connect({.receive_buffer_bytes = 4096});
  client.Send("GET", kWatchPath);
  EXPECT_THAT(log_.Next(), Says(R"({"status": 200, "grpc_code": "CANCELLED",
                                    "flags": ["client_slow"]})"));
}

TEST_F(AccessLogOfStreams, AWebSocketCountsItsMessages) {
  WebSocketClient client = OpenSocket(api_, kTalkPath);
  client.SendText(NoteText("a"));
  const std::string answer = client.ReadText();
  SendEnd(client);
  EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
  EXPECT_THAT(log_.Next(),
              AllOf(Says(fmt::format(R"({{"method": "GET", "route": "/v1/rooms/{{room}}/notes:talk",
                                          "status": 101, "grpc_code": "OK", "bytes_in": {},
                                          "bytes_out": {}}})",
                                     NoteText("a").size(), answer.size())),
                    HasNo("flags")));
}

TEST_F(AccessLogOfStreams, AWebSocketSaysHowItEnded) {
  {
    WebSocketClient client = OpenSocket(api_, kTalkPath);
    client.SendText("{");
    client.FinishClose();
  }
  EXPECT_THAT(log_.Next(), Says(R"({"status": 101, "grpc_code": "INVALID_ARGUMENT",
                                    "flags": ["bad_request"]})"));
  OpenSocket(api_, kTalkPath).Reset();
  EXPECT_THAT(log_.Next(), Says(R"({"status": 101, "grpc_code": "CANCELLED",
                                    "flags": ["client_left"]})"));
  RequestSocket(api_, kTalkPath,
                {{"Sec-WebSocket-Version", "13"}, {"Origin", "https://evil.example"}});
  EXPECT_THAT(log_.Next(), Says(R"({"status": 403, "flags": ["forbidden"]})"));
}

TEST(AccessLogOfADrain, SaysThatAWebSocketWasEnded) {
  const AccessLogLines log;
  StreamsProxy api(log.Config() + "\ndrain: {delay: 0s, timeout: 1s}");
  api.upstream.OnStream(kTalk, EchoAll);
  WebSocketClient client = OpenSocket(api, kTalkPath);
  ASSERT_TRUE(api.upstream.WaitForCalls(1));
  api.proxy.app().BeginDrain();
  EXPECT_THAT(client.FinishClose(), ClosesWith(1001));
  api.proxy.app().WaitUntilDrained();
  api.proxy.Stop();
  EXPECT_THAT(log.All(), testing::ElementsAre(Says(R"({"status": 101, "flags": ["shutdown"]})")));
}

}  // namespace
}  // namespace puente::test

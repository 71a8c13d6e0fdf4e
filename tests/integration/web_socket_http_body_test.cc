// google.api.HttpBody over a WebSocket: frames are its data, whatever they hold.
#include "tests/integration/web_socket_calls.h"

namespace puente::test {
namespace {

using google::api::HttpBody;
using grpc::Status;
using streams::v1::Download;
using streams::v1::Upload;

constexpr char kStore[] = "/streams.v1.Files/Store";
constexpr char kMirror[] = "/streams.v1.Files/Mirror";

const std::string kBytes("\0\xff{\r\n", 5);

HttpBody BodyOf(const std::string& data) {
  HttpBody body;
  body.set_content_type("image/png");
  body.set_data(data);
  return body;
}

TEST(WebSocketHttpBody, FramesOfBothKindsAreItsData) {
  StreamsProxy api;
  api.upstream.OnStream(kMirror, EchoAll);
  WebSocketClient client = OpenSocket(api, "/v1/files:mirror");
  const Frame kFrames[] = {{Opcode::kBinary, kBytes},
                           {Opcode::kText, "{"},
                           {Opcode::kBinary, ""},
                           {Opcode::kBinary, "z"}};
  for (const Frame& frame : kFrames) {
    client.Send(frame);
    const Frame answer = client.ReadFrame();
    EXPECT_EQ(answer.opcode, Opcode::kBinary);
    EXPECT_EQ(answer.payload, frame.payload);
  }
  SendEnd(client);
  EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
  const auto bodies = api.Requests<HttpBody>();
  ASSERT_EQ(bodies.size(), 4u);
  EXPECT_EQ(bodies[0].content_type(), "application/octet-stream");
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(bodies[i].content_type(), "") << i;
}

TEST(WebSocketHttpBody, FirstTextFrameMakesItText) {
  StreamsProxy api;
  api.upstream.OnStream(kStore, CountAll);
  WebSocketClient client = OpenSocket(api, "/v1/files");
  client.SendText("not JSON");
  SendEnd(client);
  EXPECT_EQ(client.ReadText().substr(0, 14), R"({"messages":1,)");
  EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
  EXPECT_EQ(api.Requests<HttpBody>().at(0).content_type(), "text/plain;charset=utf-8");
  EXPECT_EQ(api.Requests<HttpBody>().at(0).data(), "not JSON");
}

TEST(WebSocketHttpBody, UnaryCallTakesOneFrameAndAnswersOne) {
  StreamsProxy api;
  api.upstream.OnUnary("/streams.v1.Files/Convert", UnaryReply::Message(BodyOf(kBytes)));
  for (const bool one_more : {false, true}) {
    if (one_more) api.upstream.HoldReplies();
    WebSocketClient client = OpenSocket(api, "/v1/files:convert");
    client.Send({Opcode::kBinary, "in"});
    if (one_more) {
      client.Send({Opcode::kBinary, "another"});
      EXPECT_THAT(client.FinishClose(), ClosesWith(4003, "a message after the last one"));
      continue;
    }
    const Frame answer = client.ReadFrame();
    EXPECT_EQ(answer.opcode, Opcode::kBinary);
    EXPECT_EQ(answer.payload, kBytes);
    EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
    EXPECT_EQ(api.Requests<HttpBody>().at(0).data(), "in");
  }
}

TEST(WebSocketHttpBody, NestedOneHasTheBindingsOnEveryMessage) {
  StreamsProxy api;
  api.upstream.OnStream("/streams.v1.Files/StoreIn", CountAll);
  WebSocketClient client = OpenSocket(api, "/v1/folders/f/files/n?overwrite=true");
  for (const char* data : {"a", "b"}) client.Send({Opcode::kBinary, data});
  SendEnd(client);
  client.ReadText();
  std::string data;
  for (const Upload& upload : api.Requests<Upload>()) {
    EXPECT_EQ(upload.folder(), "f");
    EXPECT_EQ(upload.name(), "n");
    EXPECT_TRUE(upload.overwrite());
    data += upload.file().data();
  }
  EXPECT_EQ(data, "ab");
}

TEST(WebSocketHttpBody, DownloadIsAFrameAMessage) {
  StreamsProxy api;
  const auto send = [](UpstreamStream& stream, const auto& message) {
    stream.Write(message);
    stream.Write(message);
    return Status::OK;
  };
  api.upstream.OnStream("/streams.v1.Files/Fetch",
                        [&](UpstreamStream& stream) { return send(stream, BodyOf(kBytes)); });
  api.upstream.OnStream("/streams.v1.Files/FetchFrom", [&](UpstreamStream& stream) {
    Download download;
    *download.mutable_file() = BodyOf(kBytes);
    return send(stream, download);
  });
  for (const char* target : {"/v1/rooms/r/file", "/v1/rooms/r/download"}) {
    WebSocketClient client = OpenSocket(api, target);
    for (int i = 0; i < 2; ++i) {
      const Frame frame = client.ReadFrame();
      EXPECT_EQ(frame.opcode, Opcode::kBinary);
      EXPECT_EQ(frame.payload, kBytes);
    }
    EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
  }
}

}  // namespace
}  // namespace puente::test

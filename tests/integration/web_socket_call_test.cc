// Rule 5: all four kinds of call over a WebSocket, and what its handshake gives to them.
#include "tests/integration/web_socket_calls.h"
#include "tests/support/temp_dir.h"

namespace puente::test {
namespace {

using grpc::Status;
using streams::v1::Note;
using streams::v1::WatchRequest;
using testing::ElementsAre;

class WebSocketCalls : public testing::Test {
 protected:
  WebSocketCalls() {
    api_.upstream.OnUnary(
        kEditNote, [](const UnaryRequest& request) { return UnaryReply{.bytes = request.bytes}; });
    api_.upstream.OnStream(kWatchNotes, [](UpstreamStream& stream) {
      stream.Read();
      stream.Write(NoteOf("a"));
      stream.Write(NoteOf("b"));
      return Status::OK;
    });
    api_.upstream.OnStream(kSendNotes, CountAll);
    api_.upstream.OnStream(kTalk, EchoAll);
  }

  // The messages of a socket to `target` whose client sends `sent`, and the end of its messages
  // where `half_closes`.
  std::vector<std::string> Talk(const std::string& target, const std::vector<std::string>& sent,
                                bool half_closes, std::size_t answers) {
    WebSocketClient client = OpenSocket(api_, target);
    for (const std::string& text : sent) client.SendText(text);
    if (half_closes) SendEnd(client);
    std::vector<std::string> received;
    for (std::size_t i = 0; i < answers; ++i) received.push_back(client.ReadText());
    EXPECT_THAT(client.FinishClose(), ClosesWith(1000, ""));
    EXPECT_FALSE(client.was_reset());
    return received;
  }

  StreamsProxy api_;
};

struct SocketCall {
  std::string name;
  std::string target;
  std::vector<std::string> sent;
  bool half_closes;
  std::vector<std::string> answers;
};

const SocketCall kCalls[] = {
    {"unary, POST with body *", kEditPath, {NoteText("a")}, false, {RoomText("a")}},
    {"unary, half-closed too", kEditPath, {NoteText("a")}, true, {RoomText("a")}},
    {"unary, first frame empty: {}", kEditPath, {""}, false, {R"({"room":"r"})"}},
    {"server stream, GET without body", kWatchPath, {}, false, {NoteText("a"), NoteText("b")}},
    {"server stream, half-closed all the same",
     kWatchPath,
     {},
     true,
     {NoteText("a"), NoteText("b")}},
    {"server stream, response_body", "/v1/rooms/r/texts", {}, false, {"\"a\"", "\"b\""}},
    {"client stream, body *",
     kSendPath,
     {NoteText("a"), NoteText("b")},
     true,
     {R"({"messages":2,"bytes":"12"})"}},
    {"client stream, no message", kSendPath, {}, true, {"{}"}},
    {"client stream, body item",
     "/v1/rooms/r/items:send",
     {R"({"name":"i"})"},
     true,
     {R"({"messages":1,"bytes":"8"})"}},
    {"client stream, repeated field as body",
     "/v1/rooms/r/tags:send",
     {R"(["t","u"])"},
     true,
     {R"({"messages":1,"bytes":"9"})"}},
    {"client stream, no body: one message",
     "/v1/rooms/r/notes:sendOne?text=q",
     {},
     false,
     {R"({"messages":1,"bytes":"6"})"}},
    {"bidi", kTalkPath, {NoteText("a"), NoteText("b")}, true, {RoomText("a"), RoomText("b")}},
    {"bidi, body and response_body item",
     "/v1/rooms/r/items:talk",
     {R"({"name":"i"})", R"({"count":2})"},
     true,
     {R"({"name":"i"})", R"({"count":2})"}},
    {"bidi, numbers at their limits",
     "/v1/rooms/r/items:talk",
     {R"({"count":2147483647})", R"({"count":"-2147483648"})", R"({"count":1e3})"},
     true,
     {R"({"count":2147483647})", R"({"count":-2147483648})", R"({"count":1000})"}},
    {"bidi, GET without body: one message",
     "/v1/rooms/r/notes:listen?text=q",
     {},
     false,
     {RoomText("q")}},
};

TEST_F(WebSocketCalls, OfEveryKind) {
  for (const SocketCall& call : kCalls) {
    SCOPED_TRACE(call.name);
    EXPECT_EQ(Talk(call.target, call.sent, call.half_closes, call.answers.size()), call.answers);
  }
}

TEST_F(WebSocketCalls, BindPathAndQueryOnEveryMessage) {
  WebSocketClient client = OpenSocket(api_, "/v1/rooms/a%20b/items:talk?author=x+y&tags=1&tags=2");
  for (const char* json : {R"({"name":"1"})", "{}", R"({"name":"3"})"}) client.SendText(json);
  SendEnd(client);
  for (int i = 0; i < 3; ++i) client.ReadText();
  client.FinishClose();
  std::vector<std::string> names;
  for (const Note& note : api_.Requests()) {
    EXPECT_EQ(note.room(), "a b");
    EXPECT_EQ(note.author(), "x y");
    EXPECT_THAT(note.tags(), ElementsAre("1", "2"));
    names.push_back(note.item().name());
  }
  EXPECT_THAT(names, ElementsAre("1", "", "3"));

  OpenSocket(api_, "/v1/rooms/q/notes?author=z").ReadText();
  EXPECT_EQ(api_.Requests<WatchRequest>(1).at(0).room(), "q");
  EXPECT_EQ(api_.Requests<WatchRequest>(1).at(0).author(), "z");
}

// A frame has everything that a body has: rule 1, the path wins.
TEST_F(WebSocketCalls, PathWinsOverTheMessage) {
  WebSocketClient client = OpenSocket(api_, kTalkPath);
  client.SendText(R"({"room":"evil","text":"a"})");
  EXPECT_EQ(client.ReadText(), RoomText("a"));
}

TEST_F(WebSocketCalls, MessageMayComeInFragmentsWithPingsBetween) {
  WebSocketClient client = OpenSocket(api_, kTalkPath);
  client.Send({Opcode::kText, R"({"te)", /*fin=*/false});
  client.Send({Opcode::kPing, "p"});
  client.Send({Opcode::kContinuation, R"(xt":"\u00e9)", /*fin=*/false});
  client.Send({Opcode::kContinuation, R"("})"});
  const Frame pong = client.ReadFrame();
  EXPECT_EQ(pong.opcode, Opcode::kPong);
  EXPECT_EQ(pong.payload, "p");
  EXPECT_EQ(client.ReadText(), RoomText("\u00e9"));
}

TEST_F(WebSocketCalls, FramesMayComeWithTheHandshake) {
  auto client = WebSocketClient::Connect(
      api_.proxy.port(), kTalkPath, {}, {},
      FrameBytes({Opcode::kText, NoteText("a")}) + FrameBytes({Opcode::kText, ""}));
  EXPECT_EQ(client.ReadText(), RoomText("a"));
  EXPECT_THAT(client.FinishClose(), ClosesWith(1000));
}

// Of the routes of one path the one that streams most is meant, whatever it is bound to.
TEST(WebSocketRoutes, MostStreamingOneOfAPathIsServed) {
  const TempDir dir;
  const std::string rules =
      dir.Write("rules.yaml",
                "type: google.api.Service\nconfig_version: 3\nhttp:\n  rules:\n"
                "  - {selector: streams.v1.Notes.Edit, get: /a,\n"
                "     additional_bindings: [{put: /b, body: '*'}]}\n"
                "  - {selector: streams.v1.Notes.Talk, delete: /a}\n"
                "  - {selector: streams.v1.Notes.Send, post: /a, body: '*',\n"
                "     additional_bindings: [{patch: /b, body: '*'}]}\n");
  StreamsProxy api("transcoding: {rules: \"" + rules + "\"}");
  const WebSocketClient first = OpenSocket(api, "/a");
  ASSERT_TRUE(api.upstream.WaitForCalls(1));
  const WebSocketClient second = OpenSocket(api, "/b");
  ASSERT_TRUE(api.upstream.WaitForCalls(2));
  EXPECT_EQ(api.upstream.Calls()[0].method, kTalk);
  EXPECT_EQ(api.upstream.Calls()[1].method, kSendNotes);
}

// Rule 11.
TEST_F(WebSocketCalls, HandshakeHeadersAreMetadata) {
  const HeaderList headers = {{"Authorization", "Bearer t"},
                              {"Cookie", "c=1"},
                              {"X-Data-Bin", "AAH/"},
                              {"X-Request-Id", "id-7"},
                              {"X-Custom", "v"},
                              {"Sec-WebSocket-Protocol", "chat"},
                              {"Sec-WebSocket-Extensions", "permessage-deflate"},
                              {"Keep-Alive", "300"},
                              {"Accept-Encoding", "gzip"}};
  WebSocketClient client = OpenSocket(api_, kTalkPath, headers);
  EXPECT_EQ(client.handshake().Header("X-Request-Id"), "id-7");
  EXPECT_EQ(client.handshake().Header("Sec-WebSocket-Protocol"), std::nullopt);
  EXPECT_EQ(client.handshake().Header("Sec-WebSocket-Extensions"), std::nullopt);
  ASSERT_TRUE(api_.upstream.WaitForCalls(1));
  const Metadata metadata = api_.upstream.Calls()[0].metadata;
  const std::pair<const char*, std::optional<std::string>> kExpected[] = {
      {"authorization", "Bearer t"},
      {"cookie", "c=1"},
      {"x-data-bin", std::string("\0\1\xff", 3)},
      {"x-request-id", "id-7"},
      {"x-custom", "v"},
      {"x-forwarded-for", "127.0.0.1"},
      {"x-forwarded-proto", "http"},
      {"x-forwarded-host", fmt::format("127.0.0.1:{}", api_.proxy.port())},
      {"upgrade", std::nullopt},
      {"connection", std::nullopt},
      {"keep-alive", std::nullopt},
      {"accept-encoding", std::nullopt},
      {"sec-websocket-key", std::nullopt},
      {"sec-websocket-version", std::nullopt},
      {"sec-websocket-protocol", std::nullopt},
      {"sec-websocket-extensions", std::nullopt}};
  for (const auto& [key, value] : kExpected) EXPECT_EQ(FindMetadata(metadata, key), value) << key;
}

TEST_F(WebSocketCalls, MakeARequestIdWhereThereIsNone) {
  const WebSocketClient client = OpenSocket(api_, kTalkPath);
  const auto id = client.handshake().Header("X-Request-Id");
  ASSERT_TRUE(id);
  ASSERT_TRUE(api_.upstream.WaitForCalls(1));
  EXPECT_EQ(FindMetadata(api_.upstream.Calls()[0].metadata, "x-request-id"), id);
}

}  // namespace
}  // namespace puente::test

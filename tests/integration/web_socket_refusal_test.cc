// What is no WebSocket is answered in HTTP, before the 101.
#include "tests/integration/example_calls.h"
#include "tests/integration/web_socket_calls.h"

namespace puente::test {
namespace {

const HeaderList kVersion = {{"Sec-WebSocket-Version", "13"}};

HeaderList With(HeaderList headers) {
  headers.insert(headers.end(), kVersion.begin(), kVersion.end());
  return headers;
}

struct Refusal {
  std::string name;
  std::string target;
  HeaderList headers;
  int status;
  int code;
};

const Refusal kRefusals[] = {
    {"unknown path", "/v1/nowhere", kVersion, 404, 5},
    {"unknown query parameter", "/v1/rooms/r/notes?colour=x", kVersion, 400, 3},
    {"query parameter of the body", "/v1/rooms/r/notes:talk?text=x", kVersion, 400, 3},
    {"parameter that the path binds", "/v1/rooms/r/notes?room=x", kVersion, 400, 3},
    {"malformed escape", "/v1/rooms/%zz/notes", kVersion, 400, 3},
    {"dot segments", "/v1/rooms/../notes", kVersion, 400, 3},
    {"no version", kTalkPath, {}, 426, 12},
    {"another version", kTalkPath, {{"Sec-WebSocket-Version", "8"}}, 426, 12},
    {"two versions",
     kTalkPath,
     {{"Sec-WebSocket-Version", "13"}, {"Sec-WebSocket-Version", "13"}},
     400,
     3},
    {"two keys", kTalkPath, With({{"Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="}}), 400, 3},
    {"body", kTalkPath, With({{"Transfer-Encoding", "chunked"}}), 400, 3},
    {"bad -bin header", kTalkPath, With({{"X-Bin", "*"}}), 400, 3},
    {"two Authorization headers", kTalkPath, With({{"Authorization", "a"}, {"Authorization", "b"}}),
     400, 3},
    {"malformed grpc-timeout", kTalkPath, With({{"grpc-timeout", "soon"}}), 400, 3},
    {"no time at all", kTalkPath, With({{"grpc-timeout", "0m"}}), 504, 4},
    {"another origin", kTalkPath, With({{"Origin", "https://evil.test"}}), 403, 7},
    {"opaque origin", kTalkPath, With({{"Origin", "null"}}), 403, 7},
    {"origin at another port", kTalkPath, With({{"Origin", "http://127.0.0.1:1"}}), 403, 7},
    {"two origins", kTalkPath,
     With({{"Origin", "http://127.0.0.1"}, {"Origin", "http://127.0.0.1"}}), 403, 7},
    {"origin that ends like the host", kTalkPath, With({{"Origin", "http://evil-127.0.0.1"}}), 403,
     7},
};

TEST(WebSocketRefusal, IsAnHttpAnswerWithTheStatusOfItsCause) {
  const StreamsProxy api;
  for (const Refusal& refusal : kRefusals) {
    SCOPED_TRACE(refusal.name);
    const HttpResponse response = RequestSocket(api, refusal.target, refusal.headers);
    EXPECT_THAT(response, IsError(refusal.status, refusal.code));
    EXPECT_TRUE(response.Header("x-request-id"));
  }
  EXPECT_EQ(api.upstream.CallCount(), 0u);
}

TEST(WebSocketRefusal, OfAVersionNamesTheOneThatIsSpoken) {
  const StreamsProxy api;
  const HttpResponse response = RequestSocket(api, kTalkPath, {{"Sec-WebSocket-Version", "8"}});
  EXPECT_EQ(response.Header("Sec-WebSocket-Version"), "13");
  EXPECT_EQ(response.Header("Upgrade"), "websocket");
}

// Nothing of the handshake is for those who do not ask with GET, or not in HTTP/1.1.
TEST(WebSocketRefusal, RequestOfAnotherMethodIsServedAsWhatItIs) {
  StreamsProxy api;
  api.upstream.OnUnary(kEditNote, UnaryReply::Message(NoteOf("a")));
  EXPECT_THAT(RequestSocket(api, kEditPath, kVersion, "POST"), IsJson(NoteText("a")));
  EXPECT_THAT(RequestSocket(api, kEditPath, kVersion, "PUT"), IsError(405, 12));
  EXPECT_THAT(RequestSocket(api, kEditPath, kVersion, "TRACE"), IsError(405, 12));
  HttpClient old = api.proxy.Connect();
  old.SendRaw(
      "GET /v1/rooms/r/notes:talk HTTP/1.0\r\nHost: a\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Version: 13\r\n\r\n");
  EXPECT_THAT(old.ReadResponse(), IsError(405, 12));
}

TEST(WebSocketRefusal, LeavesTheConnectionForOtherRequests) {
  StreamsProxy api;
  api.upstream.OnUnary(kEditNote, UnaryReply::Message(NoteOf("a")));
  HttpClient client = api.proxy.Connect();
  client.Send("GET", kTalkPath, {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}});
  EXPECT_EQ(client.ReadResponse().status, 426);
  EXPECT_THAT(client.Post(kEditPath, "{}"), IsJson(NoteText("a")));
}

TEST(WebSocketRefusal, PagesOfTheSameOriginAndProgramsAreServed) {
  const StreamsProxy api;
  const std::string host = fmt::format("127.0.0.1:{}", api.proxy.port());
  const WebSocketClient page = OpenSocket(api, kTalkPath, {{"Origin", "http://" + host}});
  const WebSocketClient safe_page = OpenSocket(api, kTalkPath, {{"Origin", "https://" + host}});
  const WebSocketClient program = OpenSocket(api, kTalkPath);
  EXPECT_TRUE(api.upstream.WaitForCalls(3));
}

}  // namespace
}  // namespace puente::test

// Rule 5: calls over WebSocket.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/rules/rules_fixture.h"
#include "tests/support/web_socket_client.h"

namespace puente::test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct SocketCase {
  std::string name;
  std::string target;
  std::vector<std::string> frames;    // sent as text; an empty one ends the client's messages
  std::vector<std::string> requests;  // what the upstream sees, in text format
  std::vector<std::string> answers;   // the frames that come back
  CloseInfo close = {1000, ""};       // the reason: what it must hold
  Reply reply = {};
  ProxySetup setup = {};
  Opcode sent_as = Opcode::kText;
  bool reaches = true;
};

struct SocketParam {
  std::string codec;
  SocketCase rule;
};
void PrintTo(const SocketParam& param, std::ostream* out) {
  *out << param.codec << " " << param.rule.target;
}

const std::string kTalk = "/v1/rooms/r/lines:talk";
const std::string kSend = "/v1/rooms/r/lines:send";
const std::string kSay = "/v1/rooms/r/lines:say";

std::vector<SocketCase> GoodCases() {
  const std::string a = R"({"room":"r","text":"a"})";
  const std::string b = R"({"room":"r","text":"b"})";
  const std::string text_a = R"(room: "r" text: "a")";
  const std::string text_b = R"(room: "r" text: "b")";
  const Reply two = Replies({R"(room: "r" text: "a")", R"(room: "r" text: "b")"});
  return {
      {"BidirectionalCall",
       kTalk,
       {R"({"text":"a"})", R"({"text":"b"})", ""},
       {text_a, text_b},
       {a, b}},
      {"NoMessageAtAll", kTalk, {""}, {}, {}, {1000, ""}, Replies({})},
      {"ThePathWinsInEveryFrame",
       kTalk,
       {R"({"room":"x"})", R"({"room":"y"})", ""},
       {R"(room: "r")", R"(room: "r")"},
       {R"({"room":"r"})", R"({"room":"r"})"}},
      {"ClientStream", kSend, {R"({"text":"a"})", R"({"text":"b"})", ""}, {text_a, text_b}, {b}},
      {"ServerStream",
       "/v1/rooms/r/lines?author=q",
       {},
       {R"(room: "r" author: "q")"},
       {a, b},
       {1000, ""},
       two},
      {"AnEmptyServerStream",
       "/v1/rooms/r/lines",
       {},
       {R"(room: "r")"},
       {},
       {1000, ""},
       Replies({})},
      {"UnaryCallWithABody", kSay, {R"({"text":"a"})"}, {text_a}, {a}},
      {"UnaryCallWithAnEmptyBody", kSay, {""}, {R"(room: "r")"}, {R"({"room":"r"})"}},
      {"UnaryCallWithoutABody", "/v1/rooms/r/line?text=a", {}, {text_a}, {a}},
      {"AFieldIsTheBody",
       "/v1/rooms/r/leaves:send?author=q",
       {R"({"id":"x"})", ""},
       {R"(room: "r" author: "q" leaf { id: "x" })"},
       {R"({"room":"r","author":"q","leaf":{"id":"x"}})"}},
      {"AResponseBodyIsTheAnswer",
       "/v1/rooms/r/texts",
       {},
       {R"(room: "r")"},
       {R"("a")", R"("b")"},
       {1000, ""},
       two},
      {"ADownloadIsBinary",
       "/v1/rooms/r/file",
       {},
       {R"(room: "r")"},
       {"one", "\x01"},
       {1000, ""},
       Replies({R"(data: "one")", R"(data: "\001")"})},
  };
}

std::vector<SocketCase> ErrorCases() {
  std::vector<SocketCase> cases = {
      {"AnErrorAfterAnAnswer",
       kTalk,
       {"{}", ""},
       {R"(room: "r")"},
       {R"({"text":"a"})"},
       {4005, "gone"},
       Replies({R"(text: "a")"}).ThenFails(5, "gone")},
      {"ALongReasonIsCutToFit",
       kTalk,
       {""},
       {},
       {},
       {4005, std::string(100, 'x')},
       FailsWith(5, std::string(300, 'x'))},
      // RFC 6455, section 7.4.1, has a code for it.
      {"TooLargeAMessage",
       kSay,
       {R"({"text":")" + std::string(64, 'a') + "\"}"},
       {},
       {},
       {1009, ""},
       {},
       ProxySetup{"", "limits: {max_request_body_bytes: 64}"},
       Opcode::kText,
       false},
      {"ABinaryFrameIsNoJson", kSay, {"{}"}, {}, {}, {4003, ""}, {}, {}, Opcode::kBinary, false},
      {"AFrameThatIsNoJson", kSay, {"{qzx"}, {}, {}, {4003, ""}, {}, {}, Opcode::kText, false},
      {"AnUnknownField",
       kSay,
       {R"({"colour":"qzx"})"},
       {},
       {},
       {4003, "colour"},
       {},
       {},
       Opcode::kText,
       false},
      {"AWrongType",
       kSay,
       {R"({"leaf":{"amount":"qzx"}})"},
       {},
       {},
       {4003, "leaf.amount"},
       {},
       {},
       Opcode::kText,
       false},
  };
  for (int code = 1; code <= 16; ++code) {
    cases.push_back({fmt::format("Code{}", code),
                     kSay,
                     {"{}"},
                     {R"(room: "r")"},
                     {},
                     {static_cast<std::uint16_t>(4000 + code), "why"},
                     FailsWith(code, "why")});
  }
  return cases;
}

void CheckCall(const SocketCase& rule, std::size_t calls_before) {
  const FakeUpstream& upstream = RulesFixture::Get().upstream();
  if (!rule.reaches) return;
  ASSERT_TRUE(upstream.WaitForCalls(calls_before + 1));
  const RecordedCall call = upstream.Calls().at(calls_before);
  const auto& type = *MethodAt(call.method).input_type();
  std::vector<std::string> seen;
  std::vector<std::string> expected;
  for (const std::string& wire : call.requests) seen.push_back(ToText(type, wire));
  for (const std::string& text : rule.requests) expected.push_back(Normalized(type, text));
  EXPECT_EQ(seen, expected);
}

class Rule05WebSocket : public testing::TestWithParam<SocketParam> {};

TEST_P(Rule05WebSocket, Holds) {
  const auto& [codec, rule] = GetParam();
  RulesFixture& fixture = RulesFixture::Get();
  const ProxyUnderTest& proxy = fixture.Proxy(codec, rule.setup);
  fixture.SetReply(rule.reply);
  const std::size_t calls_before = fixture.upstream().CallCount();

  WebSocketClient client = WebSocketClient::Connect(proxy.port(), rule.target);
  for (const std::string& frame : rule.frames) client.Send({rule.sent_as, frame});
  for (const std::string& answer : rule.answers) EXPECT_EQ(client.ReadFrame().payload, answer);
  const CloseInfo close = client.FinishClose();
  EXPECT_EQ(close.code, rule.close.code) << close.reason;
  EXPECT_THAT(close.reason, HasSubstr(rule.close.reason));
  EXPECT_THAT(close.reason, Not(HasSubstr("qzx")));
  EXPECT_LE(close.reason.size(), 123u);
  CheckCall(rule, calls_before);
  // A call that may still be on its way must not be taken for the next case's.
  if (!rule.reaches) RulesFixture::End();
}

std::vector<SocketParam> SocketParams(const std::vector<SocketCase>& cases) {
  std::vector<SocketParam> params;
  for (const std::string& codec : Codecs()) {
    for (const SocketCase& rule : cases) params.push_back({codec, rule});
  }
  return params;
}

std::string NameOfSocket(const testing::TestParamInfo<SocketParam>& info) {
  return info.param.rule.name + "_" + info.param.codec;
}
INSTANTIATE_TEST_SUITE_P(Good, Rule05WebSocket, testing::ValuesIn(SocketParams(GoodCases())),
                         NameOfSocket);
INSTANTIATE_TEST_SUITE_P(Errors, Rule05WebSocket, testing::ValuesIn(SocketParams(ErrorCases())),
                         NameOfSocket);

// What fails before the handshake is answered in HTTP.
std::vector<RuleCase> HandshakeCases() {
  const auto open = [](const std::string& target) {
    return RawGet("GET " + target +
                  " HTTP/1.1\nHost: a\nUpgrade: websocket\nConnection: Upgrade\n"
                  "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==");
  };
  return {
      {"AnUnknownPathIs404", open("/v1/nowhere"), Refused(404, 5)},
      {"AnUnknownParameterIs400", open("/v1/rooms/r/lines?colour=qzx"), Refused(400, 3, "colour")},
      {"ABadParameterIs400", open("/v1/path/i32/qzx"), Refused(400, 3, "i32")},
      {"ABadPathIs400", open("/v1/rooms/%zz/lines"), Refused(400, 3)},
      {"ATimeoutThatIsMalformedIs400",
       RawGet("GET /v1/rooms/r/lines HTTP/1.1\nHost: a\nUpgrade: websocket\nConnection: Upgrade\n"
              "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n"
              "grpc-timeout: soon"),
       Refused(400, 3, "grpc-timeout")},
  };
}
PUENTE_RULE_SUITE(Rule05WebSocketHandshakes, HandshakeCases);

// The client's side of the end.
TEST(Rule05WebSocketEnds, AClientThatClosesCancelsItsCall) {
  RulesFixture& fixture = RulesFixture::Get();
  fixture.SetReply({});
  const std::size_t calls_before = fixture.upstream().CallCount();
  WebSocketClient client =
      WebSocketClient::Connect(fixture.Proxy(Codecs().front(), {}).port(), kTalk);
  client.SendText("{}");
  ASSERT_TRUE(fixture.upstream().WaitForCalls(calls_before + 1));
  client.SendClose(1000);
  EXPECT_TRUE(WaitUntil([&] { return fixture.upstream().Calls().at(calls_before).cancelled; }));
}

TEST(Rule05WebSocketEnds, APingIsAnswered) {
  RulesFixture& fixture = RulesFixture::Get();
  WebSocketClient client =
      WebSocketClient::Connect(fixture.Proxy(Codecs().front(), {}).port(), kTalk);
  client.Send({Opcode::kPing, "still there?"});
  const Frame pong = client.ReadFrame();
  EXPECT_EQ(pong.opcode, Opcode::kPong);
  EXPECT_EQ(pong.payload, "still there?");
  RulesFixture::End();
}

}  // namespace
}  // namespace puente::test

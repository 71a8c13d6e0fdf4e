// Rule 5: client streams and bidirectional calls over one HTTP exchange.
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

constexpr char kSend[] = "/v1/rooms/r/lines:send";
constexpr char kTalk[] = "/v1/rooms/r/lines:talk";

Send PostLines(const std::string& target, const std::string& body) {
  return Post(target, body).Typed("application/x-ndjson");
}

const std::vector<std::string> kTwo = {R"(room: "r" text: "a")", R"(room: "r" text: "b")"};

std::vector<RuleCase> BodyCases() {
  const std::string lines = "{\"text\":\"a\"}\n{\"text\":\"b\"}\n";
  const std::string chunked =
      "POST /v1/rooms/r/lines:send HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "8\r\n[{\"text\"\r\n9\r\n:\"a\"},{\"t\r\n9\r\next\":\"b\"}\r\n1\r\n]\r\n0\r\n\r\n";
  return {
      {"AnArrayIsAMessageEach", Post(kSend, R"([{"text":"a"},{"text":"b"}])"), SeesAll(kTwo)},
      {"AnArrayWithWhiteSpace", Post(kSend, " [ {\"text\":\"a\"}\n,\t{\"text\":\"b\"} ] \r\n"),
       SeesAll(kTwo)},
      {"AnArrayInChunks", RawBytes(chunked, "POST"), SeesAll(kTwo)},
      {"NdjsonIsAMessageEach", PostLines(kSend, lines), SeesAll(kTwo)},
      {"NdjsonByItsOtherName", Post(kSend, lines).Typed("application/jsonl"), SeesAll(kTwo)},
      {"NdjsonWithoutTheLastLineEnd", PostLines(kSend, lines.substr(0, lines.size() - 1)),
       SeesAll(kTwo)},
      {"NdjsonWithCrLf", PostLines(kSend, "{\"text\":\"a\"}\r\n{\"text\":\"b\"}\r\n"),
       SeesAll(kTwo)},
      {"NdjsonWithEmptyLines", PostLines(kSend, "\n{\"text\":\"a\"}\n\n{\"text\":\"b\"}\n\n"),
       SeesAll(kTwo)},
      {"LinesOfAJsonBody", Post(kSend, lines), SeesAll(kTwo)},
      {"AnEmptyBodyIsNoMessage", Post(kSend, ""), SeesAll({})},
      {"AnEmptyArrayIsNoMessage", Post(kSend, "[]"), SeesAll({})},
      {"WhiteSpaceIsNoMessage", Post(kSend, " \n"), SeesAll({})},
      {"EmptyNdjsonIsNoMessage", PostLines(kSend, "\n"), SeesAll({})},
      {"AnEmptyObjectIsAMessage", Post(kSend, "[{}]"), Sees(R"(room: "r")")},
      {"BracketsInStringsAreText", Post(kSend, R"([{"text":"]},{\""}])"),
       Sees(R"(room: "r" text: "]},{\"")")},
      {"ThePathIsBoundInEveryMessage",
       Post("/v1/rooms/a%20b/lines:send", R"([{"text":"a"},{"text":"b"}])"),
       SeesAll({R"(room: "a b" text: "a")", R"(room: "a b" text: "b")"})},
      {"ThePathWinsInEveryMessage", Post(kSend, R"([{"room":"x"},{"room":"y"}])"),
       SeesAll({R"(room: "r")", R"(room: "r")"})},
      {"TheQueryIsBoundInEveryMessage",
       Post("/v1/rooms/r/leaves:send?author=q", R"([{"id":"a"},{"id":"b"}])"),
       SeesAll({R"(room: "r" author: "q" leaf { id: "a" })",
                R"(room: "r" author: "q" leaf { id: "b" })"})},
      {"TheBodysFieldIsAnElement", Post("/v1/rooms/r/texts:send", R"(["a","b"])"), SeesAll(kTwo)},
      {"TheBodysListIsAnElement", Post("/v1/rooms/r/tags:send", R"([["a","b"],[]])"),
       SeesAll({R"(room: "r" tags: "a" tags: "b")", R"(room: "r")"})},
      {"ARouteWithoutBodySendsOneMessage", Post("/v1/rooms/r/lines:none?text=q", ""),
       Sees(R"(room: "r" text: "q")")},
      {"TheAnswerIsOneObject", Post(kSend, "[{},{}]"), Answers(R"({"text":"z"})"),
       Replies({R"(text: "z")"})},
      {"TheUpstreamsErrorIsTheAnswer", Post(kSend, "[{}]"), Failed(409, 10, "why"),
       FailsWith(10, "why")},
  };
}
PUENTE_RULE_SUITE(Rule05ClientStreams, BodyCases);

std::vector<RuleCase> BadBodyCases() {
  const auto bad = [](const std::string& name, const std::string& body,
                      const std::string& says = {}) {
    return RuleCase{name, Post(kSend, body), Refused(400, 3, says).MayReach()};
  };
  return {
      bad("ASyntaxError", R"([{"text":qzx}])", "message 1"),
      bad("ASyntaxErrorInTheSecondMessage", R"([{"text":"a"},{"text":qzx}])", "message 2"),
      bad("AnUnknownField", R"([{"text":"a"},{"colour":"qzx"}])", "message 2"),
      bad("AWrongType", R"([{"text":"a"},{},{"leaf":{"amount":"qzx"}}])", "leaf.amount"),
      bad("AnElementThatIsNoObject", R"(["qzx"])", "message 1"),
      bad("AnElementThatIsNull", R"([{},null])", "message 2"),
      bad("AnArrayInAnArray", R"([[{}]])", "message 1"),
      bad("AnOpenArray", R"([{"text":"a"})"),
      bad("AnOpenString", R"([{"text":"qzx)"),
      bad("ATrailingComma", R"([{"text":"a"},])"),
      bad("ALeadingComma", R"([,{"text":"a"}])"),
      bad("TwoCommas", R"([{},,{}])"),
      bad("NoComma", R"([{} {}])"),
      bad("SomethingBehindTheArray", R"([{}]qzx)"),
      bad("ASecondArray", R"([{}][{}])"),
      bad("AWrongBracket", R"([{}})"),
      bad("DuplicateKeys", R"([{"text":"a","text":"qzx"}])", "message 1"),
      bad("InvalidUtf8", "[{\"text\":\"\xff\"}]"),
      {"ABadLine", PostLines(kSend, "{\"text\":\"a\"}\n{qzx\n"),
       Refused(400, 3, "message 2").MayReach()},
      {"ALineThatIsAnArray", PostLines(kSend, "[{}]\n"), Refused(400, 3).MayReach()},
      {"AFormIs415", PostForm(kSend, "text=a"), Refused(415, 3)},
      {"TextIs415", Post(kSend, "[]").Typed("text/plain"), Refused(415, 3)},
      {"ABadQueryIsRefusedBeforeTheCall", Post("/v1/rooms/r/leaves:send?colour=1", "[{}]"),
       Refused(400, 3, "colour")},
      {"AMessageAboveTheLimitIs413",
       Post(kSend, R"([{},{"text":")" + std::string(64, 'a') + "\"}]"),
       Refused(413, 8, "message 2").MayReach(),
       ProxySetup{"", "limits: {max_request_body_bytes: 64}"}},
      {"ABodyAboveTheLimitIsTaken",
       Post(kSend, "[" + std::string(99, ' ') + R"({"text":"a"},{"text":"b"}])"), SeesAll(kTwo),
       ProxySetup{"", "limits: {max_request_body_bytes: 64}"}},
  };
}
PUENTE_RULE_SUITE(Rule05BadBodies, BadBodyCases);

std::vector<RuleCase> UploadCases() {
  return {
      {"AnUploadHasItsContentType", Post("/v1/uploads", "hello").Typed("text/plain"),
       Sees(R"(content_type: "text/plain" data: "hello")")},
      {"AnUploadTakesAnyType", Post("/v1/uploads", "\n\x01,").Typed("image/x-a;b=c"),
       Sees(R"(content_type: "image/x-a;b=c" data: "\n\001,")")},
      {"AnUploadOfJsonIsNotRead", Post("/v1/uploads", "{not json"),
       Sees(R"(content_type: "application/json" data: "{not json")")},
      {"AnUploadIntoAField", Post("/v1/uploads/n?overwrite=true", "x").Typed("text/plain"),
       Sees(R"(name: "n" overwrite: true file { content_type: "text/plain" data: "x" })")},
      {"AnUploadsAnswerIsJson", Post("/v1/uploads", "x").Typed("text/plain"),
       Answers(R"({"text":"done"})").Typed("application/json"), Replies({R"(text: "done")"})},
  };
}
PUENTE_RULE_SUITE(Rule05Uploads, UploadCases);

std::vector<RuleCase> BidiCases() {
  const std::string both = R"([{"text":"a"},{"text":"b"}])";
  const std::string a = R"({"room":"r","text":"a"})";
  const std::string b = R"({"room":"r","text":"b"})";
  return {
      {"AnArrayEachWay", Post(kTalk, both),
       SeesAll(kTwo).Answers("[" + a + "," + b + "]").Typed("application/json")},
      {"NdjsonEachWay",
       PostLines(kTalk, "{\"text\":\"a\"}\n{\"text\":\"b\"}\n")
           .With("Accept", "application/x-ndjson"),
       SeesAll(kTwo).Answers(a + "\n" + b + "\n").Typed("application/x-ndjson")},
      {"AnArrayInEventsOut", Post(kTalk, both).With("Accept", "text/event-stream"),
       SeesAll(kTwo).Answers("data: " + a + "\n\ndata: " + b + "\n\n").Typed("text/event-stream")},
      {"NothingInNothingOut", Post(kTalk, ""), SeesAll({}).Answers("[]"), Replies({})},
      {"MoreOutThanIn", Post(kTalk, "[{}]"), Answers(R"([{"text":"a"},{"text":"b"}])"),
       Replies({R"(text: "a")", R"(text: "b")"})},
      {"AnErrorBeforeTheFirstAnswer", Post(kTalk, both), Failed(403, 7, "why"),
       FailsWith(7, "why")},
      {"AnErrorAfterTheFirstAnswerCutsAnArray", Post(kTalk, both),
       Answers(R"([{"text":"a"})").Cut(), Replies({R"(text: "a")"}).ThenFails(7, "why")},
      {"AnErrorAfterTheFirstAnswerIsALine",
       Post(kTalk, both).With("Accept", "application/x-ndjson"),
       Answers("{\"text\":\"a\"}\n{\"error\":{\"code\":7,\"message\":\"why\"}}\n"),
       Replies({R"(text: "a")"}).ThenFails(7, "why")},
      {"ABadElementIs400", Post(kTalk, R"([{"text":1}])"), Refused(400, 3, "message 1").MayReach()},
  };
}
PUENTE_RULE_SUITE(Rule05Bidirectional, BidiCases);

}  // namespace
}  // namespace puente::test

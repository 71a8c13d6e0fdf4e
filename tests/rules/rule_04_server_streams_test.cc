// Rule 4: server streams, in the format that the client asks for.
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

constexpr char kLines[] = "/v1/rooms/r/lines";
constexpr char kArray[] = R"([{"text":"a"},{"text":"b"}])";
constexpr char kJsonLines[] = "{\"text\":\"a\"}\n{\"text\":\"b\"}\n";
constexpr char kEvents[] = "data: {\"text\":\"a\"}\n\ndata: {\"text\":\"b\"}\n\n";

const Reply kTwo = Replies({R"(text: "a")", R"(text: "b")"});

RuleCase Accepting(const std::string& name, const std::string& accept, const std::string& type,
                   const std::string& body) {
  return {name, Get(kLines).With("Accept", accept), Answers(body).Typed(type), kTwo};
}
RuleCase AsArray(const std::string& name, const std::string& accept) {
  return Accepting(name, accept, "application/json", kArray);
}
RuleCase AsLines(const std::string& name, const std::string& accept) {
  return Accepting(name, accept, "application/x-ndjson", kJsonLines);
}
RuleCase AsEvents(const std::string& name, const std::string& accept) {
  return Accepting(name, accept, "text/event-stream", kEvents);
}

std::vector<RuleCase> AcceptCases() {
  return {
      {"AnArrayByDefault", Get(kLines), Answers(kArray).Typed("application/json"), kTwo},
      AsArray("AnArrayWhereJsonIsAccepted", "application/json"),
      AsArray("AnArrayWhereAnythingIsAccepted", "*/*"),
      AsArray("AnArrayWhereAnyApplicationTypeIsAccepted", "application/*"),
      AsArray("AnArrayWhereNothingOfOursIsAccepted", "text/html"),
      AsArray("AnArrayWinsATie", "application/x-ndjson, application/json, text/event-stream"),
      AsArray("AnArrayWinsATieOfQs",
              "text/event-stream;q=0.50, application/json;q=0.5, application/jsonl;q=0.500"),
      AsArray("AnArrayWinsATieThatAWildcardMakes", "application/x-ndjson, */*"),
      AsArray("AnArrayOfAHigherQ", "application/x-ndjson;q=0.9, application/json"),
      AsArray("AQOfZeroExcludes", "application/x-ndjson;q=0"),
      AsArray("AQOfZeroExcludesWhateverTheOthersSay",
              "application/x-ndjson;q=0, application/json;q=0.1"),
      AsArray("AnEmptyAccept", ""),
      AsLines("NdjsonIsOneLineEach", "application/x-ndjson"),
      AsLines("NdjsonOfAHigherQ", "application/json;q=0.5, application/x-ndjson;q=0.6"),
      AsLines("NdjsonBeforeEverythingElse", "application/x-ndjson, */*;q=0.1"),
      AsLines("NdjsonInAnyCase", "Application/X-NDJSON"),
      AsLines("NdjsonWithSpaces", "  application/json ; q=0.2 ,application/x-ndjson ; q=0.3"),
      Accepting("JsonLinesByItsOtherName", "application/jsonl", "application/jsonl", kJsonLines),
      AsEvents("ServerSentEvents", "text/event-stream"),
      AsEvents("ServerSentEventsOfAHigherQ", "application/x-ndjson;q=0.8, text/event-stream;q=0.9"),
      AsEvents("ServerSentEventsAsAnyText", "text/*"),
      AsEvents("ServerSentEventsOfAQOfThousandths",
               "application/json;q=0.998, text/event-stream;q=0.999"),
      {"AcceptFieldsAddUp",
       Get(kLines).With("Accept", "application/json;q=0.1").With("Accept", "application/x-ndjson"),
       Answers(kJsonLines), kTwo},
      {"AUnaryAnswerIsOneObject", Get("/v1/rooms/r/line").With("Accept", "application/x-ndjson"),
       Answers(R"({"room":"r"})").Typed("application/json")},
      {"AUnaryAnswerIsNoEvent", Get("/v1/rooms/r/line").With("Accept", "text/event-stream"),
       Answers(R"({"room":"r"})").Typed("application/json")},
      {"AClientStreamsAnswerIsOneObject",
       Post("/v1/rooms/r/lines:send", "[{}]").With("Accept", "application/x-ndjson"),
       Answers(R"({"room":"r"})").Typed("application/json")},
  };
}
PUENTE_RULE_SUITE(Rule04Accept, AcceptCases);

std::vector<RuleCase> FramingCases() {
  const auto ndjson = Get(kLines).With("Accept", "application/x-ndjson");
  const auto events = Get(kLines).With("Accept", "text/event-stream");
  return {
      {"AnEmptyArray", Get(kLines), Answers("[]"), Replies({})},
      {"NoLines", ndjson, Answers("").Typed("application/x-ndjson"), Replies({})},
      {"NoEvents", events, Answers("").Typed("text/event-stream"), Replies({})},
      {"OneMessage", Get(kLines), Answers(R"([{"text":"a"}])"), Replies({R"(text: "a")"})},
      {"AnEmptyMessage", Get(kLines), Answers("[{},{}]"), Replies({"", ""})},
      {"LineBreaksInAMessageBreakNoLine", ndjson, Answers("{\"text\":\"a\\nb\\r\"}\n"),
       Replies({R"(text: "a\nb\r")"})},
      {"LineBreaksInAMessageBreakNoEvent", events, Answers("data: {\"text\":\"a\\nb\\r\"}\n\n"),
       Replies({R"(text: "a\nb\r")"})},
      {"TextIsUtf8", Get(kLines), Answers("[{\"text\":\"caf\u00e9\"}]"),
       Replies({"text: \"caf\u00e9\""})},
      {"PathAndQueryAreBound", Get(std::string(kLines) + "?author=x"),
       Sees(R"(room: "r" author: "x")")},
      {"ResponseBodyIsAScalarEach", Get("/v1/rooms/r/texts"), Answers(R"(["a","b"])"), kTwo},
      {"ResponseBodyIsADefaultEach", Get("/v1/rooms/r/texts"), Answers(R"(["",""])"),
       Replies({"", ""})},
      {"ResponseBodyIsAMessageEach", Get("/v1/rooms/r/leaves"), Answers(R"([{"id":"x"},{}])"),
       Replies({R"(leaf { id: "x" })", ""})},
      {"ResponseBodyIsAListEach", Get("/v1/rooms/r/tags").With("Accept", "application/x-ndjson"),
       Answers("[\"a\",\"b\"]\n[]\n"), Replies({R"(tags: "a" tags: "b")", ""})},
      {"Http10HasNoChunks", RawGet("GET /v1/rooms/r/lines HTTP/1.0\nHost: a"),
       Answers(kArray).NoHeader("Transfer-Encoding").Closes(), kTwo},
      {"ADownloadHasNoDelimiters", Get("/v1/rooms/r/file"), Answers("onetwo").Typed("image/png"),
       Replies({R"(content_type: "image/png" data: "one")", R"(data: "two")"})},
      {"ADownloadDoesNotAskForAccept", Get("/v1/rooms/r/file").With("Accept", "text/event-stream"),
       Answers("one").Typed("image/png"), Replies({R"(content_type: "image/png" data: "one")"})},
      {"ADownloadOfAField", Get("/v1/rooms/r/download"), Answers("onetwo").Typed("image/png"),
       Replies({R"(file { content_type: "image/png" data: "one" })", R"(file { data: "two" })"})},
      {"ADownloadKeepsBinaryData", Get("/v1/rooms/r/file"), Answers("\n\xff\r\n\x01"),
       Replies({R"(data: "\n\377\r\n\001")"})},
      {"MetadataAreHeaders", Get(kLines), Answers(kArray).Header("x-tag", "t"),
       kTwo.Initial("x-tag", "t")},
  };
}
PUENTE_RULE_SUITE(Rule04Framing, FramingCases);

std::vector<RuleCase> ErrorCases() {
  const auto ndjson = Get(kLines).With("Accept", "application/x-ndjson");
  const auto events = Get(kLines).With("Accept", "text/event-stream");
  const Reply late = Replies({R"(text: "a")"}).ThenFails(5, "why");
  const std::string one = "{\"text\":\"a\"}";
  return {
      {"BeforeTheFirstMessageOfAnArray", Get(kLines), Failed(404, 5, "why"), FailsWith(5, "why")},
      {"BeforeTheFirstLine", ndjson, Failed(404, 5, "why"), FailsWith(5, "why")},
      {"BeforeTheFirstEvent", events, Failed(404, 5, "why"), FailsWith(5, "why")},
      {"BeforeTheFirstByteOfADownload", Get("/v1/rooms/r/file"), Failed(403, 7, "why"),
       FailsWith(7, "why")},
      {"NdjsonEndsWithAnErrorLine", ndjson,
       Answers(one + "\n{\"error\":{\"code\":5,\"message\":\"why\"}}\n"), late},
      {"JsonLinesEndWithAnErrorLine", Get(kLines).With("Accept", "application/jsonl"),
       Answers(one + "\n{\"error\":{\"code\":5,\"message\":\"why\"}}\n"), late},
      {"NdjsonEndsWithAnAip193ErrorLine", ndjson,
       Answers(one + "\n{\"error\":{\"code\":404,\"message\":\"why\",\"status\":\"NOT_FOUND\"}}\n"),
       late, ProxySetup{"error_format: AIP193"}},
      {"EventsEndWithAnErrorEvent", events,
       Answers("data: " + one + "\n\nevent: error\ndata: {\"code\":5,\"message\":\"why\"}\n\n"),
       late},
      {"AnArrayIsCut", Get(kLines), Answers("[" + one).Cut(), late},
      {"AnArrayOfResponseBodiesIsCut", Get("/v1/rooms/r/texts"), Answers(R"(["a")").Cut(), late},
      {"AnArrayIsCutForHttp10", RawGet("GET /v1/rooms/r/lines HTTP/1.0\nHost: a"), Expect{}.Cut(),
       late},
      {"ADownloadIsCut", Get("/v1/rooms/r/file"), Answers("one").Cut(),
       Replies({R"(data: "one")"}).ThenFails(15, "why")},
      {"ADownloadIsCutForHttp10", RawGet("GET /v1/rooms/r/file HTTP/1.0\nHost: a"), Expect{}.Cut(),
       Replies({R"(data: "one")"}).ThenFails(15, "why")},
      {"AnAnswerThatIsNoMessageIsAnErrorOfThatStream", ndjson,
       Expect{}.Says("\n{\"error\":{\"code\":13,"),
       [] {
         Reply reply = Replies({R"(text: "a")"});
         reply.bytes = {"\xff"};
         return reply;
       }()},
      {"AnAnswerThatIsNoMessageCutsTheArray", Get(kLines), Answers("[" + one).Cut(),
       [] {
         Reply reply = Replies({R"(text: "a")"});
         reply.bytes = {"\xff"};
         return reply;
       }()},
      {"AFirstAnswerThatIsNoMessageIs500", Get(kLines), Failed(500, 13), RepliesBytes("\xff")},
  };
}
PUENTE_RULE_SUITE(Rule04Errors, ErrorCases);

}  // namespace
}  // namespace puente::test

// Rule 12: HTTP framing, paths and limits.
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

const std::string kGet = "GET /v1/things HTTP/1.1\r\n";
const std::string kPost = "POST /v1/things HTTP/1.1\r\nHost: a\r\n";
const std::string kHost = "Host: a\r\n";
// What a smuggler would like to have served.
const std::string kNext = "GET /v1/m/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

RuleCase Broken(const std::string& name, const std::string& bytes) {
  return {name, RawBytes(bytes + kNext),
          Refused(400, 3).Header("Connection", "close").Closes().Hides("smuggled")};
}

std::vector<RuleCase> LengthCases() {
  const std::string chunked = kPost + "Transfer-Encoding: chunked\r\n\r\n";
  return {
      Broken("TwoLengths", kPost + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"),
      Broken("TwoDifferentLengths", kPost + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
      Broken("AListOfLengths", kPost + "Content-Length: 2, 2\r\n\r\n{}"),
      Broken("ALengthWithASign", kPost + "Content-Length: +2\r\n\r\n{}"),
      Broken("ANegativeLength", kPost + "Content-Length: -2\r\n\r\n{}"),
      Broken("AHexadecimalLength", kPost + "Content-Length: 0x2\r\n\r\n{}"),
      Broken("AnEmptyLength", kPost + "Content-Length:\r\n\r\n{}"),
      Broken("TooLargeALength", kPost + "Content-Length: 99999999999999999999\r\n\r\n{}"),
      Broken("ALengthBesideChunks",
             kPost + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      Broken("AnUnknownCoding", kPost + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
      Broken("ChunkedTwice", kPost + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
      Broken("ChunkedNotLast", kPost + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
      Broken("ChunkedInHttp10",
             "POST /v1/things HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      Broken("AChunkWithAPrefix", chunked + "0x2\r\n{}\r\n0\r\n\r\n"),
      Broken("ANegativeChunk", chunked + "-2\r\n{}\r\n0\r\n\r\n"),
      Broken("AChunkTooLarge", chunked + "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
      Broken("AChunkThatIsLonger", chunked + "2\r\n{ }\r\n0\r\n\r\n"),
      Broken("AChunkThatEndsInALineFeed", chunked + "2\r\n{}\n0\r\n\r\n"),
      {"ChunksInTheRightForm",
       RawBytes(chunked + "1\r\n{\r\n1;x=y\r\n}\r\n0\r\nX: y\r\n\r\n", "POST"),
       Sees("").SeesNoMetadata("x")},
  };
}
PUENTE_RULE_SUITE(Rule12Lengths, LengthCases);

std::vector<RuleCase> HeadCases() {
  return {
      Broken("NoHost", kGet + "X-A: 1\r\n\r\n"),
      Broken("TwoHosts", kGet + "Host: a\r\nHost: a\r\n\r\n"),
      Broken("AHostWithAPath", kGet + "Host: a/b\r\n\r\n"),
      Broken("AHostWithAUser", kGet + "Host: b@a\r\n\r\n"),
      Broken("AFoldedLine", kGet + kHost + "X-A: 1\r\n 2\r\n\r\n"),
      Broken("ASpaceBeforeTheColon", kGet + kHost + "X-A : 1\r\n\r\n"),
      Broken("NoColon", kGet + kHost + "X-A\r\n\r\n"),
      Broken("NoName", kGet + kHost + ": 1\r\n\r\n"),
      Broken("ABareCarriageReturn", kGet + "Host: a\rX-A: 1\r\n\r\n"),
      Broken("ABareLineFeed", kGet + "Host: a\nX-A: 1\r\n\r\n"),
      Broken("ANul", kGet + kHost + std::string("X-A: \0\r\n\r\n", 9)),
      Broken("TheHttp2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      Broken("AnotherVersion", "GET /v1/things HTTP/2.0\r\nHost: a\r\n\r\n"),
      Broken("NoVersion", "GET /v1/things\r\n\r\n"),
      Broken("TwoSpaces", "GET  /v1/things HTTP/1.1\r\nHost: a\r\n\r\n"),
      Broken("ASpaceInTheTarget", "GET /v1/m/a b HTTP/1.1\r\nHost: a\r\n\r\n"),
      Broken("ATargetOfOtherBytes", "GET /v1/m/\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"),
      Broken("ATargetWithoutSlash", "GET v1/things HTTP/1.1\r\nHost: a\r\n\r\n"),
      Broken("AMethodThatIsNoToken", "G(T /v1/things HTTP/1.1\r\nHost: a\r\n\r\n"),
      {"BadFramingOnAnUnknownPath",
       RawBytes("GET /nowhere HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n" + kNext),
       Refused(400, 3).Closes()},
      {"NoHostInHttp10", RawBytes("GET /v1/things HTTP/1.0\r\n\r\n"), Sees("").Closes()},
      {"AnEmptyHost", RawBytes("GET /v1/things HTTP/1.1\r\nHost:\r\n\r\n"), Sees("")},
      {"ATargetInAbsoluteForm", RawBytes("GET http://a/v1/m/x HTTP/1.1\r\nHost: a\r\n\r\n"),
       Calls("Star", "a: 'x'")},
      {"ConnectionCloseIsObeyed", Get("/v1/things").With("Connection", "close"),
       Sees("").Header("Connection", "close").Closes()},
  };
}
PUENTE_RULE_SUITE(Rule12Heads, HeadCases);

std::vector<RuleCase> PathCases() {
  return {
      {"ADotSegment", Get("/v1/m/."), Refused(400, 3)},
      {"ADoubleDotSegment", Get("/v1/m/.."), Refused(400, 3)},
      {"ADoubleDotSegmentInside", Get("/v1/m/../m/x"), Refused(400, 3)},
      {"ADoubleDotInManySegments", Get("/v1/d/a/../b"), Refused(400, 3)},
      {"AnEncodedDotSegment", Get("/v1/m/%2e"), Refused(400, 3)},
      {"AnEncodedDoubleDotSegment", Get("/v1/d/%2e%2E/b"), Refused(400, 3)},
      {"AHalfEncodedDoubleDotSegment", Get("/v1/d/.%2e/b"), Refused(400, 3)},
      {"DotsOnAnUnknownPath", Get("/nowhere/../v1/things"), Refused(400, 3)},
      {"ThreeDotsAreText", Get("/v1/m/..."), Calls("Star", "a: '...'")},
      {"ADotInsideIsText", Get("/v1/m/.a"), Calls("Star", "a: '.a'")},
      {"DoubleDotsInTheQueryAreText", Get("/v1/things?text=../.."), Sees("text: '../..'")},
      {"TwoSlashesAreKept", Get("/v1/d//a"), Calls("Deep", "rest: '/a'")},
      {"TwoSlashesAreNotOne", Get("/v1//things"), Refused(404, 5)},
      {"TwoSlashesInFrontAreNotOne", Get("//v1/things"), Refused(404, 5)},
      {"TraceIs405", Send{"TRACE", "/v1/things"}, Refused(405, 12)},
      {"TraceIs405OnRoutesOfEveryMethod", Send{"TRACE", "/v1/any/x"}, Refused(405, 12)},
      {"ConnectIs405", RawGet("CONNECT a:80 HTTP/1.1\nHost: a:80"), Refused(405, 12)},
      {"AnUnknownExpectationIs417", Post("/v1/things", "{}").With("Expect", "200-ok"),
       Expect{.status = 417}.NotReached()},
      {"AContinueIsSent", Post("/v1/things", "{}").With("Expect", "100-continue"), Sees("")},
      {"AnotherUpgradeIsNotMade",
       Get("/v1/things").With("Connection", "Upgrade").With("Upgrade", "h2c"),
       Sees("").NoHeader("Upgrade").SeesNoMetadata("upgrade")},
      {"TooDeepAnAnswerIs500", Get("/v1/things"), Failed(500, 13),
       Replies({"leaf { next { next {} } }"}), ProxySetup{"", "limits: {max_json_depth: 3}"}},
      {"AnAnswerAsDeepAsTheLimit", Get("/v1/things"), Answers(R"({"leaf":{"next":{}}})"),
       Replies({"leaf { next {} }"}), ProxySetup{"", "limits: {max_json_depth: 3}"}},
      {"TooDeepAnAnswerByItsStruct", Get("/v1/things"), Failed(500, 13),
       Replies({"list { values { list_value { values { list_value {} } } } }"}),
       ProxySetup{"", "limits: {max_json_depth: 3}"}},
  };
}
PUENTE_RULE_SUITE(Rule12Paths, PathCases);

TEST(Rule12Connections, OneAboveTheLimitIsClosedAtOnceAndCounted) {
  const ProxyUnderTest& proxy =
      RulesFixture::Get().Proxy(Codecs().front(), {"", "limits: {max_connections: 1}"});
  RulesFixture::Get().SetReply({});
  HttpClient first = proxy.Connect();
  EXPECT_EQ(first.Get("/v1/things").status, 200);
  HttpClient second = proxy.Connect();
  EXPECT_EQ(second.ReadUntilClosed(), "");
  EXPECT_EQ(first.Get("/v1/things").status, 200);
}

}  // namespace
}  // namespace puente::test

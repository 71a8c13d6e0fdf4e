// Answers of an HTTP upstream, good ones and malformed ones (design rule 12).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <utility>

#include "tests/integration/example_calls.h"
#include "tests/integration/migration_proxy.h"

namespace puente::test {
namespace {

using testing::Optional;

struct AnswerCase {
  const char* name;
  const char* method;
  const char* upstream;
  int status;
  const char* body;
  const char* length;  // of the Content-Length; nullptr: there is none
  bool chunked;
};

class HttpAnswers : public testing::TestWithParam<AnswerCase> {};

TEST_P(HttpAnswers, GoOnAsTheyCame) {
  const AnswerCase& c = GetParam();
  RecordingProxy under_test(c.upstream);
  HttpClient client = under_test.proxy.Connect();
  for (int turn = 0; turn < 2; ++turn) {
    const HttpResponse answer = client.Request(c.method, "/x");
    EXPECT_EQ(answer.status, c.status);
    EXPECT_EQ(answer.body, c.body);
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.chunked, c.chunked);
    EXPECT_EQ(answer.Header("content-length"),
              c.length == nullptr ? std::nullopt : std::optional(std::string(c.length)));
    EXPECT_LE(answer.Count("content-length"), 1U);
  }
  EXPECT_EQ(under_test.upstream.connection_count(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    All, HttpAnswers,
    testing::Values(
        AnswerCase{"Length", "GET", "HTTP/1.1 203 Whatever\r\nContent-Length: 3\r\n\r\nyes", 203,
                   "yes", "3", false},
        AnswerCase{"Empty", "GET", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, "",
                   "0", false},
        AnswerCase{"ServerError", "POST", "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", 503,
                   "busy", "4", false},
        AnswerCase{"UnusualStatus", "GET", "HTTP/1.1 599 Own\r\nContent-Length: 0\r\n\r\n", 599, "",
                   "0", false},
        AnswerCase{"Head", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n", 200, "",
                   "12345", false},
        AnswerCase{"HeadOfNothing", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "",
                   "0", false},
        AnswerCase{"NoContent", "GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", nullptr, false},
        AnswerCase{"NoContentOfDelete", "DELETE", "HTTP/1.1 204 No Content\r\n\r\n", 204, "",
                   nullptr, false},
        AnswerCase{"NotModified", "GET", "HTTP/1.1 304 Not Modified\r\nETag: \"7\"\r\n\r\n", 304,
                   "", nullptr, false},
        AnswerCase{"InterimFirst", "GET",
                   "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                   200, "ok", "2", false}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(HttpAnswersTest, AChunkedAnswerComesWhole) {
  RecordingProxy under_test(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
  HttpClient client = under_test.proxy.Connect();
  for (int turn = 0; turn < 2; ++turn) {
    const HttpResponse answer = client.Get("/x");
    EXPECT_EQ(answer.body, "abcde");
    EXPECT_TRUE(answer.complete);
    EXPECT_NE(answer.chunked, answer.Header("content-length").has_value());
  }
  EXPECT_EQ(under_test.upstream.connection_count(), 1U);
}

TEST(HttpAnswersTest, AnAnswerUntilTheConnectionClosesComesWhole) {
  ForwardingProxy under_test([](RawServer::Connection& client) {
    client.ReadHead();
    client.Send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
  });
  HttpClient client = under_test.proxy.Connect();
  for (int turn = 0; turn < 2; ++turn) {
    const HttpResponse answer = client.Get("/x");
    EXPECT_EQ(answer.body, "until the end");
    EXPECT_TRUE(answer.complete);
  }
}

TEST(HttpAnswersTest, HeadersOfAnAnswerGoOnButThoseOfTheConnection) {
  RecordingProxy under_test(
      "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Own: yes\r\nETag: \"7\"\r\n"
      "Content-Type: text/x-own\r\nContent-Encoding: br\r\nConnection: keep-alive, X-Hop\r\n"
      "Keep-Alive: timeout=5\r\nX-Hop: 1\r\nX-Request-Id: another\r\nX-Puente-Upstream: legacy\r\n"
      "Server: old\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nContent-Length: 2\r\n\r\nok");
  const HttpResponse answer = under_test.proxy.Get("/x", {{"X-Request-Id", "mine"}});
  EXPECT_EQ(answer.body, "ok");
  EXPECT_EQ(answer.Count("set-cookie"), 2U);
  for (const auto& [name, value] :
       {std::pair("X-Own", "yes"), std::pair("ETag", "\"7\""),
        std::pair("Content-Type", "text/x-own"), std::pair("Content-Encoding", "br"),
        std::pair("X-Request-Id", "mine"), std::pair("Server", "old"),
        std::pair("Date", "Mon, 01 Jan 2024 00:00:00 GMT")}) {
    EXPECT_THAT(answer.Header(name), Optional(std::string(value))) << name;
    EXPECT_EQ(answer.Count(name), 1U) << name;
  }
  for (const char* name : {"keep-alive", "x-hop", "x-puente-upstream", "connection"}) {
    EXPECT_EQ(answer.Header(name), std::nullopt) << name;
  }
}

struct CutCase {
  const char* name;
  const char* begin;
};

class CutAnswers : public testing::TestWithParam<CutCase> {};

TEST_P(CutAnswers, AreNeverTakenForComplete) {
  ForwardingProxy under_test([](RawServer::Connection& client) {
    client.ReadHead();
    client.Send(GetParam().begin);
  });
  HttpClient client = under_test.proxy.Connect();
  const HttpResponse answer = client.Get("/x");
  EXPECT_FALSE(answer.status == 200 && answer.complete) << answer.body;
  EXPECT_EQ(client.ReadUntilClosed(), "");
}

INSTANTIATE_TEST_SUITE_P(
    All, CutAnswers,
    testing::Values(
        CutCase{"InABodyWithLength", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome"},
        CutCase{"InAChunk",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n9\r\nof"},
        CutCase{"BetweenChunks",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n"},
        CutCase{"InTheLastChunk",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n0\r\n"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(HttpAnswersTest, AnHttp10ClientSeesACutAnswerAsAReset) {
  ForwardingProxy under_test([](RawServer::Connection& client) {
    client.ReadHead();
    client.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n");
  });
  HttpClient client = under_test.proxy.Connect();
  client.SendRaw("GET /x HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(client.ReadResponse().complete);
}

struct MalformedCase {
  const char* name;
  const char* answer;
};

class MalformedAnswers : public testing::TestWithParam<MalformedCase> {};

TEST_P(MalformedAnswers, Are502AndEndTheConnection) {
  RecordingProxy under_test(GetParam().answer);
  HttpClient client = under_test.proxy.Connect();
  EXPECT_THAT(client.Get("/x"), IsError(502, 13));
  EXPECT_TRUE(WaitUntil([&] { return under_test.upstream.open_count() == 0; }));
  under_test.upstream.Answer(kLegacyAnswer);
  EXPECT_EQ(client.Get("/x").status, 200);
  EXPECT_EQ(under_test.upstream.connection_count(), 2U);
}

INSTANTIATE_TEST_SUITE_P(
    All, MalformedAnswers,
    testing::Values(
        MalformedCase{"NoHttp", "SSH-2.0-OpenSSH\r\n\r\n"},
        MalformedCase{"NoStatus", "HTTP/1.1 OK\r\n\r\n"},
        MalformedCase{"StatusOfNoClass", "HTTP/1.1 799 Own\r\nContent-Length: 0\r\n\r\n"},
        MalformedCase{"OtherVersion", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
        MalformedCase{"TwoLengths",
                      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"},
        MalformedCase{"LengthAndChunked",
                      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: "
                      "chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"},
        MalformedCase{"NegativeLength", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"},
        MalformedCase{"UnknownCoding",
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
        MalformedCase{"SpaceBeforeColon",
                      "HTTP/1.1 200 OK\r\nX-A : 1\r\nContent-Length: 0\r\n\r\n"},
        MalformedCase{"Folded", "HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n"},
        MalformedCase{"BareLineFeed", "HTTP/1.1 200 OK\nContent-Length: 0\n\n\r\n\r\n"},
        MalformedCase{"BadChunkSize",
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"},
        MalformedCase{"SwitchesUnasked",
                      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: "
                      "upgrade\r\n\r\n"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(HttpAnswersTest, SurplusBytesAreNoAnswerToTheNextRequest) {
  RecordingProxy under_test(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: "
      "6\r\n\r\nforged");
  HttpClient client = under_test.proxy.Connect();
  EXPECT_EQ(client.Get("/x").body, "ok");
  EXPECT_EQ(client.Get("/x").body, "ok");
  EXPECT_EQ(under_test.upstream.connection_count(), 2U);
}

}  // namespace
}  // namespace puente::test

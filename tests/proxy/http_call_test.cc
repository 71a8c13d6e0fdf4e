#include "proxy/upstream/http_call.h"

#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <string_view>

#include "config/defaults.h"
#include "tests/proxy/http_lane_fixture.h"
#include "tests/support/raw_server.h"

namespace puente {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using std::string_view_literals::operator""sv;
using test::HttpOutcome;
using test::HttpRequest;
using test::RawServer;
using Framing = HttpRequestHead::Framing;

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Answers every request with `answer`, at once or byte by byte, until the client closes.
RawServer::Script Answering(std::string answer, bool bytewise = false, bool then_close = false) {
  return [=](RawServer::Connection& client) {
    while (true) {
      client.ReadHead();
      if (bytewise) {
        client.SendBytewise(answer);
      } else {
        client.Send(answer);
      }
      if (then_close) return;
    }
  };
}

class HttpCallTest : public test::HttpLaneTest {
 protected:
  static HttpRequestHead Post(Framing framing, std::uint64_t length = 0) {
    HttpRequestHead head;
    head.method = "POST";
    head.target = "/upload";
    head.framing = framing;
    head.content_length = length;
    return head;
  }
};

TEST_F(HttpCallTest, SendsExactlyWhatItIsGiven) {
  std::string received;
  RawServer server([&](RawServer::Connection& client) {
    received = client.ReadHead();
    received += client.ReadExactly(5);
    client.Send("HTTP/1.1 201 Created\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 3\r\n\r\nyes");
    client.AwaitClose();
  });
  const auto upstream = MakeUpstream(ConfigOf({"http://" + server.address() + "/base/"}));
  const HttpOutcome answer =
      Fetch(*upstream, {.method = "PUT", .target = "/a?b=c", .body = "hello"});
  EXPECT_EQ(received,
            "PUT /base/a?b=c HTTP/1.1\r\nHost: api.example\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_FALSE(answer.error) << answer.error->message;
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "yes");
  EXPECT_EQ(answer.headers,
            (std::vector<Header>{{"X-A", "1"}, {"x-a", "2"}, {"Content-Length", "3"}}));
  EXPECT_TRUE(answer.sent);
}

struct AnswerCase {
  std::string_view name;
  std::string_view method;
  std::string_view answer;
  int status;
  std::string_view body;
  bool reused;
};

class GoodAnswers : public HttpCallTest, public testing::WithParamInterface<bool> {};

TEST_P(GoodAnswers, AreReadHoweverTheyArrive) {
  const AnswerCase kCases[] = {
      {"length", "GET", kOk, 200, "ok", true},
      {"no headers but a length", "GET", "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", 404, "",
       true},
      {"chunked", "GET",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 200,
       "abcde", true},
      {"chunks with extensions and trailers", "GET",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b;c=\"d\"\r\nabc\r\n0;x\r\n"
       "X-Trailer: 1\r\n\r\n",
       200, "abc", true},
      {"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200, "", true},
      {"HEAD of chunked", "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, "",
       true},
      {"204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
      {"204 with a length", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204, "",
       true},
      {"204 that announces a body", "GET", "HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n", 204, "",
       false},
      {"304 with a length", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304,
       "", true},
      {"interim answers", "GET",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
       200, "ok", true},
      {"the server closes", "GET",
       "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
      {"HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
      {"HTTP/1.0 that would stay", "GET",
       "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 200, "ok",
       false},
      {"surplus bytes", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\r\n", 200, "ok",
       false},
  };
  for (const AnswerCase& c : kCases) {
    SCOPED_TRACE(c.name);
    RawServer server(Answering(std::string(c.answer), /*bytewise=*/GetParam()));
    const auto upstream = MakeUpstream(server.address());
    for (std::size_t i = 1; i <= 2; ++i) {
      const HttpOutcome answer = Fetch(*upstream, {.method = std::string(c.method)});
      ASSERT_FALSE(answer.error) << answer.error->message;
      EXPECT_EQ(answer.status, c.status);
      EXPECT_EQ(answer.body, c.body);
      EXPECT_EQ(server.connection_count(), c.reused ? 1 : i);
    }
  }
}

TEST_P(GoodAnswers, MayLastUntilTheServerCloses) {
  for (const std::string_view version : {"HTTP/1.0", "HTTP/1.1"}) {
    const std::string answer = std::string(version) + " 200 OK\r\n\r\nuntil the end";
    RawServer server(Answering(answer, /*bytewise=*/GetParam(), /*then_close=*/true));
    const auto upstream = MakeUpstream(server.address());
    for (std::size_t i = 1; i <= 2; ++i) {
      const HttpOutcome outcome = Fetch(*upstream);
      ASSERT_FALSE(outcome.error) << outcome.error->message;
      EXPECT_EQ(outcome.body, "until the end");
      EXPECT_EQ(server.connection_count(), i);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Pieces, GoodAnswers, testing::Bool(), [](const auto& info) {
  return std::string(info.param ? "Bytewise" : "AtOnce");
});

TEST_F(HttpCallTest, MalformedAnswersAre502AndEndTheConnection) {
  std::string many_headers = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 200; ++i) many_headers += "X: 1\r\n";
  std::string many_interim;
  for (int i = 0; i < 17; ++i) many_interim += "HTTP/1.1 103 Early\r\n\r\n";
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  struct Case {
    std::string_view name;
    std::string answer;
  };
  const Case kCases[] = {
      {"another protocol", "SSH-2.0-OpenSSH_9.2\r\n"},
      {"binary", "\x15\x03\x01\x00\x02\x02\x50"},
      {"HTTP/2", "HTTP/2 200 OK\r\n\r\n"},
      {"HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n"},
      {"no status", "HTTP/1.1 OK\r\n\r\n"},
      {"status of two digits", "HTTP/1.1 99 Low\r\n\r\n"},
      {"status below 100", "HTTP/1.1 099 Low\r\n\r\n"},
      {"status above 599", "HTTP/1.1 600 High\r\n\r\n"},
      {"status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"},
      {"non-ASCII reason", "HTTP/1.1 200 \xc3\x96k\r\nContent-Length: 0\r\n\r\n"},
      {"control character in the reason", "HTTP/1.1 200 O\vK\r\nContent-Length: 0\r\n\r\n"},
      {"bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"},
      {"bare LF in the headers", "HTTP/1.1 200 OK\r\nX: 1\nContent-Length: 0\r\n\r\n"},
      {"bare CR", "HTTP/1.1 200 OK\r\nX: 1\rContent-Length: 0\r\n\r\n"},
      {"NUL in a value", std::string("HTTP/1.1 200 OK\r\nX: \0\r\n\r\n"sv)},
      {"folded header", "HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\nContent-Length: 0\r\n\r\n"},
      {"space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n"},
      {"a line without a colon", "HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n"},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
      {"the same length twice",
       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"},
      {"list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na"},
      {"signed length", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na"},
      {"length out of range", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\na"},
      {"length and chunked",
       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"another coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"},
      {"two codings", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"chunked twice",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\n"},
      {"chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"interim with a body", "HTTP/1.1 103 Early\r\nContent-Length: 1\r\n\r\na"},
      {"too many interim answers", many_interim},
      {"switching unasked", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"},
      {"too many headers", many_headers + "X: 201\r\n\r\n"},
      {"too large a head", "HTTP/1.1 200 OK\r\nX: " + std::string(65536, 'x') + "\r\n\r\n"},
      {"head without end", "HTTP/1.1 200 OK\r\nX: " + std::string(70000, 'x')},
      {"chunk size is no number", chunked + "x\r\n\r\n"},
      {"chunk size out of range", chunked + "10000000000000000\r\n"},
      {"chunk longer than its size", chunked + "1\r\nab\r\n0\r\n\r\n"},
      {"chunk size ends in LF", chunked + "1\na\r\n0\r\n\r\n"},
      {"control character in an extension", chunked + "1;a=\v\r\na\r\n0\r\n\r\n"},
      {"length in the trailers", chunked + "0\r\nContent-Length: 7\r\n\r\n"},
      {"folded trailer", chunked + "0\r\nX: 1\r\n 2\r\n\r\n"},
      {"extension without end", chunked + "1;" + std::string(70000, 'x')},
      {"trailers without end", chunked + "0\r\nX: " + std::string(70000, 'x')},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    RawServer server([&](RawServer::Connection& client) {
      client.ReadHead();
      client.Send(client.number() == 0 ? c.answer : std::string(kOk));
      client.AwaitClose();
    });
    const auto upstream = MakeUpstream(server.address());
    const HttpOutcome outcome = Fetch(*upstream);
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->HttpStatus(), 502);
    EXPECT_EQ(outcome.error->code, Code::kInternal) << outcome.error->message;
    EXPECT_FALSE(outcome.stale);
    EXPECT_TRUE(test::WaitUntil([&] { return server.open_count() == 0; }));
    EXPECT_EQ(Fetch(*upstream).body, "ok");
    EXPECT_EQ(server.connection_count(), 2u);
  }
}

TEST_F(HttpCallTest, AnswersThatAreCutAre502) {
  struct Case {
    std::string_view name;
    std::string_view answer;
    bool reset = false;
  };
  constexpr Case kCases[] = {
      {"nothing", ""},
      {"nothing, and a reset", "", true},
      {"part of the head", "HTTP/1.1 200 OK\r\nContent-"},
      {"an interim answer only", "HTTP/1.1 103 Early Hints\r\n\r\n"},
      {"part of the body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"},
      {"no body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
      {"within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell"},
      {"between chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
      {"before the empty line",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"},
      {"a reset where the end counts", "HTTP/1.1 200 OK\r\n\r\nhello", true},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    std::atomic<bool> read{false};
    RawServer server([&](RawServer::Connection& client) {
      client.ReadHead();
      if (!c.answer.empty()) client.Send(c.answer);
      // A reset would overtake what was not read yet.
      if (c.reset && !c.answer.empty()) client.Await([&] { return read.load(); });
      if (c.reset) client.ResetOnClose();
    });
    const auto upstream = MakeUpstream(server.address());
    const auto outcome = Run<HttpOutcome>([&]() -> Task<HttpOutcome> {
      HttpOutcome outcome;
      HttpCall call(*upstream, lane_, std::nullopt);
      HttpRequestHead head;
      head.method = "GET";
      head.target = "/";
      const Result<void> started = co_await call.Start(head);
      if (!started) outcome.error = started.error();
      const Result<void> answered = co_await call.ReadHead();
      if (!answered) outcome.error = answered.error();
      bool more = answered.has_value();
      while (more) {
        const Result<bool> some = co_await call.ReadBodySome(outcome.body);
        if (!some) outcome.error = some.error();
        more = some && *some;
        read = true;
      }
      outcome.stale = call.is_stale();
      co_return outcome;
    });
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->HttpStatus(), 502);
    EXPECT_EQ(outcome.error->code, Code::kUnavailable) << outcome.error->message;
    EXPECT_FALSE(outcome.stale);
  }
}

TEST_F(HttpCallTest, StreamsChunksBothWays) {
  std::string trace;
  RawServer server([&](RawServer::Connection& client) {
    const std::string head = client.ReadHead();
    trace = head.substr(head.find("\r\n"));
    client.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (true) {
      const std::string size = client.ReadUntil("\r\n");
      trace += "[" + size;
      const std::size_t bytes = std::stoul(size, nullptr, 16);
      const std::string data = client.ReadExactly(bytes + 2);
      trace += data + "]";
      if (bytes == 0) break;
      client.Send(size + data);
    }
    client.Send("0\r\n\r\n");
    client.AwaitClose();
  });
  const auto upstream = MakeUpstream(server.address());
  const std::string echo = Run<std::string>([&]() -> Task<std::string> {
    std::string all;
    HttpCall call(*upstream, lane_, std::nullopt);
    const HttpRequestHead head = Post(Framing::kChunked);
    const Result<void> started = co_await call.Start(head, "first");
    const Result<void> answered = co_await call.ReadHead();
    EXPECT_TRUE(started && answered);
    // Each goes there and back before the next one.
    const std::string kPieces[] = {"", "second piece", std::string(40000, 'x')};
    std::string expected = "first";
    for (const std::string& piece : kPieces) {
      const bool sent = co_await call.WriteBody(piece);
      EXPECT_TRUE(sent);
      expected += piece;
      while (all.size() < expected.size()) {
        const Result<bool> more = co_await call.ReadBodySome(all);
        EXPECT_TRUE(more && *more);
        if (!more || !*more) co_return all;
      }
      EXPECT_EQ(all, expected);
    }
    const bool ended = co_await call.EndBody();
    const Result<bool> more = co_await call.ReadBodySome(all);
    EXPECT_TRUE(ended && more && !*more);
    co_return all;
  });
  EXPECT_EQ(echo, "firstsecond piece" + std::string(40000, 'x'));
  EXPECT_THAT(trace,
              testing::StartsWith("\r\nTransfer-Encoding: chunked\r\n\r\n[5\r\nfirst\r\n][c\r\n"));
  EXPECT_THAT(trace, testing::EndsWith("][0\r\n\r\n]"));
  EXPECT_EQ(server.open_count(), 1u);  // kept for the next
}

TEST_F(HttpCallTest, ABodyOfALengthIsSentInPieces) {
  std::string body;
  RawServer server([&](RawServer::Connection& client) {
    client.ReadHead();
    body = client.ReadExactly(10);
    client.Send(kOk);
    client.AwaitClose();
  });
  const auto upstream = MakeUpstream(server.address());
  Run<bool>([&]() -> Task<bool> {
    HttpOutcome outcome;
    HttpCall call(*upstream, lane_, std::nullopt);
    const HttpRequestHead head = Post(Framing::kLength, 10);
    const Result<void> started = co_await call.Start(head, "0123");
    EXPECT_TRUE(started);
    const bool too_long = co_await call.WriteBody("456789x");
    EXPECT_FALSE(too_long);
    const bool too_early = co_await call.EndBody();
    EXPECT_FALSE(too_early);
    const bool written = co_await call.WriteBody("456789");
    EXPECT_TRUE(written);
    const bool ended = co_await call.EndBody();
    EXPECT_TRUE(ended);
    co_await ReadAnswer(call, outcome);
    EXPECT_EQ(outcome.status, 200);
    co_return true;
  });
  EXPECT_EQ(body, "0123456789");
  EXPECT_EQ(server.open_count(), 1u) << "it is kept for the next";
}

TEST_F(HttpCallTest, AnAnswerMayComeBeforeTheRequestIsComplete) {
  for (const std::string_view close : {"", "Connection: close\r\n"}) {
    RawServer server([&](RawServer::Connection& client) {
      client.ReadHead();
      client.Send("HTTP/1.1 413 Too Large\r\n" + std::string(close) +
                  "Content-Length: 2\r\n\r\nno");
      client.AwaitClose();
    });
    const auto upstream = MakeUpstream(server.address());
    Run<bool>([&]() -> Task<bool> {
      HttpOutcome outcome;
      HttpCall call(*upstream, lane_, std::nullopt);
      const HttpRequestHead head = Post(Framing::kLength, 1000);
      const Result<void> started = co_await call.Start(head, "some of it");
      EXPECT_TRUE(started);
      co_await ReadAnswer(call, outcome);
      EXPECT_EQ(outcome.status, 413);
      EXPECT_EQ(outcome.body, "no");
      EXPECT_FALSE(outcome.error);
      const bool may_go_on = co_await call.WriteBody("more");
      EXPECT_EQ(may_go_on, close.empty());
      co_return true;
    });
    EXPECT_TRUE(test::WaitUntil([&] { return server.open_count() == 0; })) << "it is not reused";
  }
}

TEST_F(HttpCallTest, AnAnswerIsReadThoughTheServerClosedOnTheUpload) {
  RawServer server([](RawServer::Connection& client) {
    client.ReadHead();
    client.Send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    client.AwaitClose();
  });
  const auto upstream = MakeUpstream(server.address());
  const int status = Run<int>([&]() -> Task<int> {
    HttpCall call(*upstream, lane_, std::nullopt);
    const HttpRequestHead head = Post(Framing::kChunked);
    const std::string piece(65536, 'x');
    const Result<void> started = co_await call.Start(head, piece);
    EXPECT_TRUE(started);
    const Result<void> answered = co_await call.ReadHead();
    co_return answered ? call.head().status : 0;
  });
  EXPECT_EQ(status, 413);
}

TEST_F(HttpCallTest, AConnectionThatWasClosedBeforeTheRequestCameIsStale) {
  for (const bool reset : {false, true}) {
    RawServer server([reset](RawServer::Connection& client) {
      client.ReadHead();
      client.Send(kOk);
      client.ReadHead();
      if (client.number() > 0) client.Send(kOk);
      if (reset) client.ResetOnClose();
    });
    const auto upstream = MakeUpstream(server.address());
    EXPECT_EQ(Fetch(*upstream).body, "ok");
    const HttpOutcome stale = Fetch(*upstream);
    ASSERT_TRUE(stale.error);
    EXPECT_EQ(stale.error->HttpStatus(), 502);
    EXPECT_TRUE(stale.stale);
    EXPECT_TRUE(stale.sent);
    EXPECT_EQ(Fetch(*upstream, {.connections = HttpCall::Connections::kFresh}).body, "ok");
    EXPECT_EQ(server.connection_count(), 2u);
  }
}

TEST_F(HttpCallTest, AFreshConnectionIsMadeThoughThereIsAnother) {
  RawServer server(Answering(std::string(kOk)));
  auto config = ConfigOf({"http://" + server.address()});
  config.mutable_http()->set_max_connections(1);
  const auto upstream = MakeUpstream(config);
  EXPECT_EQ(Fetch(*upstream).body, "ok");
  EXPECT_EQ(Fetch(*upstream, {.connections = HttpCall::Connections::kFresh}).body, "ok");
  EXPECT_EQ(server.connection_count(), 2u);
  // The only place was that of the first.
  EXPECT_TRUE(test::WaitUntil([&] { return server.open_count() == 1; }));
}

// The only connection serves another call while the first answer waits to be read.
TEST_F(HttpCallTest, AShortAnswerThatIsReadAheadFreesTheConnection) {
  RawServer server(Answering(std::string(kOk)));
  auto config = ConfigOf({"http://" + server.address()});
  config.mutable_http()->set_max_connections(1);
  const auto upstream = MakeUpstream(config);
  const auto outcome = Run<HttpOutcome>([&]() -> Task<HttpOutcome> {
    HttpRequestHead head;
    head.method = "GET";
    head.target = "/";
    HttpCall first(*upstream, lane_, DeadlineIn(milliseconds(5000)));
    HttpCall second(*upstream, lane_, DeadlineIn(milliseconds(5000)));
    HttpOutcome outcome, other;
    Result<void> done = co_await first.Start(head);
    if (done) done = co_await first.ReadHead();
    if (!done) outcome.error = done.error();
    co_await first.ReadAhead();
    done = co_await second.Start(head);
    if (!done) outcome.error = done.error();
    co_await ReadAnswer(second, other);
    if (!first.has_input()) ADD_FAILURE() << "there is something to be read";
    const Result<bool> more = co_await first.ReadBodySome(outcome.body);
    if (!more || *more) ADD_FAILURE() << "that was all";
    outcome.body += "," + other.body;
    co_return outcome;
  });
  EXPECT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_EQ(outcome.body, "ok,ok");
  EXPECT_EQ(server.connection_count(), 1u);
}

TEST_F(HttpCallTest, TheDeadlineEndsWhateverIsUnderWay) {
  struct Case {
    std::string_view name;
    std::string_view answer;  // before the server falls silent
    std::size_t body = 0;     // of the request, which the server does not read
  };
  constexpr Case kCases[] = {
      {"no answer", ""},
      {"half a head", "HTTP/1.1 200 OK\r\n"},
      {"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"},
      {"a body that is not taken", "", 64 << 20},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    std::atomic<bool> done{false};
    RawServer server([&](RawServer::Connection& client) {
      client.ReadHead();
      client.Send(c.answer);
      client.Await([&] { return done.load(); });
    });
    const auto upstream = MakeUpstream(server.address());
    const auto begun = steady_clock::now();
    const HttpOutcome outcome =
        Fetch(*upstream,
              {.method = "POST", .body = std::string(c.body, 'x'), .timeout = milliseconds(200)});
    const auto taken = steady_clock::now() - begun;
    done = true;
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->code, Code::kDeadlineExceeded);
    EXPECT_EQ(outcome.error->HttpStatus(), 504);
    EXPECT_FALSE(outcome.stale);
    EXPECT_GE(taken, milliseconds(200));
    EXPECT_LT(taken, milliseconds(2000));
  }
}

TEST_F(HttpCallTest, CancelEndsWhatWaits) {
  RawServer server([](RawServer::Connection& client) {
    client.ReadHead();
    client.AwaitClose();
  });
  const auto upstream = MakeUpstream(server.address());
  std::atomic<HttpCall*> running{nullptr};
  auto future = Begin<HttpOutcome>([&]() -> Task<HttpOutcome> {
    HttpOutcome outcome;
    HttpCall call(*upstream, lane_, std::nullopt);
    running = &call;
    HttpRequestHead head;
    head.method = "GET";
    head.target = "/";
    const Result<void> started = co_await call.Start(head);
    EXPECT_TRUE(started);
    co_await ReadAnswer(call, outcome);
    co_return outcome;
  });
  ASSERT_TRUE(test::WaitUntil([&] { return server.request_count() == 1; }));
  loop_.Post([&] { running.load()->Cancel(); });
  const HttpOutcome outcome = future.get();
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code, Code::kCancelled);
  EXPECT_TRUE(test::WaitUntil([&] { return server.open_count() == 0; }));
}

TEST_F(HttpCallTest, ACallThatWasCancelledDoesNotStart) {
  RawServer server(Answering(std::string(kOk)));
  const auto upstream = MakeUpstream(server.address());
  const auto code = Run<Code>([&]() -> Task<Code> {
    HttpCall call(*upstream, lane_, std::nullopt);
    call.Cancel();
    HttpRequestHead head;
    const Result<void> started = co_await call.Start(head);
    co_return started ? Code::kOk : started.error().code;
  });
  EXPECT_EQ(code, Code::kCancelled);
  EXPECT_EQ(server.connection_count(), 0u);
}

TEST_F(HttpCallTest, ASlowReaderSlowsTheServer) {
  constexpr std::size_t kAll = 64 << 20;
  std::atomic<std::size_t> sent{0};
  RawServer server([&](RawServer::Connection& client) {
    client.ReadHead();
    client.Send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kAll) + "\r\n\r\n");
    const std::string piece(65536, 'x');
    while (sent < kAll) {
      client.Send(piece);
      sent += piece.size();
    }
    client.AwaitClose();
  });
  const auto upstream = MakeUpstream(server.address());
  std::atomic<bool> go_on{false};
  auto future = Begin<std::size_t>([&]() -> Task<std::size_t> {
    HttpCall call(*upstream, lane_, std::nullopt);
    HttpRequestHead head;
    head.method = "GET";
    head.target = "/";
    const Result<void> started = co_await call.Start(head);
    const Result<void> answered = co_await call.ReadHead();
    EXPECT_TRUE(started && answered);
    Event pause(lane_.executor());
    while (!go_on) co_await pause.WaitFor(milliseconds(5));
    std::size_t size = 0;
    std::size_t largest = 0;
    bool more = true;
    while (more) {
      std::string body;
      const Result<bool> read = co_await call.ReadBodySome(body);
      more = read && *read;
      size += body.size();
      largest = std::max(largest, body.size());
    }
    EXPECT_LE(largest, 65536u * 2);
    co_return size;
  });
  ASSERT_TRUE(test::Settles(sent));
  EXPECT_LT(sent, kAll / 2);
  go_on = true;
  EXPECT_EQ(future.get(), kAll);
}

TEST_F(HttpCallTest, SwitchesToAnotherProtocolWhenThatWasAsked) {
  RawServer server([](RawServer::Connection& client) {
    client.ReadHead();
    client.Send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\nhello ");
    client.Send(client.ReadExactly(5));
  });
  const auto upstream = MakeUpstream(server.address());
  const std::string all = Run<std::string>([&]() -> Task<std::string> {
    std::string all;
    HttpCall call(*upstream, lane_, std::nullopt);
    const std::vector<HeaderView> headers{{"Connection", "upgrade"}, {"Upgrade", "echo"}};
    HttpRequestHead head;
    head.method = "GET";
    head.target = "/";
    head.headers = headers;
    head.upgrade = true;
    const Result<void> started = co_await call.Start(head);
    const Result<void> answered = co_await call.ReadHead();
    EXPECT_TRUE(started && answered);
    EXPECT_EQ(call.head().status, 101);
    EXPECT_TRUE(call.upgraded());
    const bool sent = co_await call.WriteBody("world");
    EXPECT_TRUE(sent);
    bool more = true;
    while (more) {
      const Result<bool> read = co_await call.ReadBodySome(all);
      EXPECT_TRUE(read);
      more = read && *read;
    }
    co_return all;
  });
  EXPECT_EQ(all, "hello world");
}

// What a call told its upstream about the target.
enum class Told { kSuccess, kFailure, kNothing };

class HttpCallOutcome : public HttpCallTest {
 protected:
  // Two targets, which are out after two failures.
  static std::shared_ptr<HttpUpstream> UpstreamAt(const RawServer& server) {
    const std::string url = "http://" + server.address();
    config::Upstream config = ConfigOf({url, url});
    config.mutable_http()->mutable_outlier_detection()->set_failures(2);
    ApplyDefaults(config);
    return MakeUpstream(config);
  }

  Told ToldBy(HttpUpstream& upstream, const test::HttpRequest& request) {
    for (const std::size_t target : {0u, 1u}) upstream.Report(target, Outcome::kFailure);
    const std::size_t target = Fetch(upstream, request).target;
    const auto now = std::chrono::steady_clock::now();
    if (!upstream.IsUsable(target, now)) return Told::kFailure;
    upstream.Report(target, Outcome::kFailure);
    return upstream.IsUsable(target, now) ? Told::kSuccess : Told::kNothing;
  }
};

TEST_F(HttpCallOutcome, IsToldToTheUpstream) {
  struct Case {
    const char* name;
    std::string_view answer;
    Told told;
  };
  constexpr Case kCases[] = {
      {"well", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Told::kSuccess},
      {"until the end", "HTTP/1.1 200 OK\r\n\r\nok", Told::kSuccess},
      {"a refusal", "HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n", Told::kSuccess},
      {"too many", "HTTP/1.1 429 x\r\nContent-Length: 0\r\n\r\n", Told::kSuccess},
      {"an error", "HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n", Told::kFailure},
      {"overloaded", "HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n", Told::kFailure},
      {"an error in part", "HTTP/1.1 502 x\r\nContent-Length: 9\r\n\r\nx", Told::kFailure},
      {"no HTTP", "SSH-2.0\r\n\r\n", Told::kFailure},
      {"nothing", "", Told::kFailure},
      {"a head in part", "HTTP/1.1 200 OK\r\nConte", Told::kFailure},
      {"a body in part", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", Told::kFailure},
  };
  for (const Case& c : kCases) {
    RawServer server([&](RawServer::Connection& client) {
      client.ReadHead();
      client.Send(c.answer);
    });
    EXPECT_EQ(ToldBy(*UpstreamAt(server), {}), c.told) << c.name;
  }
}

TEST_F(HttpCallOutcome, OfOneThatWasTooSlowDependsOnWhoHadNoTime) {
  for (const std::string_view begun : {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"}) {
    RawServer server([&](RawServer::Connection& client) {
      client.ReadHead();
      client.Send(begun);
      client.AwaitClose();
    });
    const std::chrono::milliseconds timeout(50);
    EXPECT_EQ(ToldBy(*UpstreamAt(server), {.timeout = timeout}), Told::kFailure);
    EXPECT_EQ(ToldBy(*UpstreamAt(server), {.timeout = timeout, .timeout_by = DeadlineBy::kClient}),
              Told::kNothing);
  }
}

TEST_F(HttpCallOutcome, OfAConnectionThatHadNothingToDoIsNone) {
  RawServer server([](RawServer::Connection& client) {
    client.ReadHead();
    client.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    client.ReadHead();  // of a further request, just when it closes
  });
  const auto upstream = UpstreamAt(server);
  for (int i = 0; i < 2; ++i) Fetch(*upstream);
  EXPECT_EQ(ToldBy(*upstream, {}), Told::kNothing);
}

TEST_F(HttpCallOutcome, OfOneThatIsCancelledIsNone) {
  RawServer server([](RawServer::Connection& client) { client.AwaitClose(); });
  const auto upstream = UpstreamAt(server);
  for (const std::size_t target : {0u, 1u}) upstream->Report(target, Outcome::kFailure);
  auto running = BeginFetch(*upstream);
  ASSERT_TRUE(test::WaitUntil([&] { return server.open_count() == 1; }));
  loop_.Post([this] { lane_.Close(); });
  EXPECT_EQ(running.get().error->code, Code::kCancelled);
  for (const std::size_t target : {0u, 1u}) {
    EXPECT_TRUE(upstream->IsUsable(target, std::chrono::steady_clock::now()));
  }
}

TEST_F(HttpCallTest, SendsNothingThatWouldBeTwoRequests) {
  RawServer server(Answering(std::string(kOk)));
  const auto upstream = MakeUpstream(server.address());
  for (const std::string_view target : {"/ HTTP/1.1\r\nX: 1", "/\n", "/\r"}) {
    const HttpOutcome outcome = Fetch(*upstream, {.target = std::string(target)});
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->HttpStatus(), 500);
    EXPECT_FALSE(outcome.sent);
  }
  EXPECT_EQ(server.connection_count(), 0u);
}

class HttpCallTlsTest : public HttpCallTest {
 protected:
  std::shared_ptr<HttpUpstream> UpstreamOf(const RawServer& server, const std::string& ca,
                                           const std::string& server_name = "") {
    auto config = ConfigOf({"https://localhost:" + std::to_string(server.port())});
    config.mutable_http()->mutable_tls()->set_ca(ca);
    if (!server_name.empty()) config.mutable_http()->mutable_tls()->set_server_name(server_name);
    return MakeUpstream(config);
  }

  test::TestCertificates certificates_;
};

TEST_F(HttpCallTlsTest, TalksToAServerWithAGoodCertificate) {
  RawServer server(
      [](RawServer::Connection& client) {
        while (true) {
          const std::string head = client.ReadHead();
          if (head.find("Content-Length: 40000") != std::string::npos) client.ReadExactly(40000);
          client.Send(kOk);
        }
      },
      RawServer::Tls{certificates_.server, ""});
  const auto upstream = UpstreamOf(server, certificates_.ca);
  EXPECT_TRUE(upstream->is_tls());
  for (const std::size_t body : {0, 40000, 1}) {
    HttpRequest request{.method = "POST", .body = std::string(body, 'x')};
    if (body == 1) request = {};
    const HttpOutcome outcome = Fetch(*upstream, request);
    ASSERT_FALSE(outcome.error) << outcome.error->message;
    EXPECT_EQ(outcome.body, "ok");
  }
  EXPECT_EQ(server.connection_count(), 1u);
  EXPECT_EQ(server.server_name(), "localhost");
}

TEST_F(HttpCallTlsTest, ShowsItsCertificate) {
  RawServer server(Answering(std::string(kOk)),
                   RawServer::Tls{certificates_.server, certificates_.ca});
  auto config = ConfigOf({"https://127.0.0.1:" + std::to_string(server.port())});
  config::ClientTls& tls = *config.mutable_http()->mutable_tls();
  tls.set_ca(certificates_.ca);
  EXPECT_TRUE(Fetch(*MakeUpstream(config)).error);
  tls.set_certificate(certificates_.client_with_dns.certificate);
  tls.set_private_key(certificates_.client_with_dns.private_key);
  EXPECT_EQ(Fetch(*MakeUpstream(config)).body, "ok");
  EXPECT_EQ(server.server_name(), "") << "an address is no name";
}

TEST_F(HttpCallTlsTest, DoesNotTalkToOthers) {
  RawServer server(Answering(std::string(kOk)), RawServer::Tls{certificates_.server, ""});
  const std::shared_ptr<HttpUpstream> kOthers[] = {
      UpstreamOf(server, certificates_.other_authority.file()),
      UpstreamOf(server, certificates_.ca, "other.example"),
  };
  for (const auto& upstream : kOthers) {
    const HttpOutcome outcome = Fetch(*upstream);
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->code, Code::kUnavailable);
    EXPECT_EQ(outcome.error->HttpStatus(), 503);
    EXPECT_FALSE(outcome.sent);
  }
  EXPECT_EQ(server.request_count(), 0u);
}

TEST_F(HttpCallTlsTest, ABodyUntilTheEndNeedsToldEnd) {
  for (const bool told : {true, false}) {
    RawServer server(
        [told](RawServer::Connection& client) {
          client.ReadHead();
          client.Send("HTTP/1.1 200 OK\r\n\r\nall of it");
          // Without close_notify.
          if (!told) throw std::runtime_error("cut");
        },
        RawServer::Tls{certificates_.server, ""});
    const HttpOutcome outcome = Fetch(*UpstreamOf(server, certificates_.ca));
    EXPECT_EQ(outcome.body, "all of it");
    EXPECT_EQ(outcome.error.has_value(), !told);
  }
}

}  // namespace
}  // namespace puente

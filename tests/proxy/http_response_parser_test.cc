#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/response_parser.h"

namespace puente {
namespace {

// What becomes of the response at the front of some bytes, given so many at a time.
struct Parsed {
  std::optional<Error> error;
  int status = 0;
  std::vector<Header> headers;
  std::string body;
  std::size_t consumed = 0;
  bool complete = false;
  bool keep_alive = false;
  bool has_body = false;
};

Parsed Parse(std::string_view bytes, std::size_t piece, bool to_head = false,
             const ResponseLimits& limits = {}) {
  Parsed parsed;
  std::size_t received = 0;
  const auto receive = [&] {
    const bool more = received < bytes.size();
    received = std::min(bytes.size(), received + piece);
    return more;
  };
  std::size_t end = 0;
  for (std::size_t seen = 0; end == 0; seen = received) {
    if (!receive()) return parsed;
    end = FindHttpHeadEnd(bytes.substr(0, received), seen);
    parsed.error = ResponseParser::CheckBegun(bytes.substr(0, received), seen, end, limits);
    if (parsed.error) return parsed;
  }
  HttpResponseHead head;
  head.raw = bytes.substr(0, end);
  ResponseParser parser(head, limits, to_head);
  parsed.error = parser.ParseHead();
  if (parsed.error) return parsed;
  parsed.status = head.status;
  parsed.keep_alive = head.keep_alive;
  parsed.has_body = head.has_body;
  for (const auto& [name, value] : head.headers) {
    parsed.headers.push_back({std::string(name), std::string(value)});
  }
  parsed.consumed = end;
  while (!parser.BodyComplete()) {
    const auto consumed =
        parser.ParseBody(bytes.substr(parsed.consumed, received - parsed.consumed), parsed.body);
    if (!consumed) {
      parsed.error = consumed.error();
      return parsed;
    }
    parsed.consumed += *consumed;
    if (parser.BodyComplete() || !receive()) break;
  }
  if (!parser.BodyComplete()) parsed.error = parser.EndOfStream();
  parsed.complete = parser.BodyComplete();
  return parsed;
}

constexpr std::size_t kPieces[] = {1, 2, 3, 7, 64, 1 << 20};

TEST(ResponseParser, ReadsResponsesInPiecesOfAnySize) {
  struct Case {
    std::string_view response;
    int status;
    std::string_view body;
    bool keep_alive;
    bool to_head = false;
  };
  constexpr Case kCases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true},
      {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, "", true},
      {"HTTP/1.1 500 Oh  no: really?\r\nContent-Length: 0\r\n\r\n", 500, "", true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n00\r\n\r\n", 200,
       "0123456789", true},
      {"HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\n\r\n1 ; a=\"b;c\"\r\nx\r\n0\r\nT: "
       "1\r\n\r\n",
       200, "x", true},
      {"HTTP/1.1 200 OK\r\n\r\nto the end", 200, "to the end", false},
      {"HTTP/1.0 200 OK\r\n\r\nto the end", 200, "to the end", false},
      {"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\nx", 200, "x", false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200, "", true, true},
      {"HTTP/1.1 200 OK\r\n\r\n", 200, "", true, true},
      {"HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
      {"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", 204, "", false},
      {"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", 304, "", true},
      {"HTTP/1.1 100 Continue\r\n\r\n", 100, "", true},
  };
  for (const Case& c : kCases) {
    for (const std::size_t piece : kPieces) {
      SCOPED_TRACE(testing::Message() << c.response << " in " << piece);
      const Parsed parsed = Parse(c.response, piece, c.to_head);
      ASSERT_FALSE(parsed.error) << parsed.error->message;
      EXPECT_TRUE(parsed.complete);
      EXPECT_EQ(parsed.status, c.status);
      EXPECT_EQ(parsed.body, c.body);
      EXPECT_EQ(parsed.keep_alive, c.keep_alive);
      EXPECT_EQ(parsed.has_body, !c.body.empty());
      EXPECT_EQ(parsed.consumed, c.response.size());
    }
  }
}

TEST(ResponseParser, KeepsHeadersAndDropsTrailers) {
  for (const std::size_t piece : kPieces) {
    const Parsed parsed = Parse(
        "HTTP/1.1 200 OK\r\nX-A:1\r\nx_b:  two words \t\r\nx-a: 2\r\nX-Empty:\r\nX-Utf8: "
        "caf\xc3\xa9\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: 1\r\n\r\n",
        piece);
    ASSERT_FALSE(parsed.error);
    EXPECT_EQ(parsed.headers, (std::vector<Header>{{"X-A", "1"},
                                                   {"x_b", "two words"},
                                                   {"x-a", "2"},
                                                   {"X-Empty", ""},
                                                   {"X-Utf8", "caf\xc3\xa9"},
                                                   {"Transfer-Encoding", "chunked"}}));
  }
}

TEST(ResponseParser, LeavesWhatComesAfterTheResponse) {
  for (const std::string_view response :
       {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"}) {
    const Parsed parsed = Parse(std::string(response) + "HTTP/1.1 200", 1 << 20);
    EXPECT_EQ(parsed.body, "ok");
    EXPECT_EQ(parsed.consumed, response.size());
  }
}

TEST(ResponseParser, EndsEarlyAre502) {
  for (const std::string_view response :
       {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\no",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    for (const std::size_t piece : kPieces) {
      const Parsed parsed = Parse(response, piece);
      ASSERT_TRUE(parsed.error) << response;
      EXPECT_EQ(parsed.error->HttpStatus(), 502);
      EXPECT_EQ(parsed.error->code, Code::kUnavailable);
    }
  }
}

TEST(ResponseParser, BoundsHeads) {
  const ResponseLimits limits{.max_header_bytes = 100, .max_headers = 3};
  const std::string start = "HTTP/1.1 200 OK\r\n";
  const auto head_of = [&](std::size_t bytes) {
    return start + "X:" + std::string(bytes - start.size() - 6, 'x') + "\r\n\r\n";
  };
  for (const std::size_t piece : kPieces) {
    EXPECT_FALSE(Parse(head_of(100), piece, true, limits).error);
    EXPECT_TRUE(Parse(head_of(101), piece, true, limits).error);
    EXPECT_TRUE(Parse(head_of(200).substr(0, 110), piece, true, limits).error);
    EXPECT_FALSE(Parse(start + "A:\r\nB:\r\nC:\r\n\r\n", piece, true, limits).error);
    EXPECT_TRUE(Parse(start + "A:\r\nB:\r\nC:\r\nD:\r\n\r\n", piece, true, limits).error);
    const std::string chunked = start + "Transfer-Encoding: chunked\r\n\r\n";
    EXPECT_FALSE(Parse(chunked + "0\r\nA:\r\nB:\r\n\r\n", piece, false, limits).error);
    EXPECT_TRUE(Parse(chunked + "0\r\nA:\r\nB:\r\nC:\r\n\r\n", piece, false, limits).error);
    std::string extensions = chunked;
    for (int i = 0; i < 10; ++i) extensions += "1;abcdefghijk\r\nx\r\n";
    EXPECT_TRUE(Parse(extensions + "0\r\n\r\n", piece, false, limits).error);
  }
}

// Nothing that comes after could mend it: who waited for the end of the head would wait in vain.
TEST(ResponseParser, KnowsEarlyThatItIsNoResponse) {
  for (const std::string_view bytes :
       {"S", "HTTQ", "HTTP/2", "http/1.1", " HTTP/1.1 200 OK", "\r\n", "HTTP/1.1 200 OK\n",
        "HTTP/1.1 200 OK\rX", "HTTP/1.1 2\v"}) {
    const auto error = ResponseParser::CheckBegun(bytes, 0, 0, {});
    ASSERT_TRUE(error) << bytes;
    EXPECT_EQ(error->HttpStatus(), 502);
    EXPECT_THAT(error->message, testing::Not(testing::HasSubstr("request")));
  }
  for (const std::string_view bytes : {"", "H", "HTTP/1.", "HTTP/1.1 200 OK\r", "HTTP/1.1 2"}) {
    EXPECT_FALSE(ResponseParser::CheckBegun(bytes, 0, 0, {})) << bytes;
  }
}

}  // namespace
}  // namespace puente

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "proxy/http/request_parser.h"

namespace puente {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kChunkedHead =
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::size_t kAll = 1 << 20;
constexpr std::size_t kFragments[] = {1, 2, 3, 7, 64, kAll};

struct Outcome {
  int status = 0;         // 0: the body is complete; -1: more is needed
  std::string body;       // what came of it
  std::string left_over;  // the bytes of the next request
  std::size_t headers = 0;
};

// Parses `head`, then hands over `bytes` as a connection would: `fragment` more at a time, in front
// of them what was not consumed.
Outcome Parse(std::string_view raw_head, std::string_view bytes, std::size_t fragment,
              const RequestLimits& limits = {}) {
  RequestHead head;
  head.raw = raw_head;
  RequestParser parser(head, limits);
  Outcome outcome;
  if (const auto error = parser.ParseHead()) {
    outcome.status = error->HttpStatus();
    return outcome;
  }
  std::string input;
  while (!parser.BodyComplete() && !bytes.empty()) {
    input.append(bytes.substr(0, fragment));
    bytes.remove_prefix(std::min(fragment, bytes.size()));
    const auto consumed = parser.ParseBody(input, outcome.body);
    if (!consumed) {
      outcome.status = consumed.error().HttpStatus();
      return outcome;
    }
    input.erase(0, *consumed);
  }
  outcome.status = parser.BodyComplete() ? 0 : -1;
  outcome.left_over = input + std::string(bytes);
  outcome.headers = head.headers.size();
  return outcome;
}

struct BodyCase {
  std::string_view name;
  std::string_view bytes;
  std::string_view body;
  std::string_view left_over = "";
};

TEST(ParseBody, ReadsABodyByItsLength) {
  constexpr BodyCase kCases[] = {
      {"alone", "hello", "hello"},
      {"the next request follows", "helloGET / HTTP/1.1\r\n", "hello", "GET / HTTP/1.1\r\n"},
      {"any bytes", "\0\r\n\r\xff"sv, "\0\r\n\r\xff"sv},
  };
  for (const BodyCase& c : kCases) {
    for (const std::size_t fragment : kFragments) {
      SCOPED_TRACE(fragment);
      const auto outcome =
          Parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", c.bytes, fragment);
      EXPECT_EQ(outcome.status, 0) << c.name;
      EXPECT_EQ(outcome.body, c.body) << c.name;
      EXPECT_EQ(outcome.left_over, c.left_over) << c.name;
    }
  }
}

TEST(ParseBody, ReadsChunks) {
  constexpr BodyCase kCases[] = {
      {"empty", "0\r\n\r\n", ""},
      {"one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"},
      {"two chunks", "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n", "hello, world"},
      {"chunks of one byte", "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n", "abc"},
      {"upper-case size", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789"},
      {"lower-case size", "a\r\n0123456789\r\n0\r\n\r\n", "0123456789"},
      {"leading zeros", "0005\r\nhello\r\n000\r\n\r\n", "hello"},
      {"line ends as data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"},
      {"extensions", "5;a;b=c;d=\"e;\\\"f\"\r\nhello\r\n0;last\r\n\r\n", "hello"},
      {"white space around an extension", "5 ; a = b\r\nhello\r\n0\r\n\r\n", "hello"},
      {"pipelined", "5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1\r\n", "hello", "GET / HTTP/1.1\r\n"},
      {"trailers", "5\r\nhello\r\n0\r\nX-A: 1\r\nX-B: 2\r\n\r\nGET", "hello", "GET"},
      {"trailer that is no header", "0\r\nAuthorization: evil\r\nHost: b\r\n\r\n", ""},
  };
  for (const BodyCase& c : kCases) {
    for (const std::size_t fragment : kFragments) {
      SCOPED_TRACE(fragment);
      const auto outcome = Parse(kChunkedHead, c.bytes, fragment);
      EXPECT_EQ(outcome.status, 0) << c.name;
      EXPECT_EQ(outcome.body, c.body) << c.name;
      EXPECT_EQ(outcome.left_over, c.left_over) << c.name;
      EXPECT_EQ(outcome.headers, 2u) << c.name << ": a trailer became a header";
    }
  }
}

// A chunk of a stream may be all that its sender has to say for a while.
TEST(ParseBody, HasTheDataOfAChunkAsSoonAsTheyAreThere) {
  constexpr BodyCase kCases[] = {
      {"one byte and its end", "1\r\na\r\n", "a"},
      {"two bytes behind others", "5\r\nhello\r\n2\r\nab\r\n", "helloab"},
      {"the begin of a longer one", "a\r\nhe", "he"},
  };
  for (const BodyCase& c : kCases) {
    for (const std::size_t fragment : kFragments) {
      SCOPED_TRACE(fragment);
      const auto outcome = Parse(kChunkedHead, c.bytes, fragment);
      EXPECT_EQ(outcome.status, -1) << c.name;
      EXPECT_EQ(outcome.body, c.body) << c.name;
    }
  }
}

TEST(ParseBody, RefusesBrokenChunks) {
  struct Case {
    std::string_view name;
    std::string_view bytes;
  };
  constexpr Case kCases[] = {
      {"no size", "\r\nhello\r\n0\r\n\r\n"sv},
      {"no hexadecimal size", "g\r\nhello\r\n0\r\n\r\n"sv},
      {"0x prefix", "0x5\r\nhello\r\n0\r\n\r\n"sv},
      {"signed size", "+5\r\nhello\r\n0\r\n\r\n"sv},
      {"negative size", "-1\r\nhello\r\n0\r\n\r\n"sv},
      {"space before the size", " 5\r\nhello\r\n0\r\n\r\n"sv},
      {"space after the size", "5 \r\nhello\r\n0\r\n\r\n"sv},
      {"size over 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n"sv},
      {"size longer than its data", "6\r\nhello\r\n0\r\n\r\n"sv},
      {"size shorter than its data", "4\r\nhello\r\n0\r\n\r\n"sv},
      {"data end with LF", "5\r\nhello\n0\r\n\r\n"sv},
      {"data end with CR", "5\r\nhello\r0\r\n\r\n"sv},
      {"size ends with LF", "5\nhello\r\n0\r\n\r\n"sv},
      {"size ends with CR", "5\rhello\r\n0\r\n\r\n"sv},
      {"extension ends with LF", "5;a\nhello\r\n0\r\n\r\n"sv},
      {"empty extension", "5;\r\nhello\r\n0\r\n\r\n"sv},
      {"LF in a quoted extension", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"sv},
      {"NUL in a quoted extension", "5;a=\"\0\"\r\nhello\r\n0\r\n\r\n"sv},
      {"CR in a quoted extension", "5;a=\"\r\"\r\nhello\r\n0\r\n\r\n"sv},
      {"escaped LF in an extension", "5;a=\"\\\n\"\r\nhello\r\n0\r\n\r\n"sv},
      {"quoted extension over two lines", "5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n"sv},
      {"open quote", "5;a=\"\r\nhello\r\n0\r\n\r\n"sv},
      {"open quote after the last size", "5\r\nhello\r\n0;a=\"\r\n\r\n"sv},
      {"quoted extension over the end", "0;a=\"\r\n\r\nGET / HTTP/1.1\r\nX: \"\r\n\r\n"sv},
      {"LF after the last size", "5\r\nhello\r\n0\n\r\n\r\n"sv},
      {"framing in a trailer", "0\r\nContent-Length: 5\r\n\r\n"sv},
      {"coding in a trailer", "0\r\nTransfer-Encoding: chunked\r\n\r\n"sv},
      {"no colon in a trailer", "0\r\nX\r\n\r\n"sv},
      {"bare LF in a trailer", "0\r\nX: a\nY: b\r\n\r\n"sv},
      {"NUL in a trailer", "0\r\nX: \0\r\n\r\n"sv},
  };
  for (const Case& c : kCases) {
    for (const std::size_t fragment : kFragments) {
      SCOPED_TRACE(fragment);
      EXPECT_EQ(Parse(kChunkedHead, c.bytes, fragment).status, 400) << c.name;
    }
  }
}

TEST(ParseBody, WaitsForTheRest) {
  constexpr std::string_view kWhole = "5;a=\"b\"\r\nhello\r\n0\r\nX-A: 1\r\n\r\n";
  for (std::size_t length = 0; length < kWhole.size(); ++length) {
    for (const std::size_t fragment : kFragments) {
      EXPECT_EQ(Parse(kChunkedHead, kWhole.substr(0, length), fragment).status, -1)
          << length << " bytes by " << fragment;
    }
  }
}

TEST(ParseBody, TakesNothingOfABodyThatIsNotThere) {
  const auto outcome = Parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /2 HTTP/1.1\r\n", kAll);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.body, "");
  EXPECT_EQ(outcome.left_over, "GET /2 HTTP/1.1\r\n");
}

TEST(ParseBody, LimitsTheBodyHoweverItIsChunked) {
  struct Case {
    std::string_view bytes;
    int status;
  };
  constexpr Case kCases[] = {
      {"a\r\n0123456789\r\n0\r\n\r\n", 0},
      {"5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", 0},
      {"b\r\n0123456789x\r\n0\r\n\r\n", 413},
      {"5\r\n01234\r\n6\r\n56789x\r\n0\r\n\r\n", 413},
      {"a\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n", 413},
      {"ffffffffffffffff\r\n", 413},
  };
  for (const Case& c : kCases) {
    for (const std::size_t fragment : kFragments) {
      SCOPED_TRACE(fragment);
      const auto outcome = Parse(kChunkedHead, c.bytes, fragment, {.max_body_bytes = 10});
      EXPECT_EQ(outcome.status, c.status) << c.bytes;
      EXPECT_LE(outcome.body.size(), 10u) << c.bytes;
    }
  }
}

TEST(ParseBody, LimitsChunkExtensions) {
  std::string bytes;
  for (int i = 0; i < 10; ++i) bytes += "1;" + std::string(99, 'x') + "\r\n.\r\n";
  bytes += "0\r\n\r\n";
  for (const std::size_t fragment : kFragments) {
    SCOPED_TRACE(fragment);
    EXPECT_EQ(Parse(kChunkedHead, bytes, fragment, {.max_header_bytes = 1000}).status, 0);
    EXPECT_EQ(Parse(kChunkedHead, bytes, fragment, {.max_header_bytes = 999}).status, 400);
  }
}

TEST(ParseBody, LimitsTheNumberOfTrailers) {
  std::string bytes = "0\r\n";
  for (int i = 0; i < 8; ++i) bytes += "X: y\r\n";
  for (const std::size_t fragment : kFragments) {
    SCOPED_TRACE(fragment);
    EXPECT_EQ(Parse(kChunkedHead, bytes + "\r\n", fragment, {.max_headers = 10}).status, 0);
    EXPECT_EQ(Parse(kChunkedHead, bytes + "X: y\r\n\r\n", fragment, {.max_headers = 10}).status,
              431);
  }
}

}  // namespace
}  // namespace puente

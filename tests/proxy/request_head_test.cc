#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/request_parser.h"

namespace puente {
namespace {

using std::string_view_literals::operator""sv;
using testing::ElementsAre;

std::vector<std::string> FieldsOf(const RequestHead& head) {
  std::vector<std::string> fields;
  for (const auto& [name, value] : head.headers) {
    fields.push_back(std::string(name) + "=" + std::string(value));
  }
  return fields;
}

// The status that the head is refused with; 0 when it is accepted.
int StatusOf(std::string_view raw, const RequestLimits& limits = {}) {
  RequestHead head;
  head.raw = raw;
  RequestParser parser(head, limits);
  auto error = parser.ParseHead();
  if (!error) error = parser.CheckDeclaredLength();
  return error ? error->HttpStatus() : 0;
}

TEST(FindHeadEnd, FindsTheFirstEmptyLineFromAnyPlace) {
  constexpr std::string_view kBytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n\r\n";
  constexpr std::size_t kEnd = 27;
  for (std::size_t seen = 0; seen < kEnd; ++seen) {
    EXPECT_EQ(RequestParser::FindHeadEnd(kBytes.substr(0, seen), 0), 0u) << seen;
    EXPECT_EQ(RequestParser::FindHeadEnd(kBytes, seen), kEnd) << seen;
  }
  EXPECT_EQ(RequestParser::FindHeadEnd("", 0), 0u);
  EXPECT_EQ(RequestParser::FindHeadEnd("\r\n\r\n", 0), 4u);
  EXPECT_EQ(RequestParser::FindHeadEnd("GET / HTTP/1.1\n\n", 0), 0u);
}

TEST(ParseHead, ReadsAllOfAHead) {
  RequestHead head;
  head.raw =
      "POST /v1/invoices?draft=1 HTTP/1.1\r\nHost: billing:8080\r\nX-A:1\r\nX-B:  two words \t\r\n"
      "x-a: 2\r\nX-Empty:\r\nContent-Length: 12\r\nExpect: 100-Continue\r\n\r\n";
  const RequestLimits limits;
  RequestParser parser(head, limits);
  ASSERT_FALSE(parser.ParseHead());
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/v1/invoices?draft=1");
  EXPECT_EQ(head.host, "billing:8080");
  EXPECT_THAT(FieldsOf(head), ElementsAre("Host=billing:8080", "X-A=1", "X-B=two words", "x-a=2",
                                          "X-Empty=", "Content-Length=12", "Expect=100-Continue"));
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_FALSE(head.chunked);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.expect_continue);
  EXPECT_TRUE(head.HasBody());
  EXPECT_FALSE(parser.BodyComplete());
}

TEST(ParseHead, IsCompleteWithoutABody) {
  for (const std::string_view raw :
       {"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    RequestHead head;
    head.raw = raw;
    const RequestLimits limits;
    RequestParser parser(head, limits);
    ASSERT_FALSE(parser.ParseHead()) << raw;
    EXPECT_FALSE(head.HasBody()) << raw;
    EXPECT_TRUE(parser.BodyComplete()) << raw;
  }
}

TEST(ParseHead, ReducesTheTargetToPathAndQuery) {
  struct Case {
    std::string_view request_line;
    std::string_view host;
    std::string_view target;  // "" when it is refused
  };
  constexpr Case kCases[] = {
      {"GET /a/b?c=d HTTP/1.1", "h", "/a/b?c=d"},
      {"GET //h/a HTTP/1.1", "h", "//h/a"},
      {"GET http://h/a?b HTTP/1.1", "h", "/a?b"},
      {"GET HTTPS://H:80/a HTTP/1.1", "h:80", "/a"},
      {"GET http://h HTTP/1.1", "h", "/"},
      {"GET http://[::1]:80/a HTTP/1.1", "[::1]:80", "/a"},
      {"OPTIONS * HTTP/1.1", "h", "*"},
      {"OPTIONS /a HTTP/1.1", "h", "/a"},
      {"CONNECT h:443 HTTP/1.1", "h:443", "h:443"},
      {"GET http://other/a HTTP/1.1", "h", ""},
      {"GET http://h:80/a HTTP/1.1", "h", ""},
      {"GET http://user@h/a HTTP/1.1", "h", ""},
      {"GET http:///a HTTP/1.1", "", ""},
      {"GET http:// HTTP/1.1", "", ""},
      {"GET http://h?b HTTP/1.1", "h", ""},
      {"GET ftp://h/a HTTP/1.1", "h", ""},
      {"GET * HTTP/1.1", "h", ""},
      {"GET a HTTP/1.1", "h", ""},
      {"GET h:80 HTTP/1.1", "h:80", ""},
      {"OPTIONS *a HTTP/1.1", "h", ""},
  };
  for (const Case& c : kCases) {
    RequestHead head;
    head.raw = std::string(c.request_line) + "\r\nHost: " + std::string(c.host) + "\r\n\r\n";
    const RequestLimits limits;
    RequestParser parser(head, limits);
    const auto error = parser.ParseHead();
    EXPECT_EQ(error ? error->HttpStatus() : 0, c.target.empty() ? 400 : 0) << c.request_line;
    if (error) continue;
    EXPECT_EQ(head.target, c.target) << c.request_line;
  }
}

struct StatusCase {
  std::string_view name;
  int status;
  std::string_view raw;
};

// The rows of the table of what Beast 1.81 accepts, each with its request as it comes.
TEST(ParseHead, RefusesWhatBeastLetsThrough) {
  constexpr StatusCase kCases[] = {
      {"unknown coding and length", 400,
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\n"sv},
      {"misspelled coding and length", 400,
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n"sv},
      {"unknown coding", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"sv},
      {"chunked is not last", 400,
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n"sv},
      {"chunked in HTTP/1.0", 400,
       "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"sv},
      {"length twice", 400,
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"sv},
      {"list of lengths", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n"sv},
      {"folded header", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"sv},
      {"folded coding", 400,
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n"sv},
      {"space after Host", 400, "GET / HTTP/1.1\r\nHost: a\r\n X-A: 1\r\n\r\n"sv},
      {"no host", 400, "GET / HTTP/1.1\r\n\r\n"sv},
      {"two hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"sv},
      {"non-ASCII target", 400, "GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n"sv},
  };
  for (const StatusCase& c : kCases) EXPECT_EQ(StatusOf(c.raw), c.status) << c.name;
}

TEST(ParseHead, RefusesWhatIsNotHttp11) {
  constexpr StatusCase kCases[] = {
      {"length and chunked", 400,
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"sv},
      {"chunked and length", 400,
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"sv},
      {"differing lengths", 400,
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"sv},
      {"signed length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n"sv},
      {"negative length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n"sv},
      {"hexadecimal length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n"sv},
      {"empty length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"sv},
      {"length over 64 bits", 400,
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n"sv},
      {"bare LF between headers", 400, "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"sv},
      {"bare CR in a value", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n"sv},
      {"NUL in a value", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n"sv},
      {"NUL in a name", 400, "GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n"sv},
      {"DEL in a value", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\x7f\r\n\r\n"sv},
      {"obs-text in a name", 400, "GET / HTTP/1.1\r\nHost: a\r\nX\xc3\xa9: b\r\n\r\n"sv},
      {"space before the colon", 400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n"sv},
      {"no colon", 400, "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"sv},
      {"empty name", 400, "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"sv},
      {"tab in the request line", 400, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"sv},
      {"double space", 400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"sv},
      {"space in the target", 400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"sv},
      {"space after the version", 400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"sv},
      {"control in the target", 400, "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"sv},
      {"HTTP/1.2", 400, "GET / HTTP/1.2\r\nHost: a\r\n\r\n"sv},
      {"HTTP/2.0", 400, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"sv},
      {"HTTP/0.9", 400, "GET / HTTP/0.9\r\nHost: a\r\n\r\n"sv},
      {"HTTP/1.10", 400, "GET / HTTP/1.10\r\nHost: a\r\n\r\n"sv},
      {"lower-case version", 400, "GET / http/1.1\r\nHost: a\r\n\r\n"sv},
      {"HTTP/2 preface", 400, "PRI * HTTP/2.0\r\n\r\n"sv},
      {"no version", 400, "GET /\r\nHost: a\r\n\r\n"sv},
      {"no method", 400, " / HTTP/1.1\r\nHost: a\r\n\r\n"sv},
      {"method that is no token", 400, "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"sv},
      {"broken Connection", 400, "GET / HTTP/1.1\r\nHost: a\r\nConnection: \"\r\n\r\n"sv},
      {"invalid host", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"sv},
      {"nothing", 400, "\r\n\r\n"sv},
      {"TLS hello", 400, "\x16\x03\x01\x02\x00\x01\r\n\r\n"sv},
  };
  for (const StatusCase& c : kCases) EXPECT_EQ(StatusOf(c.raw), c.status) << c.name;
}

TEST(ParseHead, AcceptsWhatIsUnusualButLegal) {
  constexpr StatusCase kCases[] = {
      {"empty host", 0, "GET / HTTP/1.1\r\nHost:\r\n\r\n"sv},
      {"IPv6 host", 0, "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"sv},
      {"white space around a value", 0, "GET / HTTP/1.1\r\nHost: \t a \t\r\n\r\n"sv},
      {"obs-text in a value", 0, "GET / HTTP/1.1\r\nHost: a\r\nX: caf\xc3\xa9\r\n\r\n"sv},
      {"tab in a value", 0, "GET / HTTP/1.1\r\nHost: a\r\nX: b\tc\r\n\r\n"sv},
      {"unknown method", 0, "BREW / HTTP/1.1\r\nHost: a\r\n\r\n"sv},
      {"chunked in mixed case", 0,
       "POST / HTTP/1.1\r\nHost: a\r\ntransfer-ENCODING: ChunKed\r\n\r\n"sv},
      {"length with leading zeros", 0,
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0005\r\n\r\n"sv},
      {"HTTP/1.0 without a host", 0, "GET / HTTP/1.0\r\n\r\n"sv},
      {"body on GET", 0, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"sv},
      {"colon in a value", 0, "GET / HTTP/1.1\r\nHost: a\r\nX: b: c\r\n\r\n"sv},
  };
  for (const StatusCase& c : kCases) EXPECT_EQ(StatusOf(c.raw), c.status) << c.name;
}

TEST(ParseHead, KnowsWhetherTheConnectionStays) {
  struct Case {
    std::string_view version;
    std::string_view connection;
    bool keep_alive;
  };
  constexpr Case kCases[] = {
      {"HTTP/1.1", "", true},
      {"HTTP/1.1", "Connection: close\r\n", false},
      {"HTTP/1.1", "connection: CLOSE\r\n", false},
      {"HTTP/1.1", "Connection: x-a, close\r\n", false},
      {"HTTP/1.1", "Connection: x-a\r\nConnection: close\r\n", false},
      {"HTTP/1.1", "Connection: keep-alive\r\n", true},
      {"HTTP/1.1", "Connection: keep-alive, close\r\n", false},
      {"HTTP/1.0", "", false},
      {"HTTP/1.0", "Connection: keep-alive\r\n", true},
      {"HTTP/1.0", "Connection: Keep-Alive, x-a\r\n", true},
      {"HTTP/1.0", "Connection: close\r\n", false},
  };
  for (const Case& c : kCases) {
    RequestHead head;
    head.raw =
        "GET / " + std::string(c.version) + "\r\nHost: a\r\n" + std::string(c.connection) + "\r\n";
    const RequestLimits limits;
    RequestParser parser(head, limits);
    ASSERT_FALSE(parser.ParseHead()) << c.version << " " << c.connection;
    EXPECT_EQ(head.keep_alive, c.keep_alive) << c.version << " " << c.connection;
  }
}

TEST(ParseHead, TakesOneExpectationOnly) {
  struct Case {
    std::string_view version;
    std::string_view fields;
    int status;
    bool expect_continue;
  };
  constexpr Case kCases[] = {
      {"HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 1\r\n", 0, true},
      {"HTTP/1.1", "Expect: 100-CONTINUE\r\nTransfer-Encoding: chunked\r\n", 0, true},
      {"HTTP/1.1", "Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 1\r\n", 0,
       true},
      {"HTTP/1.1", "Expect: 100-continue\r\n", 0, false},
      {"HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 0\r\n", 0, false},
      {"HTTP/1.0", "Expect: 100-continue\r\nContent-Length: 1\r\n", 0, false},
      {"HTTP/1.1", "Expect: 200-ok\r\nContent-Length: 1\r\n", 417, false},
      {"HTTP/1.1", "Expect: 100-continue, x\r\nContent-Length: 1\r\n", 417, false},
      {"HTTP/1.1", "Expect:\r\n", 417, false},
      {"HTTP/1.1", "Expect: 100-continue\r\nExpect: x\r\nContent-Length: 1\r\n", 417, true},
  };
  for (const Case& c : kCases) {
    RequestHead head;
    head.raw =
        "POST / " + std::string(c.version) + "\r\nHost: a\r\n" + std::string(c.fields) + "\r\n";
    const RequestLimits limits;
    RequestParser parser(head, limits);
    const auto error = parser.ParseHead();
    EXPECT_EQ(error ? error->HttpStatus() : 0, c.status) << c.version << " " << c.fields;
    EXPECT_EQ(head.expect_continue, c.expect_continue) << c.version << " " << c.fields;
  }
}

TEST(ParseHead, TreatsUnderscoresAsConfigured) {
  struct Case {
    UnderscoreHeaders underscores;
    int status;
    std::vector<std::string> fields;
  };
  const Case kCases[] = {
      {UnderscoreHeaders::kDrop, 0, {"Host=a", "X-User=1"}},
      {UnderscoreHeaders::kAllow, 0, {"Host=a", "X_User=2", "X-User=1", "Content_Length=9"}},
      {UnderscoreHeaders::kReject, 400, {"Host=a"}},
  };
  for (const Case& c : kCases) {
    RequestHead head;
    head.raw = "GET / HTTP/1.1\r\nHost: a\r\nX_User: 2\r\nX-User: 1\r\nContent_Length: 9\r\n\r\n";
    const RequestLimits limits{.underscores = c.underscores};
    RequestParser parser(head, limits);
    const auto error = parser.ParseHead();
    EXPECT_EQ(error ? error->HttpStatus() : 0, c.status);
    EXPECT_EQ(FieldsOf(head), c.fields);
    EXPECT_FALSE(head.content_length);
  }
}

std::string HeadWithFields(int count, std::string_view name) {
  std::string raw = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 1; i < count; ++i) raw.append(name).append(":\r\n");
  return raw + "\r\n";
}

TEST(ParseHead, LimitsTheNumberOfFields) {
  EXPECT_EQ(StatusOf(HeadWithFields(100, "X")), 0);
  EXPECT_EQ(StatusOf(HeadWithFields(101, "X")), 431);
  EXPECT_EQ(StatusOf(HeadWithFields(1000, "X")), 431);
  // Those that are dropped count too.
  EXPECT_EQ(StatusOf(HeadWithFields(101, "X_Y")), 431);
  EXPECT_EQ(StatusOf(HeadWithFields(3, "X"), {.max_headers = 3}), 0);
  EXPECT_EQ(StatusOf(HeadWithFields(4, "X"), {.max_headers = 3}), 431);
}

TEST(ParseHead, LimitsTheDeclaredBody) {
  const auto with_length = [](std::string_view length) {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::string(length) + "\r\n\r\n";
  };
  EXPECT_EQ(StatusOf(with_length("10"), {.max_body_bytes = 10}), 0);
  EXPECT_EQ(StatusOf(with_length("11"), {.max_body_bytes = 10}), 413);
  EXPECT_EQ(StatusOf(with_length("18446744073709551615"), {.max_body_bytes = 10}), 413);
  EXPECT_EQ(StatusOf(with_length("0"), {.max_body_bytes = 0}), 0);
  EXPECT_EQ(StatusOf(with_length("1"), {.max_body_bytes = 0}), 413);
}

TEST(ParseHead, AcceptsAHeadOfExactlyTheLimit) {
  std::string raw = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n";
  raw.insert(raw.size() - 4, 16384 - raw.size(), 'x');
  EXPECT_EQ(StatusOf(raw), 0);
}

TEST(ParseHead, NeverRepeatsTheRequestInAMessage) {
  for (const std::string_view raw :
       {"GET /secret HTTP/7.7\r\n\r\n", "GET secret HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: secret/\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nsecret\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nExpect: secret\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: secret\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: secret\r\n\r\n"}) {
    RequestHead head;
    head.raw = raw;
    const RequestLimits limits;
    RequestParser parser(head, limits);
    const auto error = parser.ParseHead();
    ASSERT_TRUE(error) << raw;
    EXPECT_FALSE(error->message.empty()) << raw;
    EXPECT_EQ(error->message.find("secret"), std::string::npos) << error->message;
  }
}

}  // namespace
}  // namespace puente

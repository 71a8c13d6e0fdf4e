#include "proxy/http/framing_gate.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

namespace puente {
namespace {

using std::string_view_literals::operator""sv;

TEST(CheckRawHead, PassesWellFormedHeads) {
  for (const std::string_view head : {
           "GET / HTTP/1.1\r\nHost: a\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nX:   leading spaces\r\nY:\tand tabs\t\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nX: caf\xc3\xa9\r\n\r\n"sv,
           "GET /!$&'()*+,;=:@~%20?a=b/?|^`{}\"<>\\ HTTP/1.1\r\n\r\n"sv,
           "\r\n\r\n"sv,
       }) {
    EXPECT_FALSE(CheckRawHead(head)) << head;
  }
}

TEST(CheckRawHead, RefusesWhatHidesAHeaderLine) {
  struct Case {
    std::string_view name;
    std::string_view head;
    std::string_view says;
  };
  constexpr Case kCases[] = {
      {"folded value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"sv, "white space"},
      {"folded by a tab", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\n\r\n"sv, "white space"},
      {"folded coding", "POST / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n\r\n"sv,
       "white space"},
      {"space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"sv, "white space"},
      {"space before the second field", "GET / HTTP/1.1\r\nHost: a\r\n X-A: 1\r\n\r\n"sv,
       "white space"},
      {"line of nothing but space", "GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n"sv, "white space"},
      {"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"sv, "bare LF"},
      {"bare CR in a value", "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"sv, "bare CR"},
      {"CR CR LF", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"sv, "bare CR"},
      {"CR at the end", "GET / HTTP/1.1\r\nHost: a\r"sv, "bare CR"},
      {"bare LF ends the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"sv, "printable ASCII"},
      {"UTF-8 in the target", "GET /caf\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"sv, "printable ASCII"},
      {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"sv, "printable ASCII"},
      {"DEL in the target", "GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n"sv, "printable ASCII"},
      {"tab in the request line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"sv, "printable ASCII"},
  };
  for (const Case& c : kCases) {
    const auto error = CheckRawHead(c.head);
    ASSERT_TRUE(error) << c.name;
    EXPECT_EQ(error->HttpStatus(), 400) << c.name;
    EXPECT_NE(error->message.find(c.says), std::string::npos) << c.name << ": " << error->message;
  }
}

TEST(CheckHeadBytes, RefusesWhatNoMoreBytesWouldMend) {
  struct Case {
    std::string_view head;
    std::size_t from;
    std::string_view says;  // "" when more may come
  };
  constexpr Case kCases[] = {
      {"", 0, ""},
      {"GET / HT", 0, ""},
      {"GET / HTTP/1.1\r", 0, ""},
      {"GET / HTTP/1.1\r\nX-A: \t\xe9", 0, ""},
      {"GET / HTTP/1.1\n", 0, "bare LF"},
      {"\n", 0, "bare LF"},
      {"GET / HTTP/1.1\rHost", 0, "bare CR"},
      {"GET / HTTP/1.1\r\nX-A: \0"sv, 0, "control character"},
      {"\x16\x03\x01", 0, "control character"},
      {"\x7f", 0, "control character"},
      // The pieces of reads that end between CR and LF, or behind them.
      {"GET / HTTP/1.1\r\n", 15, ""},
      {"GET / HTTP/1.1\rH", 15, "bare CR"},
      {"GET / HTTP/1.1\nH", 15, ""},
  };
  for (const Case& c : kCases) {
    const auto error = CheckHeadBytes(c.head, c.from);
    EXPECT_EQ(error.has_value(), !c.says.empty()) << c.head;
    if (!error) continue;
    EXPECT_THAT(error->message, testing::HasSubstr(std::string(c.says))) << c.head;
  }
}

struct FramingCase {
  std::string_view name;
  int minor_version;
  std::vector<HeaderView> headers;
};

TEST(CheckFraming, PassesUnambiguousRequests) {
  const FramingCase kCases[] = {
      {"host only", 1, {{"Host", "a"}}},
      {"empty host", 1, {{"Host", ""}}},
      {"no host in HTTP/1.0", 0, {}},
      {"length", 1, {{"Host", "a"}, {"Content-Length", "5"}}},
      {"length in HTTP/1.0", 0, {{"Content-Length", "5"}}},
      {"chunked", 1, {{"Host", "a"}, {"Transfer-Encoding", "chunked"}}},
      {"upper case", 1, {{"HOST", "a"}, {"TRANSFER-ENCODING", "CHUNKED"}}},
  };
  for (const FramingCase& c : kCases) {
    EXPECT_FALSE(CheckFraming(c.headers, c.minor_version)) << c.name;
  }
}

TEST(CheckFraming, RefusesAmbiguousRequests) {
  const FramingCase kCases[] = {
      {"unknown coding", 1, {{"Host", "a"}, {"Transfer-Encoding", "gzip"}}},
      {"misspelled coding", 1, {{"Host", "a"}, {"Transfer-Encoding", "xchunked"}}},
      {"quoted coding", 1, {{"Host", "a"}, {"Transfer-Encoding", "\"chunked\""}}},
      {"coding with a parameter", 1, {{"Host", "a"}, {"Transfer-Encoding", "chunked;q=1"}}},
      {"chunked before another", 1, {{"Host", "a"}, {"Transfer-Encoding", "chunked, identity"}}},
      {"chunked after another", 1, {{"Host", "a"}, {"Transfer-Encoding", "gzip, chunked"}}},
      {"chunked twice in one", 1, {{"Host", "a"}, {"Transfer-Encoding", "chunked, chunked"}}},
      {"chunked in a list", 1, {{"Host", "a"}, {"Transfer-Encoding", "chunked,"}}},
      {"empty coding", 1, {{"Host", "a"}, {"Transfer-Encoding", ""}}},
      {"chunked with a vertical tab", 1, {{"Host", "a"}, {"Transfer-Encoding", "\vchunked"}}},
      {"chunked twice",
       1,
       {{"Host", "a"}, {"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}},
      {"coding and length",
       1,
       {{"Host", "a"}, {"Transfer-Encoding", "chunked"}, {"Content-Length", "5"}}},
      {"length and coding",
       1,
       {{"Host", "a"}, {"content-length", "5"}, {"transfer-encoding", "chunked"}}},
      {"coding in HTTP/1.0", 0, {{"Transfer-Encoding", "chunked"}}},
      {"the same length twice",
       1,
       {{"Host", "a"}, {"Content-Length", "5"}, {"Content-Length", "5"}}},
      {"list of lengths", 1, {{"Host", "a"}, {"Content-Length", "5, 5"}}},
      {"signed length", 1, {{"Host", "a"}, {"Content-Length", "+5"}}},
      {"hexadecimal length", 1, {{"Host", "a"}, {"Content-Length", "0x5"}}},
      {"empty length", 1, {{"Host", "a"}, {"Content-Length", ""}}},
      {"no host", 1, {{"X", "a"}}},
      {"two hosts", 1, {{"Host", "a"}, {"Host", "a"}}},
      {"two hosts in HTTP/1.0", 0, {{"Host", "a"}, {"host", "b"}}},
      {"host with a space", 1, {{"Host", "a X-A: 1"}}},
  };
  for (const FramingCase& c : kCases) {
    const auto error = CheckFraming(c.headers, c.minor_version);
    ASSERT_TRUE(error) << c.name;
    EXPECT_EQ(error->code, Code::kInvalidArgument) << c.name;
    EXPECT_EQ(error->HttpStatus(), 400) << c.name;
  }
}

TEST(IsValidHost, KnowsHostsAndPorts) {
  for (const std::string_view host :
       {"", "a", "a.example", "A.EXAMPLE:80", "127.0.0.1", "127.0.0.1:65535", "a:", "a:0", "[::1]",
        "[::1]:8080", "[::1]:", "[2001:DB8::7]", "[::ffff:1.2.3.4]:1", "xn--caf-dma",
        "my_service:80", "a%20b", "~!$&'()*+;="}) {
    EXPECT_TRUE(IsValidHost(host)) << host;
  }
  for (const std::string_view host :
       {" ",        "a b",      ":80",   "a:b",         "a:80:80", "a:-1",       "a:65536",
        "a:000080", "::1",      "[",     "[]",          "[]:80",   "[:]",        "[::1",
        "[::1]80",  "[::1]:x",  "[::g]", "[a.example]", "a/b",     "a?b",        "a#b",
        "u@a",      "http://a", "a,b",   "a\\b",        "\"a\"",   "caf\xc3\xa9"}) {
    EXPECT_FALSE(IsValidHost(host)) << host;
  }
}

}  // namespace
}  // namespace puente

#include "proxy/http/response.h"

#include <gmock/gmock.h>

#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace puente {
namespace {

using std::string_view_literals::operator""sv;
using testing::ElementsAre;
using testing::HasSubstr;

// The head with its Date, which is checked, taken out.
std::string HeadOf(const ResponseHead& head, const std::vector<Header>& headers = {}) {
  std::string out;
  AppendHead(head, headers, out);
  static const std::regex kDate(
      "\r\nDate: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] [A-Z][a-z]{2} [0-9]{4} "
      "[0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT\r\n");
  EXPECT_TRUE(std::regex_search(out, kDate)) << out;
  return std::regex_replace(out, kDate, "\r\n");
}

TEST(AppendHead, TellsHowTheBodyEnds) {
  struct Case {
    std::string_view name;
    ResponseHead head;
    std::string_view bytes;
  };
  const Case kCases[] = {
      {"length",
       {.status = 200, .content_type = "application/json", .content_length = 12},
       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n"},
      {"length of an empty body",
       {.status = 404},
       "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
      {"chunked",
       {.status = 200, .content_type = "application/json", .framing = BodyFraming::kChunked},
       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"by closing",
       {.status = 200,
        .content_type = "application/json",
        .framing = BodyFraming::kClose,
        .keep_alive = false,
        .minor_version = 0},
       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"},
      {"no body",
       {.status = 204, .framing = BodyFraming::kNone},
       "HTTP/1.1 204 No Content\r\n\r\n"},
      {"the connection's last",
       {.status = 503, .keep_alive = false},
       "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
      {"kept for HTTP/1.0",
       {.status = 200, .minor_version = 0},
       "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"},
      {"a status of nginx",
       {.status = 499},
       "HTTP/1.1 499 Client Closed Request\r\nContent-Length: 0\r\n\r\n"},
      {"a status that nobody has registered",
       {.status = 299},
       "HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n"},
  };
  for (const Case& c : kCases) EXPECT_EQ(HeadOf(c.head), c.bytes) << c.name;
}

TEST(AppendHead, WritesHeadersInOrderAndRepeated) {
  EXPECT_EQ(
      HeadOf({.status = 200}, {{"x-b", "2"}, {"x-a", "1"}, {"x-b", "caf\xc3\xa9"}, {"x-c", ""}}),
      "HTTP/1.1 200 OK\r\nx-b: 2\r\nx-a: 1\r\nx-b: caf\xc3\xa9\r\nx-c: \r\n"
      "Content-Length: 0\r\n\r\n");
}

TEST(AppendHead, LeavesOutWhatWouldInjectAHeader) {
  for (const std::string_view bad :
       {"a\r\nSet-Cookie: b"sv, "a\rb"sv, "a\nb"sv, "a\0b"sv, "\r\n\r\n<html>"sv, "a\n"sv}) {
    const std::string text(bad);
    EXPECT_EQ(HeadOf({.status = 200, .content_type = text},
                     {{"x-a", "1"}, {"x-b", text}, {text, "c"}, {"x-d", "2"}}),
              "HTTP/1.1 200 OK\r\nx-a: 1\r\nx-d: 2\r\nContent-Length: 0\r\n\r\n");
  }
}

TEST(AppendHead, Appends) {
  std::string out = "earlier bytes";
  AppendHead({.status = 200}, {}, out);
  EXPECT_TRUE(out.starts_with("earlier bytesHTTP/1.1 200 OK\r\n")) << out;
}

TEST(AppendChunk, WritesSizeAndData) {
  std::string out;
  AppendChunk("hello", out);
  AppendChunk("", out);
  AppendChunk(std::string(26, 'x'), out);
  AppendChunk("\r\n", out);
  out += kLastChunk;
  EXPECT_EQ(out, "5\r\nhello\r\n1a\r\n" + std::string(26, 'x') + "\r\n2\r\n\r\n\r\n0\r\n\r\n");
}

TEST(ErrorResponse, IsAStatusInJson) {
  const Response response =
      ErrorResponse(Error{Code::kNotFound, "no route for this path", 0, {}, {}});
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"code":5,"message":"no route for this path"})");
  EXPECT_TRUE(response.headers.empty());
}

// Rule 2: 405 with Allow has code 12, whose own status is 501.
TEST(ErrorResponse, KeepsTheStatusAndHeadersOfItsError) {
  const Response response = ErrorResponse(
      Error{Code::kUnimplemented, "another method", 405, {}, {{"Allow", "GET, HEAD, OPTIONS"}}});
  EXPECT_EQ(response.status, 405);
  EXPECT_THAT(response.headers, ElementsAre(Header{"Allow", "GET, HEAD, OPTIONS"}));
  EXPECT_THAT(response.body, HasSubstr("\"code\":12"));
}

// Rule 3: 401 carries a valid challenge.
TEST(ErrorResponse, A401HasTheChallengeOfItsErrorOrBearer) {
  const auto headers_of = [](std::vector<std::pair<std::string, std::string>> headers) {
    return ErrorResponse({Code::kUnauthenticated, "who?", 0, {}, std::move(headers)}).headers;
  };
  const Header bearer{"WWW-Authenticate", "Bearer"};
  EXPECT_THAT(headers_of({}), ElementsAre(bearer));
  EXPECT_THAT(headers_of({{"www-authenticate", "Basic realm=\"a\""}}),
              ElementsAre(Header{"www-authenticate", "Basic realm=\"a\""}));
  EXPECT_THAT(headers_of({{"www-authenticate", ""}}), ElementsAre(bearer));
}

TEST(ErrorResponse, HasTheTypeOfItsFormat) {
  const Error error{Code::kNotFound, "no route for this path", 0, {}, {}};
  EXPECT_EQ(ErrorResponse(error, {.format = ErrorFormat::kAip193}).content_type,
            "application/json");
  const Response problem = ErrorResponse(error, {.format = ErrorFormat::kProblem});
  EXPECT_EQ(problem.content_type, "application/problem+json");
  EXPECT_THAT(problem.body, HasSubstr("\"title\":\"Not Found\""));
}

}  // namespace
}  // namespace puente

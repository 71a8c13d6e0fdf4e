#include "transcoder/forwarding.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace puente {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const RequestOrigin kOrigin{
    .peer_address = "10.0.0.7", .scheme = "https", .host = "shop.example", .request_id = "id-1"};

// "name: value" of each field; the error's message where there is one.
std::vector<std::string> PassedOn(const std::vector<HeaderView>& headers,
                                  const RequestOrigin& origin = kOrigin) {
  const auto forwarded = ForwardRequestHeaders(headers, origin);
  if (!forwarded) return {"error: " + forwarded.error().message};
  std::vector<std::string> lines;
  for (const HeaderView& header : forwarded->passed_on) {
    lines.push_back(std::string(header.name) + ": " + std::string(header.value));
  }
  return lines;
}

std::vector<std::string> LinesOf(const std::vector<Header>& headers) {
  std::vector<std::string> lines;
  for (const Header& header : headers) lines.push_back(header.name + ": " + header.value);
  return lines;
}

std::vector<std::string> Added(const std::vector<HeaderView>& headers,
                               const RequestOrigin& origin = kOrigin) {
  const auto forwarded = ForwardRequestHeaders(headers, origin);
  return forwarded ? LinesOf(forwarded->added) : std::vector<std::string>{"error"};
}

TEST(ForwardRequestHeaders, PassesOnWhatIsForTheUpstream) {
  EXPECT_THAT(PassedOn({{"Host", "shop.example"},
                        {"X-Many", "1"},
                        {"x-many", "2"},
                        {"Content-Type", "text/csv"},
                        {"Content-Encoding", "gzip"},
                        {"Accept-Encoding", "br"},
                        {"User-Agent", "old"},
                        {"grpc-timeout", "1S"},
                        {"X-Bin-bin", "%%%"},
                        {"X-Empty", ""}}),
              ElementsAre("Host: shop.example", "X-Many: 1", "x-many: 2", "Content-Type: text/csv",
                          "Content-Encoding: gzip", "Accept-Encoding: br", "User-Agent: old",
                          "grpc-timeout: 1S", "X-Bin-bin: %%%", "X-Empty: "));
}

TEST(ForwardRequestHeaders, LeavesOutWhatIsForThisConnection) {
  for (const HeaderView header : std::vector<HeaderView>{{"Connection", "close"},
                                                         {"Keep-Alive", "timeout=5"},
                                                         {"Proxy-Connection", "keep-alive"},
                                                         {"Proxy-Authorization", "Basic eA=="},
                                                         {"TE", "trailers"},
                                                         {"Trailer", "X-A"},
                                                         {"Transfer-Encoding", "chunked"},
                                                         {"Upgrade", "h2c"},
                                                         {"Content-Length", "3"},
                                                         {"Expect", "100-continue"}}) {
    EXPECT_THAT(PassedOn({header}), IsEmpty()) << header.name;
  }
}

TEST(ForwardRequestHeaders, LeavesOutWhatConnectionNamesButNoCredentials) {
  EXPECT_THAT(PassedOn({{"Connection", "X-Hop, authorization,Host"},
                        {"connection", "x-other"},
                        {"X-HOP", "1"},
                        {"X-Other", "2"},
                        {"X-Stays", "3"},
                        {"Host", "a"},
                        {"Authorization", "Basic eA=="}}),
              ElementsAre("X-Stays: 3", "Host: a", "Authorization: Basic eA=="));
}

TEST(ForwardRequestHeaders, LeavesOutWhatTheProxySaysItself) {
  RequestOrigin origin = kOrigin;
  origin.hidden = "x-route-to";
  EXPECT_THAT(PassedOn({{"X-Request-Id", "theirs"},
                        {"X-Client-Identity", "forged"},
                        {"X-Puente-Upstream", "legacy"},
                        {"X-Route-To", "legacy"},
                        {"X-Forwarded-For", "1.2.3.4"},
                        {"X-Forwarded-Proto", "gopher"},
                        {"Forwarded", "for=1.2.3.4"},
                        {"X-Real-IP", "1.2.3.4"}},
                       origin),
              IsEmpty());
}

TEST(ForwardRequestHeaders, AddsWhereTheRequestCameFrom) {
  EXPECT_THAT(Added({}), ElementsAre("x-forwarded-for: 10.0.0.7", "x-forwarded-proto: https",
                                     "x-forwarded-host: shop.example", "x-request-id: id-1"));
  RequestOrigin origin = kOrigin;
  const std::vector<Header> trace = {{"traceparent", "00-1"}, {"tracestate", "a=b"}};
  origin.client_identity = "spiffe://a";
  origin.trace = trace;
  EXPECT_THAT(Added({{"Traceparent", "theirs"}}, origin),
              ElementsAre("x-forwarded-for: 10.0.0.7", "x-forwarded-proto: https",
                          "x-forwarded-host: shop.example", "x-request-id: id-1",
                          "x-client-identity: spiffe://a", "traceparent: 00-1", "tracestate: a=b"));
  EXPECT_THAT(PassedOn({{"Traceparent", "theirs"}, {"B3", "kept"}}, origin),
              ElementsAre("B3: kept"));
}

TEST(ForwardRequestHeaders, PassesATraceOnThatTheProxyDoesNotExtend) {
  EXPECT_THAT(PassedOn({{"traceparent", "theirs"}, {"tracestate", "x"}}),
              ElementsAre("traceparent: theirs", "tracestate: x"));
}

TEST(ForwardRequestHeaders, BelievesATrustedPeer) {
  RequestOrigin origin = kOrigin;
  origin.trusted = true;
  const std::vector<HeaderView> headers = {{"X-Forwarded-For", "1.2.3.4"},
                                           {"X-Forwarded-For", "5.6.7.8"},
                                           {"X-Forwarded-Proto", "http"}};
  EXPECT_THAT(PassedOn(headers, origin), ElementsAre("X-Forwarded-Proto: http"));
  EXPECT_THAT(Added(headers, origin),
              ElementsAre("x-forwarded-for: 1.2.3.4, 5.6.7.8, 10.0.0.7",
                          "x-forwarded-host: shop.example", "x-request-id: id-1"));
}

TEST(ForwardRequestHeaders, RefusesWhatProgramsDisagreeAbout) {
  EXPECT_THAT(PassedOn({{"X-A", "\xc3\xa9"}}),
              ElementsAre("error: header 'x-a': only printable ASCII is allowed"));
  EXPECT_THAT(PassedOn({{"Connection", "a\x01"}}),
              ElementsAre("error: header 'connection': only printable ASCII is allowed"));
  EXPECT_THAT(PassedOn({{"Authorization", "a"}, {"authorization", "b"}}),
              ElementsAre("error: header 'authorization' is there twice"));
}

TEST(ForwardAnswerHeaders, PassesOnWhatIsForTheClient) {
  EXPECT_THAT(LinesOf(ForwardAnswerHeaders(std::vector<HeaderView>{{"Set-Cookie", "a=1"},
                                                                   {"set-cookie", "b=2"},
                                                                   {"Server", "old"},
                                                                   {"Date", "today"},
                                                                   {"Content-Type", "text/csv"},
                                                                   {"Content-Encoding", "br"},
                                                                   {"ETag", "\"7\""},
                                                                   {"X-A", "\xc3\xa9"}})),
              ElementsAre("Set-Cookie: a=1", "set-cookie: b=2", "Server: old", "Date: today",
                          "Content-Type: text/csv", "Content-Encoding: br", "ETag: \"7\"",
                          "X-A: \xc3\xa9"));
}

TEST(ForwardAnswerHeaders, LeavesOutWhatIsForTheProxy) {
  EXPECT_THAT(LinesOf(ForwardAnswerHeaders(std::vector<HeaderView>{{"Connection", "x-hop, close"},
                                                                   {"X-Hop", "1"},
                                                                   {"Keep-Alive", "timeout=5"},
                                                                   {"Transfer-Encoding", "chunked"},
                                                                   {"Upgrade", "h2c"},
                                                                   {"Trailer", "x-a"},
                                                                   {"Content-Length", "5"},
                                                                   {"X-Puente-Upstream", "legacy"},
                                                                   {"X-Stays", "2"}})),
              ElementsAre("X-Stays: 2"));
}

}  // namespace
}  // namespace puente

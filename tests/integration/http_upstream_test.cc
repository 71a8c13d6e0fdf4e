// Requests that go on as they came, to an HTTP upstream (design sections 3 and 6).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>
#include <utility>

#include "tests/integration/example_calls.h"
#include "tests/integration/migration_proxy.h"
#include "tests/support/gzip_text.h"

namespace puente::test {
namespace {

using testing::MatchesRegex;
using testing::Optional;

TEST(HttpUpstreamTest, ARequestGoesOnAsItCame) {
  RecordingUpstream upstream;
  auto proxy = ProxyUnderTest::FromConfig(ForwardingConfig(upstream.url() + "/base"));
  const auto answer = proxy.Connect().Request("PATCH", "/Shop/%41%2Fb//c;d=1?q=%20+&q=2&empty",
                                              {{"Host", "shop.example:8443"},
                                               {"X-Many", "1"},
                                               {"x-many", "2"},
                                               {"Accept", "text/csv"},
                                               {"Accept-Encoding", "br"},
                                               {"Content-Type", "application/x-own"},
                                               {"Cookie", "a=b"},
                                               {"User-Agent", "old client"},
                                               {"If-None-Match", "\"7\""},
                                               {"Authorization", "Basic eA=="}},
                                              std::string("raw \0 bytes", 11));
  EXPECT_EQ(answer.status, 200);
  const ForwardedRequest request = upstream.Last();
  EXPECT_EQ(request.line, "PATCH /base/Shop/%41%2Fb//c;d=1?q=%20+&q=2&empty HTTP/1.1");
  EXPECT_EQ(request.body, std::string("raw \0 bytes", 11));
  EXPECT_EQ(request.Count("x-many"), 2U);
  for (const auto& [name, value] :
       {std::pair("Host", "shop.example:8443"), std::pair("Accept", "text/csv"),
        std::pair("Accept-Encoding", "br"), std::pair("Content-Type", "application/x-own"),
        std::pair("Cookie", "a=b"), std::pair("User-Agent", "old client"),
        std::pair("If-None-Match", "\"7\""), std::pair("Authorization", "Basic eA=="),
        std::pair("Content-Length", "11")}) {
    EXPECT_THAT(request.Header(name), Optional(std::string(value))) << name;
    EXPECT_EQ(request.Count(name), 1U) << name;
  }
}

TEST(HttpUpstreamTest, MethodsOfAnyNameGoOn) {
  RecordingProxy under_test;
  for (const char* method : {"GET", "PUT", "DELETE", "OPTIONS", "PROPFIND", "M-SEARCH"}) {
    EXPECT_EQ(under_test.proxy.Connect().Request(method, "/x").status, 200) << method;
    EXPECT_EQ(under_test.upstream.Last().line, fmt::format("{} /x HTTP/1.1", method));
  }
}

TEST(HttpUpstreamTest, ACompressedBodyIsNotLookedInto) {
  RecordingProxy under_test;
  const std::string body = Gzip("{\"not\": json");
  EXPECT_EQ(under_test.proxy.Post("/v1/customers/c/invoices", body, {{"Content-Encoding", "gzip"}})
                .status,
            200);
  const ForwardedRequest request = under_test.upstream.Last();
  EXPECT_EQ(request.body, body);
  EXPECT_THAT(request.Header("content-encoding"), Optional(std::string("gzip")));
}

TEST(HttpUpstreamTest, WhatIsMeantForAConnectionStaysThere) {
  RecordingProxy under_test;
  EXPECT_EQ(under_test.proxy
                .Get("/x", {{"Connection", "keep-alive, X-Hop, Authorization"},
                            {"X-Hop", "1"},
                            {"Keep-Alive", "timeout=5"},
                            {"Proxy-Authorization", "Basic eA=="},
                            {"TE", "trailers"},
                            {"Upgrade-Insecure-Requests", "1"},
                            {"Authorization", "Basic eA=="},
                            {"X-Client-Identity", "forged"},
                            {"X-Puente-Upstream", "legacy"}})
                .status,
            200);
  const ForwardedRequest request = under_test.upstream.Last();
  for (const char* name : {"connection", "x-hop", "keep-alive", "proxy-authorization", "te",
                           "x-client-identity", "x-puente-upstream", "transfer-encoding"}) {
    EXPECT_EQ(request.Header(name), std::nullopt) << name;
  }
  EXPECT_EQ(request.Count("upgrade-insecure-requests"), 1U);
  EXPECT_EQ(request.Count("authorization"), 1U);
}

TEST(HttpUpstreamTest, TheProxySaysWhereARequestCameFrom) {
  RecordingProxy under_test;
  const auto answer = under_test.proxy.Get(
      "/x", {{"Host", "shop.example"}, {"X-Forwarded-For", "1.2.3.4"}, {"Forwarded", "for=x"}});
  const ForwardedRequest request = under_test.upstream.Last();
  EXPECT_THAT(request.Header("x-forwarded-for"), Optional(std::string("127.0.0.1")));
  EXPECT_THAT(request.Header("x-forwarded-proto"), Optional(std::string("http")));
  EXPECT_THAT(request.Header("x-forwarded-host"), Optional(std::string("shop.example")));
  EXPECT_EQ(request.Header("forwarded"), std::nullopt);
  ASSERT_TRUE(request.Header("x-request-id"));
  EXPECT_EQ(request.Header("x-request-id"), answer.Header("x-request-id"));
  EXPECT_EQ(answer.Count("x-request-id"), 1U);
}

TEST(HttpUpstreamTest, ATrustedProxyIsBelieved) {
  RecordingProxy under_test(kLegacyAnswer, {.more = "trusted_proxies: [127.0.0.1]\n"});
  under_test.proxy.Get(
      "/x",
      {{"X-Forwarded-For", "1.2.3.4"}, {"X-Forwarded-Proto", "https"}, {"X-Request-Id", "mine"}});
  const ForwardedRequest request = under_test.upstream.Last();
  EXPECT_THAT(request.Header("x-forwarded-for"), Optional(std::string("1.2.3.4, 127.0.0.1")));
  EXPECT_THAT(request.Header("x-forwarded-proto"), Optional(std::string("https")));
  EXPECT_THAT(request.Header("x-request-id"), Optional(std::string("mine")));
  for (const char* name : {"x-forwarded-for", "x-forwarded-proto", "x-request-id"}) {
    EXPECT_EQ(request.Count(name), 1U) << name;
  }
}

TEST(HttpUpstreamTest, ATraceGoesOnAndOneIsBegunWhereSpansAreMade) {
  constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  RecordingProxy untraced;
  untraced.proxy.Get("/x", {{"Traceparent", kParent}});
  EXPECT_THAT(untraced.upstream.Last().Header("traceparent"),
              Optional(MatchesRegex("00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-0[01]")));
  const RecordingUpstream collector("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  RecordingProxy traced(
      kLegacyAnswer,
      {.more =
           fmt::format("telemetry: {{tracing: {{otlp_endpoint: \"{}\", otlp_protocol: HTTP}}}}\n",
                       collector.url())});
  traced.proxy.Get("/x");
  EXPECT_THAT(traced.upstream.Last().Header("traceparent"),
              Optional(MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-01")));
  traced.proxy.Get("/x", {{"Traceparent", kParent}});
  EXPECT_THAT(traced.upstream.Last().Header("traceparent"),
              Optional(MatchesRegex("00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01")));
  EXPECT_NE(traced.upstream.Last().Header("traceparent"), std::string(kParent));
  EXPECT_EQ(traced.upstream.Last().Count("traceparent"), 1U);
}

TEST(HttpUpstreamTest, BodiesAreFramedAsTheyWere) {
  RecordingProxy under_test;
  HttpClient client = under_test.proxy.Connect();
  client.Post("/x", "");
  EXPECT_THAT(under_test.upstream.Last().Header("content-length"), Optional(std::string("0")));
  EXPECT_EQ(under_test.upstream.Last().Header("transfer-encoding"), std::nullopt);
  client.Get("/x");
  EXPECT_EQ(under_test.upstream.Last().Header("content-length"), std::nullopt);
  EXPECT_EQ(under_test.upstream.Last().Header("transfer-encoding"), std::nullopt);
  client.Post("/x", "abc");
  EXPECT_THAT(under_test.upstream.Last().Header("content-length"), Optional(std::string("3")));
  client.Send("POST", "/x", {{"Transfer-Encoding", "chunked"}});
  client.SendChunk("abc");
  client.SendChunk("de");
  client.SendChunk("");
  EXPECT_EQ(client.ReadResponse().status, 200);
  EXPECT_EQ(under_test.upstream.Last().body, "abcde");
  EXPECT_THAT(under_test.upstream.Last().Header("transfer-encoding"),
              Optional(std::string("chunked")));
  EXPECT_EQ(under_test.upstream.Last().Header("content-length"), std::nullopt);
  client.Request("DELETE", "/x", {}, "why");
  EXPECT_EQ(under_test.upstream.Last().body, "why");
}

// Limits hold for all routes.
TEST(HttpUpstreamTest, ABodyAboveTheLimitIs413) {
  RecordingProxy under_test(kLegacyAnswer, {.more = "limits: {max_request_body_bytes: 1000}\n"});
  EXPECT_EQ(under_test.proxy.Post("/x", std::string(1000, 'x')).status, 200);
  EXPECT_THAT(under_test.proxy.Post("/x", std::string(1001, 'x')), IsError(413, 8));
  HttpClient client = under_test.proxy.Connect();
  client.SendRaw("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.SendChunk(std::string(900, 'x'));
  client.SendChunk(std::string(900, 'x'));
  EXPECT_THAT(client.ReadResponse("POST"), IsError(413, 8));
  EXPECT_EQ(under_test.upstream.Requests().size(), 1U);
}

}  // namespace
}  // namespace puente::test

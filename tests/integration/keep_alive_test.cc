// Connections that serve more than one request, and those that do not (RFC 9112, section 9).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>

#include "tests/integration/invoice_proxy.h"

namespace puente::test {
namespace {

using std::chrono::milliseconds;

TEST(KeepAliveTest, RequestsFollowEachOther) {
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  for (int i = 0; i < 5; ++i) {
    const auto answer = client.Get(fmt::format("/v1/invoices/{}", i));
    EXPECT_EQ(answer.body, fmt::format("{{\"id\":\"{}\"}}", i));
    EXPECT_EQ(answer.Header("connection"), std::nullopt);
    EXPECT_EQ(answer.Count("date"), 1U);
  }
}

// Rule 2 and 3: an error that was read to its end is no reason to close.
TEST(KeepAliveTest, ErrorsOfTheApplicationKeepTheConnection) {
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  EXPECT_EQ(client.Get("/nowhere").status, 404);
  EXPECT_EQ(client.Request("DELETE", "/v1/invoices/7").status, 405);
  EXPECT_EQ(client.Post("/v1/customers/c/invoices", "{\"unknown\": 1}").status, 400);
  EXPECT_EQ(client.Post("/v1/customers/c/invoices", "<a/>", {{"Content-Type", "text/xml"}}).status,
            415);
  EXPECT_EQ(client.Get("/v1/invoices/..").status, 400);
  EXPECT_EQ(client.Get("/v1/invoices/7").status, 200);
}

TEST(KeepAliveTest, ConnectionCloseIsHonoured) {
  InvoiceProxy under_test;
  for (const char* close : {"close", "Close", "x-a, close"}) {
    auto client = under_test.proxy.Connect();
    const auto answer = client.Get("/v1/invoices/7", {{"Connection", close}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.Header("connection"), "close");
    EXPECT_EQ(client.ReadUntilClosed(), "");
  }
}

TEST(KeepAliveTest, NothingIsServedBehindConnectionClose) {
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  client.Send("GET", "/v1/invoices/1", {{"Connection", "close"}});
  client.Send("GET", "/v1/invoices/2");
  EXPECT_EQ(client.ReadResponse().body, "{\"id\":\"1\"}");
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_EQ(under_test.upstream.CallCount(), 1U);
}

TEST(KeepAliveTest, Http10ClosesUnlessItAsksOtherwise) {
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  client.SendRaw("GET /v1/invoices/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  auto answer = client.ReadResponse();
  EXPECT_EQ(answer.body, "{\"id\":\"1\"}");
  EXPECT_EQ(answer.Header("connection"), "keep-alive");
  client.SendRaw("GET /v1/invoices/2 HTTP/1.0\r\n\r\n");
  answer = client.ReadResponse();
  EXPECT_EQ(answer.body, "{\"id\":\"2\"}");
  EXPECT_EQ(answer.Header("connection"), "close");
  EXPECT_EQ(client.ReadUntilClosed(), "");
}

TEST(KeepAliveTest, MaxRequestsPerConnection) {
  InvoiceProxy under_test("limits: {max_requests_per_connection: 2}");
  auto client = under_test.proxy.Connect();
  EXPECT_EQ(client.Get("/v1/invoices/1").Header("connection"), std::nullopt);
  EXPECT_EQ(client.Get("/v1/invoices/2").Header("connection"), "close");
  EXPECT_EQ(client.ReadUntilClosed(), "");
}

TEST(KeepAliveTest, ABodyThatNobodyAskedForIsNoNextRequest) {
  InvoiceProxy under_test;
  const std::string body = "GET /v1/invoices/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  auto client = under_test.proxy.Connect();
  EXPECT_EQ(client.Request("GET", "/v1/invoices/1", {}, body).body, "{\"id\":\"1\"}");
  EXPECT_EQ(client.Request("GET", "/nowhere", {}, body).status, 404);
  EXPECT_EQ(client.Request("DELETE", "/v1/invoices/1", {}, body).status, 405);
  EXPECT_EQ(client.Request("OPTIONS", "/v1/invoices/1", {}, body).status, 204);
  EXPECT_EQ(client.Get("/v1/invoices/2").body, "{\"id\":\"2\"}");
  EXPECT_EQ(under_test.upstream.CallCount(), 2U);
}

TEST(KeepAliveTest, ABodyTooLongToSkipEndsTheConnection) {
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  const auto answer = client.Post("/nowhere", std::string(1 << 20, ' '));
  EXPECT_EQ(FindErrorDifference(answer, 404, 5), std::nullopt);
  EXPECT_EQ(answer.Header("connection"), "close");
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST(KeepAliveTest, PipelinedRequestsAreAnsweredInOrder) {
  constexpr int kCount = 50;
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  std::string all;
  for (int i = 0; i < kCount; ++i) {
    all += fmt::format("GET /v1/invoices/{} HTTP/1.1\r\nHost: a\r\n\r\n", i);
    all += "POST /v1/customers/c/invoices HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
  }
  client.SendRaw(all);
  for (int i = 0; i < kCount; ++i) {
    EXPECT_EQ(client.ReadResponse().body, fmt::format("{{\"id\":\"{}\"}}", i));
    EXPECT_EQ(client.ReadResponse().body, "{}");
  }
}

TEST(KeepAliveTest, PipelinedRequestsWaitForASlowOne) {
  InvoiceProxy under_test;
  under_test.upstream.HoldReplies();
  auto client = under_test.proxy.Connect();
  client.Send("GET", "/v1/invoices/1");
  ASSERT_TRUE(under_test.upstream.WaitForCalls(1));
  client.Send("GET", "/v1/invoices/2");
  client.Send("GET", "/nowhere");
  client.Send("GET", "/v1/invoices/3");
  EXPECT_FALSE(client.HasInput(milliseconds(200)));
  EXPECT_EQ(under_test.upstream.CallCount(), 1U);
  under_test.upstream.Release();
  EXPECT_EQ(client.ReadResponse().body, "{\"id\":\"1\"}");
  EXPECT_EQ(client.ReadResponse().body, "{\"id\":\"2\"}");
  EXPECT_EQ(client.ReadResponse().status, 404);
  EXPECT_EQ(client.ReadResponse().body, "{\"id\":\"3\"}");
}

// More than the proxy reads ahead.
TEST(KeepAliveTest, PipelinedRequestsBeyondTheBufferAreNotLost) {
  constexpr int kCount = 2000;
  InvoiceProxy under_test;
  under_test.upstream.HoldReplies();
  auto client = under_test.proxy.Connect();
  std::string all;
  for (int i = 0; i < kCount; ++i) {
    all += fmt::format("GET /v1/invoices/{} HTTP/1.1\r\nHost: a\r\n\r\n", i);
  }
  client.SendRaw(all);
  ASSERT_TRUE(under_test.upstream.WaitForCalls(1));
  EXPECT_FALSE(client.HasInput(milliseconds(100)));
  under_test.upstream.Release();
  for (int i = 0; i < kCount; ++i) {
    ASSERT_EQ(client.ReadResponse().body, fmt::format("{{\"id\":\"{}\"}}", i));
  }
}

}  // namespace
}  // namespace puente::test

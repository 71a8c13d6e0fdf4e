// Every limit has its own status (design sections 3 and 4, rule 2).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>

#include "billing/v1/billing.pb.h"
#include "tests/integration/invoice_proxy.h"

namespace puente::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

const std::string kPostHead = "POST /v1/customers/c/invoices HTTP/1.1\r\nHost: a\r\n";

std::string Repeated(std::size_t count, const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

TEST(LimitsTest, DeclaredBodyAboveTheLimitIs413) {
  InvoiceProxy under_test("limits: {max_request_body_bytes: 100}");
  const auto answer = under_test.proxy.Post("/v1/customers/c/invoices", std::string(101, ' '));
  EXPECT_EQ(FindErrorDifference(answer, 413, 8), std::nullopt);
  EXPECT_EQ(answer.Header("connection"), "close");
  EXPECT_EQ(under_test.upstream.CallCount(), 0U);
  EXPECT_EQ(
      under_test.proxy.Post("/v1/customers/c/invoices", "{" + std::string(98, ' ') + "}").status,
      200);
}

TEST(LimitsTest, ChunkedBodyAboveTheLimitIs413) {
  InvoiceProxy under_test("limits: {max_request_body_bytes: 100}");
  auto client = under_test.proxy.Connect();
  client.SendRaw(kPostHead + "Transfer-Encoding: chunked\r\n\r\n");
  client.SendChunk("{" + std::string(59, ' '));
  client.SendChunk(std::string(60, ' '));
  EXPECT_EQ(FindErrorDifference(client.ReadResponse("POST"), 413, 8), std::nullopt);
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_EQ(under_test.upstream.CallCount(), 0U);
}

TEST(LimitsTest, AnAnswerToABodyThatIsTooLargeSurvivesTheRestOfTheBody) {
  InvoiceProxy under_test("limits: {max_request_body_bytes: 1000}");
  auto client = under_test.proxy.Connect();
  client.SendRaw(kPostHead + "Content-Length: 33554432\r\n\r\n");
  EXPECT_TRUE(client.TrySendRaw(std::string(32 << 20, ' ')));
  EXPECT_EQ(FindErrorDifference(client.ReadResponse("POST"), 413, 8), std::nullopt);
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST(LimitsTest, TargetAboveTheLimitIs414) {
  InvoiceProxy under_test("limits: {max_header_bytes: 1024}");
  const auto answer =
      AskRaw(under_test.proxy, "GET /" + std::string(2000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(FindErrorDifference(answer.response, 414, 3), std::nullopt);
  EXPECT_EQ(answer.rest, "");
}

TEST(LimitsTest, HeadAboveTheLimitInBytesIs431) {
  InvoiceProxy under_test("limits: {max_header_bytes: 1024}");
  const auto answer = AskRaw(under_test.proxy, "GET /v1/invoices/7 HTTP/1.1\r\nHost: a\r\nX-A: " +
                                                   std::string(1000, 'a') + "\r\n\r\n");
  EXPECT_EQ(FindErrorDifference(answer.response, 431, 3), std::nullopt);
  EXPECT_EQ(answer.rest, "");
  EXPECT_EQ(under_test.upstream.CallCount(), 0U);
}

TEST(LimitsTest, HeadAboveTheLimitInFieldsIs431) {
  InvoiceProxy under_test("limits: {max_headers: 10}");
  const std::string head = "GET /v1/invoices/7 HTTP/1.1\r\nHost: a\r\n";
  auto client = under_test.proxy.Connect();
  client.SendRaw(head + Repeated(9, "X-A: 1\r\n") + "\r\n");
  EXPECT_EQ(client.ReadResponse().status, 200);
  client.SendRaw(head + Repeated(10, "X-A: 1\r\n") + "\r\n");
  EXPECT_EQ(FindErrorDifference(client.ReadResponse(), 431, 3), std::nullopt);
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_EQ(under_test.upstream.CallCount(), 1U);
}

TEST(LimitsTest, AThousandTinyHeadersAre431ByDefault) {
  InvoiceProxy under_test;
  const auto answer = AskRaw(under_test.proxy, "GET /v1/invoices/7 HTTP/1.1\r\nHost: a\r\n" +
                                                   Repeated(1000, "a:b\r\n") + "\r\n");
  EXPECT_EQ(FindErrorDifference(answer.response, 431, 3), std::nullopt);
}

TEST(LimitsTest, EndlessChunkExtensionsAndTrailersAre400) {
  InvoiceProxy under_test;
  const std::string head = kPostHead + "Transfer-Encoding: chunked\r\n\r\n";
  const std::string bodies[] = {
      "1;" + std::string(20000, 'a') + "\r\n{\r\n",
      Repeated(300, "1;" + std::string(100, 'a') + "\r\n \r\n"),
      "0\r\nX-A: " + std::string(20000, 'a') + "\r\n\r\n",
  };
  for (const std::string& body : bodies) {
    const auto answer = AskRaw(under_test.proxy, head + body);
    EXPECT_EQ(FindErrorDifference(answer.response, 400, 3), std::nullopt) << body.substr(0, 8);
  }
  EXPECT_EQ(under_test.upstream.CallCount(), 0U);
}

TEST(LimitsTest, TooManyQueryParametersAre400) {
  InvoiceProxy under_test(
      "limits: {max_query_parameters: 3}\n"
      "transcoding: {json: {unknown_query: IGNORE}}");
  EXPECT_EQ(under_test.proxy.Get("/v1/invoices/7?a=1&b=2&c=3").status, 200);
  const auto answer = under_test.proxy.Get("/v1/invoices/7?a=1&b=2&c=3&d=4");
  EXPECT_EQ(FindErrorDifference(answer, 400, 3), std::nullopt);
}

TEST(LimitsTest, JsonThatIsTooDeepIs400) {
  InvoiceProxy under_test;
  for (const std::size_t depth : {101U, 100000U}) {
    const std::string body = Repeated(depth, "{\"a\":[") + Repeated(depth, "]}");
    const auto answer = under_test.proxy.Post("/v1/customers/c/invoices", body);
    EXPECT_EQ(FindErrorDifference(answer, 400, 3), std::nullopt) << depth;
  }
  EXPECT_EQ(under_test.upstream.CallCount(), 0U);
}

TEST(LimitsTest, OneConnectionMoreThanAllowedIsClosedAtOnce) {
  InvoiceProxy under_test("limits: {max_connections: 2}");
  auto first = under_test.proxy.Connect();
  auto second = under_test.proxy.Connect();
  EXPECT_EQ(first.Get("/v1/invoices/1").status, 200);
  EXPECT_EQ(second.Get("/v1/invoices/2").status, 200);
  auto third = under_test.proxy.Connect();
  EXPECT_EQ(third.ReadUntilClosed(), "");
  EXPECT_EQ(under_test.proxy.Metric("puente_rejected_connections_total{listener=\"rest\"}"), 1);
  EXPECT_EQ(under_test.proxy.Metric("grpc_active_connections{listener=\"rest\"}"), 2);

  second.Close();
  EXPECT_TRUE(WaitUntil([&] {
    auto client = under_test.proxy.Connect();
    client.Send("GET", "/v1/invoices/3");
    const auto answer = client.TryReadResponse();
    return answer && answer->status == 200;
  }));
}

}  // namespace
}  // namespace puente::test

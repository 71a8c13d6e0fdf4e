// How request bodies come: chunked, in pieces, and after "100 Continue" (RFC 9110, 10.1.1).
#include <gmock/gmock.h>

#include <chrono>

#include "billing/v1/billing.pb.h"
#include "tests/integration/invoice_proxy.h"

namespace puente::test {
namespace {

using std::chrono::milliseconds;

const std::string kPath = "/v1/customers/c/invoices";
const std::string kHead = "POST /v1/customers/c/invoices HTTP/1.1\r\nHost: a\r\n";
const std::string kBody = R"({"labels": {"region": "eu"}, "discount": 0.5})";

// The body of kBody, as the upstream got it.
billing::v1::Invoice LastInvoice(const InvoiceProxy& under_test) {
  billing::v1::CreateInvoiceRequest request;
  const auto calls = under_test.upstream.Calls();
  if (calls.empty() || calls.back().requests.empty()) return {};
  request.ParseFromString(calls.back().requests.front());
  return request.invoice();
}

class RequestBodyTest : public testing::Test {
 protected:
  void ExpectArrived() const {
    const auto invoice = LastInvoice(under_test_);
    EXPECT_EQ(invoice.discount(), 0.5);
    EXPECT_EQ(invoice.labels().at("region"), "eu");
  }

  InvoiceProxy under_test_;
};

TEST_F(RequestBodyTest, ChunkedInPiecesOfAnySize) {
  auto client = under_test_.proxy.Connect();
  for (const std::size_t size : {1U, 2U, 3U, 7U, 1000U}) {
    client.SendRaw(kHead + "Transfer-Encoding: chunked\r\n\r\n");
    for (std::size_t at = 0; at < kBody.size(); at += size) {
      client.SendChunk(kBody.substr(at, size));
    }
    client.SendChunk("");
    EXPECT_EQ(client.ReadResponse("POST").status, 200) << size;
    ExpectArrived();
  }
}

TEST_F(RequestBodyTest, ChunkedByteByByte) {
  auto client = under_test_.proxy.Connect();
  const std::string bytes = kHead + "Transfer-Encoding: CHUNKED\r\n\r\n" + "A;name=\"v\\\"\"\r\n" +
                            kBody.substr(0, 10) + "\r\n" + "23\r\n" + kBody.substr(10) +
                            "\r\n000\r\nX-Trailer: 1\r\n\r\n";
  ASSERT_EQ(kBody.size(), 10U + 0x23);
  for (const char byte : bytes) client.SendRaw(std::string(1, byte));
  EXPECT_EQ(client.ReadResponse("POST").status, 200);
  ExpectArrived();
}

TEST_F(RequestBodyTest, WithALengthInTwoPieces) {
  auto client = under_test_.proxy.Connect();
  client.SendRaw(kHead + "Content-Length: " + std::to_string(kBody.size()) + "\r\n\r\n" +
                 kBody.substr(0, 5));
  EXPECT_FALSE(client.HasInput(milliseconds(50)));
  client.SendRaw(kBody.substr(5));
  EXPECT_EQ(client.ReadResponse("POST").status, 200);
  ExpectArrived();
}

TEST_F(RequestBodyTest, ContinueIsSentToAClientThatWaits) {
  auto client = under_test_.proxy.Connect();
  client.SendRaw(kHead + "Expect: 100-continue\r\nContent-Length: " + std::to_string(kBody.size()) +
                 "\r\n\r\n");
  EXPECT_EQ(client.PeekStatus(), 100);
  EXPECT_EQ(under_test_.upstream.CallCount(), 0U);
  client.SendRaw(kBody);
  const auto answer = client.ReadResponse("POST");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.interim.empty());
  ExpectArrived();
  EXPECT_EQ(client.Get("/v1/invoices/7").status, 200);
}

TEST_F(RequestBodyTest, ContinueIsSentBeforeAChunkedBodyToo) {
  auto client = under_test_.proxy.Connect();
  client.SendRaw(kHead + "Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.PeekStatus(), 100);
  client.SendChunk(kBody);
  client.SendChunk("");
  EXPECT_EQ(client.ReadResponse("POST").status, 200);
  ExpectArrived();
}

TEST_F(RequestBodyTest, ContinueIsNotSentWhenTheBodyIsAlreadyThere) {
  const auto answer = under_test_.proxy.Post(kPath, kBody, {{"Expect", "100-continue"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.interim.empty());
}

TEST_F(RequestBodyTest, ContinueIsNotSentInFrontOfAnError) {
  const std::string refused[] = {
      "POST /nowhere HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
      "PUT /v1/invoices/7 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: "
      "5\r\n\r\n",
      kHead + "Expect: 100-continue\r\nContent-Length: 5000000\r\n\r\n",
      kHead + "Expect: 100-continue\r\nContent-Length: 5\r\nGrpc-Timeout: x\r\n\r\n",
  };
  const int statuses[] = {404, 405, 413, 400};
  for (std::size_t i = 0; i < std::size(refused); ++i) {
    auto client = under_test_.proxy.Connect();
    client.SendRaw(refused[i]);
    const auto answer = client.ReadResponse("POST");
    EXPECT_EQ(answer.status, statuses[i]);
    EXPECT_TRUE(answer.interim.empty());
    // Whether the body follows is not known any more.
    EXPECT_EQ(answer.Header("connection"), "close");
    EXPECT_EQ(client.ReadUntilClosed(), "");
  }
}

TEST_F(RequestBodyTest, ContinueIsNotSentToHttp10) {
  auto client = under_test_.proxy.Connect();
  client.SendRaw("POST " + kPath + " HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: " +
                 std::to_string(kBody.size()) + "\r\n\r\n");
  EXPECT_FALSE(client.HasInput(milliseconds(100)));
  client.SendRaw(kBody);
  const auto answer = client.ReadResponse("POST");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.interim.empty());
}

TEST_F(RequestBodyTest, AClientThatLeavesInTheMiddleReachesNoUpstream) {
  {
    auto client = under_test_.proxy.Connect();
    client.SendRaw(kHead + "Content-Length: 100\r\n\r\n{");
  }
  EXPECT_TRUE(WaitUntil(
      [&] { return under_test_.proxy.Metric("grpc_active_connections{listener=\"rest\"}") == 0; }));
  EXPECT_EQ(under_test_.upstream.CallCount(), 0U);
}

}  // namespace
}  // namespace puente::test

// A client that goes away takes its upstream call with it.
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;

struct Departure {
  const char* name;
  void (*leave)(HttpClient&);
};

constexpr Departure kDepartures[] = {
    {"Closes", [](HttpClient& client) { client.Close(); }},
    {"Resets", [](HttpClient& client) { client.Reset(); }},
    {"HalfCloses", [](HttpClient& client) { client.HalfClose(); }},
};

grpc::Status WriteOneAndWait(UpstreamStream& stream) {
  stream.Write(InvoiceOf("a"));
  stream.WaitCancelled();
  return grpc::Status::OK;
}

class ClientThat : public testing::TestWithParam<Departure> {
 protected:
  void ExpectGone(const char* method) {
    EXPECT_TRUE(upstream_.WaitForCancelled(1));
    EXPECT_TRUE(WaitUntil([&] {
      return proxy_.Metric(fmt::format(
                 R"(grpc_requests_total{{method="{}",service="billing.v1.BillingService",)"
                 R"(status="CANCELLED",traffic="live",upstream="examples"}})",
                 method)) == 1;
    }));
    EXPECT_TRUE(WaitUntil(
        [this] { return proxy_.Metric(R"(grpc_active_connections{listener="rest"})") == 0; }));
  }

  FakeUpstream upstream_;
  ProxyUnderTest proxy_{upstream_.target()};
};

TEST_P(ClientThat, DuringAUnaryCallCancelsIt) {
  upstream_.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("a")));
  upstream_.HoldReplies();
  HttpClient client = proxy_.Connect();
  client.Send("GET", kInvoice);
  ASSERT_TRUE(upstream_.WaitForCalls(1));
  GetParam().leave(client);
  ExpectGone("GetInvoice");
  EXPECT_EQ(proxy_.Metric("http_server_request_duration_seconds_count"
                          R"({http_request_method="GET",http_response_status_code="499",)"
                          R"(http_route="/v1/invoices/{id}"})"),
            1);
}

// Nothing is read any more then, so the close is behind bytes that stay where they are.
TEST_P(ClientThat, LeavesBehindMoreThanIsReadAheadCancelsIt) {
  upstream_.OnStream(kWatchInvoices, WriteOneAndWait);
  HttpClient client = proxy_.Connect();
  client.Send("GET", kWatch);
  client.ReadHead();
  client.ReadChunk();
  client.SendRaw(std::string(20000, 'x'));
  GetParam().leave(client);
  ExpectGone("WatchInvoices");
}

TEST_P(ClientThat, BeforeTheFirstMessageOfAStreamCancelsIt) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.WaitCancelled();
    return grpc::Status::OK;
  });
  HttpClient client = proxy_.Connect();
  client.Send("GET", kWatch);
  ASSERT_TRUE(upstream_.WaitForCalls(1));
  GetParam().leave(client);
  ExpectGone("WatchInvoices");
}

TEST_P(ClientThat, InTheMidstOfAStreamCancelsIt) {
  upstream_.OnStream(kWatchInvoices, WriteOneAndWait);
  HttpClient client = proxy_.Connect();
  client.Send("GET", kWatch);
  client.ReadHead();
  ASSERT_EQ(client.ReadChunk(), R"([{"id":"a"})");
  GetParam().leave(client);
  ExpectGone("WatchInvoices");
}

TEST_P(ClientThat, InTheMidstOfAnHttp10StreamCancelsIt) {
  upstream_.OnStream(kWatchInvoices, WriteOneAndWait);
  HttpClient client = proxy_.Connect();
  client.SendRaw("GET /v1/invoices:watch HTTP/1.0\r\n\r\n");
  client.ReadHead();
  GetParam().leave(client);
  ExpectGone("WatchInvoices");
}

INSTANTIATE_TEST_SUITE_P(, ClientThat, testing::ValuesIn(kDepartures),
                         [](const auto& info) { return info.param.name; });

TEST(Cancel, PipelinedBytesAreNoDeparture) {
  FakeUpstream upstream;
  upstream.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("a")));
  upstream.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.Write(InvoiceOf("b"));
    return grpc::Status::OK;
  });
  const ProxyUnderTest proxy(upstream.target());
  upstream.HoldReplies();
  HttpClient client = proxy.Connect();
  client.Send("GET", kInvoice);
  ASSERT_TRUE(upstream.WaitForCalls(1));
  client.Send("GET", kWatch);
  client.Send("GET", kInvoice);
  EXPECT_FALSE(upstream.WaitForCancelled(1, 300ms));
  EXPECT_EQ(upstream.CallCount(), 1u) << "the second request waits for the first answer";
  upstream.Release();
  EXPECT_THAT(client.ReadResponse(), IsJson(R"({"id":"a"})"));
  EXPECT_THAT(client.ReadResponse(), IsJson(R"([{"id":"b"}])"));
  EXPECT_THAT(client.ReadResponse(), IsJson(R"({"id":"a"})"));
}

// The proxy stops reading ahead when its buffer is full, and goes on when the answer is out.
TEST(Cancel, MorePipelinedBytesThanAreReadAheadAreNoDeparture) {
  FakeUpstream upstream;
  upstream.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("a")));
  const ProxyUnderTest proxy(upstream.target());
  upstream.HoldReplies();
  HttpClient client = proxy.Connect();
  client.Send("GET", kInvoice);
  ASSERT_TRUE(upstream.WaitForCalls(1));
  constexpr int kMore = 200;
  for (int i = 0; i < kMore; ++i) client.Send("GET", kInvoice, {{"X-Pad", std::string(1000, 'x')}});
  upstream.Release();
  for (int i = 0; i < 1 + kMore; ++i) {
    ASSERT_THAT(client.ReadResponse(), IsJson(R"({"id":"a"})")) << i;
  }
  EXPECT_EQ(upstream.CallCount(), 1u + kMore);
}

TEST(Cancel, AppThatStopsCancelsItsCalls) {
  FakeUpstream upstream;
  upstream.OnStream(kWatchInvoices, WriteOneAndWait);
  upstream.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("a")));
  ProxyUnderTest proxy(upstream.target());
  HttpClient streaming = proxy.Connect();
  streaming.Send("GET", kWatch);
  streaming.ReadHead();
  upstream.HoldReplies();
  HttpClient waiting = proxy.Connect();
  waiting.Send("GET", kInvoice);
  ASSERT_TRUE(upstream.WaitForCalls(2));
  proxy.Stop();
  EXPECT_TRUE(upstream.WaitForCancelled(2));
}

}  // namespace
}  // namespace puente::test

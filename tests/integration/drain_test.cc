// How the proxy stops (design section 2): not ready at once, accepting for `drain.delay`, then
// finishing what is in flight for at most `drain.timeout`.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <optional>
#include <thread>
#include <vector>

#include "tests/integration/invoice_proxy.h"

namespace puente::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

milliseconds Since(steady_clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

bool IsRefused(const ProxyUnderTest& proxy) {
  try {
    proxy.Connect();
    return false;
  } catch (const ClientError&) {
    return true;
  }
}

TEST(DrainTest, IsNotReadyAtOnceAndStillServes) {
  InvoiceProxy under_test("drain: {delay: 500ms, timeout: 5s}");
  const ProxyUnderTest& proxy = under_test.proxy;
  auto old_client = proxy.Connect();
  EXPECT_EQ(old_client.Get("/v1/invoices/1").Header("connection"), std::nullopt);
  EXPECT_EQ(proxy.Admin("/readyz").status, 200);

  const auto start = steady_clock::now();
  under_test.proxy.app().BeginDrain();
  const auto readiness = proxy.Admin("/readyz");
  EXPECT_EQ(readiness.status, 503);
  EXPECT_EQ(readiness.body, "draining\n");
  EXPECT_EQ(proxy.Admin("/healthz").status, 200);
  ASSERT_TRUE(WaitUntil([&] {
    const auto answer = proxy.Get("/v1/invoices/2");
    EXPECT_EQ(answer.status, 200);
    return answer.Header("connection") == "close";
  }));
  const auto last = old_client.Get("/v1/invoices/3");
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.Header("connection"), "close");
  EXPECT_EQ(old_client.ReadUntilClosed(), "");

  EXPECT_TRUE(under_test.proxy.app().WaitUntilDrained());
  EXPECT_GE(Since(start), milliseconds(500));
  EXPECT_LT(Since(start), seconds(5));
  EXPECT_TRUE(IsRefused(proxy));
}

TEST(DrainTest, IdleConnectionsAreClosedAfterTheDelay) {
  InvoiceProxy under_test("drain: {delay: 300ms, timeout: 10s}");
  auto client = under_test.proxy.Connect();
  EXPECT_EQ(client.Get("/v1/invoices/1").status, 200);
  auto silent = under_test.proxy.Connect();
  const auto start = steady_clock::now();
  under_test.proxy.app().BeginDrain();
  EXPECT_FALSE(client.HasInput(milliseconds(150)));
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_FALSE(client.was_reset());
  EXPECT_EQ(silent.ReadUntilClosed(), "");
  EXPECT_TRUE(under_test.proxy.app().WaitUntilDrained());
  EXPECT_LT(Since(start), seconds(5));
}

TEST(DrainTest, WhatIsInFlightIsFinished) {
  InvoiceProxy under_test("drain: {delay: 0s, timeout: 20s}");
  under_test.upstream.HoldReplies();
  auto client = under_test.proxy.Connect();
  client.Send("GET", "/v1/invoices/7");
  ASSERT_TRUE(under_test.upstream.WaitForCalls(1));
  under_test.proxy.app().BeginDrain();
  EXPECT_TRUE(WaitUntil([&] { return IsRefused(under_test.proxy); }));
  EXPECT_FALSE(client.HasInput(milliseconds(100)));
  under_test.upstream.Release();
  const auto answer = client.ReadResponse();
  EXPECT_EQ(answer.body, "{\"id\":\"7\"}");
  // Also on the answer to a request that came before the drain.
  EXPECT_EQ(answer.Header("connection"), "close");
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_TRUE(under_test.proxy.app().WaitUntilDrained());
}

TEST(DrainTest, AStreamInFlightIsFinished) {
  InvoiceProxy under_test("drain: {delay: 0s, timeout: 20s}");
  std::atomic<bool> go_on{false};
  under_test.upstream.OnStream(kWatchInvoices, [&](UpstreamStream& stream) {
    stream.Write(
        "\x0a\x01"
        "1");
    WaitUntil([&] { return go_on.load(); });
    stream.Write(
        "\x0a\x01"
        "2");
    return grpc::Status::OK;
  });
  auto client = under_test.proxy.Connect();
  client.Send("GET", "/v1/invoices:watch");
  auto answer = client.ReadHead();
  EXPECT_EQ(client.ReadChunk(), "[{\"id\":\"1\"}");
  under_test.proxy.app().BeginDrain();
  EXPECT_TRUE(WaitUntil([&] { return IsRefused(under_test.proxy); }));
  go_on = true;
  client.ReadBody(answer);
  EXPECT_EQ(answer.body, ",{\"id\":\"2\"}]");
  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(under_test.proxy.app().WaitUntilDrained());
}

TEST(DrainTest, ARequestThatIsBeingSentIsFinished) {
  InvoiceProxy under_test("drain: {delay: 0s, timeout: 20s}");
  auto client = under_test.proxy.Connect();
  client.SendRaw("GET /v1/invoices/7 HTTP/1.1\r\n");
  auto other = under_test.proxy.Connect();
  other.SendRaw("POST /v1/customers/c/invoices HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{");
  // Both have been read so far, once a later request of another connection is answered.
  EXPECT_EQ(under_test.proxy.Get("/v1/invoices/8").status, 200);
  EXPECT_EQ(under_test.proxy.Get("/v1/invoices/9").status, 200);
  under_test.proxy.app().BeginDrain();
  EXPECT_TRUE(WaitUntil([&] { return IsRefused(under_test.proxy); }));
  client.SendRaw("Host: a\r\n\r\n");
  const auto answer = client.ReadResponse();
  EXPECT_EQ(answer.body, "{\"id\":\"7\"}");
  EXPECT_EQ(answer.Header("connection"), "close");
  other.SendRaw("}");
  EXPECT_EQ(other.ReadResponse("POST").status, 200);
  EXPECT_TRUE(under_test.proxy.app().WaitUntilDrained());
}

TEST(DrainTest, WhatIsStuckIsCutAtTheTimeout) {
  InvoiceProxy under_test("drain: {delay: 0s, timeout: 300ms}");
  under_test.upstream.HoldReplies();
  auto client = under_test.proxy.Connect();
  client.Send("GET", "/v1/invoices/7");
  ASSERT_TRUE(under_test.upstream.WaitForCalls(1));
  const auto start = steady_clock::now();
  under_test.proxy.app().BeginDrain();
  EXPECT_FALSE(under_test.proxy.app().WaitUntilDrained());
  EXPECT_GE(Since(start), milliseconds(300));
  under_test.proxy.Stop();
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_TRUE(under_test.upstream.WaitForCancelled(1));
}

TEST(DrainTest, EndingTheProxyEndsItsDrain) {
  InvoiceProxy under_test("drain: {delay: 60s, timeout: 60s}");
  under_test.proxy.app().BeginDrain();
  EXPECT_EQ(under_test.proxy.Get("/v1/invoices/7").status, 200);
  const auto start = steady_clock::now();
  under_test.proxy.Stop();
  EXPECT_LT(Since(start), seconds(10));
}

// One client of many. Its requests count as lost when they are not answered: only a connection that
// was kept alive may be gone when the next request is sent, and a new one refused once the proxy
// has said that it is not ready.
class LoadClient {
 public:
  LoadClient(std::uint16_t port, const std::atomic<bool>& told) : port_(port), told_(told) {}

  void Run() {
    while (Connect()) {
      bool kept = true;
      for (int i = 0; kept && i < 20; ++i) kept = Ask(/*first=*/i == 0);
    }
  }

  int answered() const { return answered_; }
  const std::vector<std::string>& losses() const { return losses_; }

 private:
  bool Connect() {
    try {
      client_.emplace(HttpClient::Connect(port_));
      return true;
    } catch (const ClientError& error) {
      if (!told_) losses_.emplace_back(error.what());
      return false;
    }
  }

  bool Ask(bool first) {
    try {
      client_->Send("GET", "/v1/invoices/7");
      const auto answer = client_->TryReadResponse();
      if (answer && answer->status == 200) {
        ++answered_;
        return answer->Header("connection") != "close";
      }
      if (answer) losses_.push_back(answer->body);
      if (!answer && first) losses_.emplace_back("closed before its first request");
    } catch (const ClientError& error) {
      losses_.emplace_back(error.what());
    }
    return false;
  }

  const std::uint16_t port_;
  const std::atomic<bool>& told_;
  std::optional<HttpClient> client_;
  int answered_ = 0;
  std::vector<std::string> losses_;
};

TEST(DrainTest, NoRequestOfALoadIsLost) {
  InvoiceProxy under_test("drain: {delay: 500ms, timeout: 10s}");
  std::atomic<bool> told{false};
  std::deque<LoadClient> clients;
  for (int i = 0; i < 16; ++i) clients.emplace_back(under_test.proxy.port(), told);
  std::vector<std::thread> threads;
  for (LoadClient& client : clients) threads.emplace_back([&client] { client.Run(); });
  EXPECT_TRUE(WaitUntil([&] { return under_test.upstream.CallCount() > 200; }));
  under_test.proxy.app().BeginDrain();
  told = true;
  EXPECT_TRUE(under_test.proxy.app().WaitUntilDrained());
  for (std::thread& thread : threads) thread.join();
  for (const LoadClient& client : clients) {
    EXPECT_GT(client.answered(), 0);
    EXPECT_THAT(client.losses(), testing::IsEmpty());
  }
}

}  // namespace
}  // namespace puente::test

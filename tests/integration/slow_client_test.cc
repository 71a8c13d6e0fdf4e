// Clients that take their time: each wait has a limit (design section 3, limits).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "billing/v1/billing.pb.h"
#include "tests/integration/invoice_proxy.h"

namespace puente::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

milliseconds Since(steady_clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

TEST(SlowClientTest, AHeadThatComesTooSlowlyIs408) {
  InvoiceProxy under_test("limits: {header_timeout: 300ms}");
  auto client = under_test.proxy.Connect();
  const auto start = steady_clock::now();
  client.SendRaw("GET /v1/invoices/7 HTTP/1.1\r\n");
  EXPECT_EQ(FindErrorDifference(client.ReadResponse(), 408, 4), std::nullopt);
  EXPECT_GE(Since(start), milliseconds(300));
  EXPECT_EQ(client.ReadUntilClosed(), "");
}

TEST(SlowClientTest, AHeadThatComesByteByByteHasNoMoreTime) {
  InvoiceProxy under_test("limits: {header_timeout: 500ms}");
  auto client = under_test.proxy.Connect();
  client.SendRaw("GET /v1/invoices/7 HTTP/1.1\r\nX-A: ");
  const auto start = steady_clock::now();
  while (!client.HasInput(milliseconds(50)) && Since(start) < kPatience) client.TrySendRaw("a");
  EXPECT_EQ(FindErrorDifference(client.ReadResponse(), 408, 4), std::nullopt);
}

TEST(SlowClientTest, ALaterHeadHasItsTimeFromItsFirstByteOn) {
  InvoiceProxy under_test("limits: {header_timeout: 300ms}");
  auto client = under_test.proxy.Connect();
  EXPECT_EQ(client.Get("/v1/invoices/1").status, 200);
  EXPECT_FALSE(client.HasInput(milliseconds(700)));
  EXPECT_EQ(client.Get("/v1/invoices/2").status, 200);
  client.SendRaw("GET /");
  EXPECT_EQ(FindErrorDifference(client.ReadResponse(), 408, 4), std::nullopt);
}

TEST(SlowClientTest, AConnectionThatSaysNothingIsClosedSilently) {
  InvoiceProxy under_test("limits: {header_timeout: 300ms}");
  auto client = under_test.proxy.Connect();
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST(SlowClientTest, AnIdleConnectionIsClosedSilently) {
  InvoiceProxy under_test("limits: {idle_timeout: 300ms}");
  auto client = under_test.proxy.Connect();
  EXPECT_EQ(client.Get("/v1/invoices/7").status, 200);
  const auto start = steady_clock::now();
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_FALSE(client.was_reset());
  EXPECT_GE(Since(start), milliseconds(250));
}

TEST(SlowClientTest, ABusyConnectionIsNotIdle) {
  InvoiceProxy under_test("limits: {idle_timeout: 200ms, header_timeout: 200ms}");
  under_test.upstream.HoldReplies();
  auto client = under_test.proxy.Connect();
  client.Send("GET", "/v1/invoices/7");
  EXPECT_FALSE(client.HasInput(milliseconds(600)));
  under_test.upstream.Release();
  EXPECT_EQ(client.ReadResponse().status, 200);
}

TEST(SlowClientTest, ABodyThatStallsIs408) {
  InvoiceProxy under_test;
  auto client = under_test.proxy.Connect();
  const auto start = steady_clock::now();
  client.SendRaw(
      "POST /v1/customers/c/invoices HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{");
  EXPECT_EQ(FindErrorDifference(client.ReadResponse("POST"), 408, 4), std::nullopt);
  EXPECT_GE(Since(start), milliseconds(4900));
  EXPECT_EQ(client.ReadUntilClosed(), "");
  EXPECT_EQ(under_test.upstream.CallCount(), 0U);
}

TEST(SlowClientTest, AClientThatTakesNothingOfItsAnswerIsDropped) {
  InvoiceProxy under_test("limits: {idle_timeout: 300ms}");
  billing::v1::ListInvoicesResponse list;
  list.set_next_page_token(std::string(32 << 20, 'a'));
  under_test.upstream.OnUnary(kListInvoices, UnaryReply::Message(list));
  auto client = under_test.proxy.Connect({.receive_buffer_bytes = 4096});
  client.Send("GET", "/v1/invoices");
  const auto active = [&] {
    return under_test.proxy.Metric("grpc_active_connections{listener=\"rest\"}");
  };
  EXPECT_TRUE(under_test.upstream.WaitForCalls(1));
  EXPECT_TRUE(WaitUntil([&] { return active() == 0; }));
  EXPECT_FALSE(client.ReadResponse("GET").complete);
}

// Slowly: what the system buffers of the answer alone lasts longer than the time-out.
TEST(SlowClientTest, AClientThatReadsSlowlyGetsAllOfItsAnswer) {
  constexpr std::size_t kSize = 6 << 20;
  InvoiceProxy under_test("limits: {idle_timeout: 500ms}");
  billing::v1::ListInvoicesResponse list;
  list.set_next_page_token(std::string(kSize, 'a'));
  under_test.upstream.OnUnary(kListInvoices, UnaryReply::Message(list));
  ClientSocket client(under_test.proxy.port(), {.receive_buffer_bytes = 65536});
  client.Write("GET /v1/invoices HTTP/1.1\r\nHost: a\r\n\r\n");
  std::string received;
  while (received.size() < kSize && client.Read(received)) {
    std::this_thread::sleep_for(milliseconds(50));  // the pauses are what is tested
  }
  EXPECT_GE(received.size(), kSize);
}

}  // namespace
}  // namespace puente::test

// What is counted (design section 5), and that clients can't make series.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/invoice_proxy.h"
#include "tests/integration/streams_proxy.h"

namespace puente::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t SeriesOf(const ProxyUnderTest& proxy) {
  const std::string text = proxy.Admin("/metrics").body;
  std::size_t series = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    series += text[at] != '#' ? 1 : 0;
    at = end + 1;
  }
  return series;
}

TEST(RequestMetrics, StagesOfARequestAreMeasured) {
  const InvoiceProxy api;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(api.proxy.Get("/v1/invoices/7").status, 200);
  const auto count = [&](const std::string& series) { return api.proxy.Metric(series); };
  // A request is counted when its answer has left.
  ASSERT_TRUE(WaitUntil([&] {
    return count(R"(http_server_request_duration_seconds_count{http_request_method="GET",)"
                 R"(http_response_status_code="200",http_route="/v1/invoices/{id}"})") == 3;
  }));
  EXPECT_EQ(count(R"(puente_transcode_duration_seconds_count{direction="request"})"), 3);
  EXPECT_EQ(count(R"(puente_transcode_duration_seconds_count{direction="response"})"), 3);
  EXPECT_EQ(count(R"(grpc_requests_total{method="GetInvoice",service="billing.v1.BillingService",)"
                  R"(status="OK",traffic="live",upstream="examples"})"),
            3);
  EXPECT_EQ(count(R"(puente_backend_requests_total{code="200",split="",upstream="examples"})"), 3);
  const double total =
      count(R"(http_server_request_duration_seconds_sum{http_request_method="GET",)"
            R"(http_response_status_code="200",http_route="/v1/invoices/{id}"})");
  const double call =
      count(R"(puente_backend_request_duration_seconds_sum{split="",upstream="examples"})");
  const double request = count(R"(puente_transcode_duration_seconds_sum{direction="request"})");
  const double response = count(R"(puente_transcode_duration_seconds_sum{direction="response"})");
  EXPECT_GT(request, 0);
  EXPECT_GT(response, 0);
  EXPECT_GT(call, 0);
  EXPECT_LE(request + call + response, total);
}

TEST(RequestMetrics, EveryMessageOfAStreamIsTranscoded) {
  StreamsProxy api;
  api.upstream.OnStream(kTalk, EchoAll);
  EXPECT_EQ(api.proxy.Post(kTalkPath, R"([{"text":"a"},{"text":"b"},{"text":"c"}])").status, 200);
  EXPECT_EQ(api.proxy.Metric(R"(puente_transcode_duration_seconds_count{direction="request"})"), 3);
  EXPECT_EQ(api.proxy.Metric(R"(puente_transcode_duration_seconds_count{direction="response"})"),
            3);
}

// The series of later features and of rare events are there from the beginning.
TEST(RequestMetrics, SeriesOfAnUpstreamAreThereBeforeItsFirstCall) {
  const InvoiceProxy api;
  const std::string text = api.proxy.Admin("/metrics").body;
  for (const char* line :
       {"puente_split_weight{split=\"\",upstream=\"examples\"} 1\n",
        "puente_fallbacks_total{split=\"\",upstream=\"examples\"} 0\n",
        "puente_circuit_breaker_state{upstream=\"examples\"} 0\n",
        "puente_retries_total{upstream=\"examples\"} 0\n",
        "puente_config_last_reload_successful 1\n", "puente_access_log_dropped_total 0\n",
        "puente_spans_dropped_total{reason=\"queue_full\"} 0\n",
        "grpc_active_connections{listener=\"rest\"} 0\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(RequestMetrics, CanBeTurnedOff) {
  const InvoiceProxy api("telemetry: {metrics: {enabled: false}}\n");
  EXPECT_EQ(api.proxy.Get("/v1/invoices/7").status, 200);
  EXPECT_EQ(api.proxy.Get("/nowhere").status, 404);
  const std::string text = api.proxy.Admin("/metrics").body;
  EXPECT_THAT(text, Not(HasSubstr("http_server_request_duration_seconds")));
  EXPECT_THAT(text, Not(HasSubstr("grpc_requests_total")));
  EXPECT_THAT(text, HasSubstr("process_cpu_seconds_total"));
}

// Text that is different each time, of characters that a request line or a header may have.
std::string RandomText(std::mt19937& random) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123";
  std::string text;
  for (int i = 0; i < 12; ++i) text += kLetters[random() % kLetters.size()];
  return text;
}

// Requests with made-up paths, methods, queries and header values, on one connection.
void SendMadeUp(const ProxyUnderTest& proxy, int count, unsigned seed) {
  std::mt19937 random(seed);
  auto client = proxy.Connect();
  for (int i = 0; i < count; ++i) {
    const std::string text = RandomText(random);
    const HeaderList headers = {{"x-request-id", text}, {"User-Agent", text}, {"x-" + text, text}};
    switch (i % 4) {
      case 0:
        client.Request("GET", "/" + text, headers);
        break;
      case 1:
        client.Request("GET", "/v1/invoices/" + text, headers);
        break;
      case 2:
        client.Request(RandomText(random), "/v1/invoices/7", headers);
        break;
      default:
        client.Request("GET", "/v1/invoices/7?" + text + "=" + text, headers);
    }
  }
}

TEST(RequestMetrics, ClientsCannotMakeSeries) {
  const InvoiceProxy api;
  SendMadeUp(api.proxy, 100, 1);
  const std::size_t before = SeriesOf(api.proxy);
#ifdef PUENTE_SANITIZED
  constexpr int kRequests = 4'000;
#else
  constexpr int kRequests = 100'000;
#endif
  std::vector<std::thread> clients;
  for (unsigned i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] { SendMadeUp(api.proxy, kRequests / 4, 2 + i); });
  }
  for (auto& client : clients) client.join();
  EXPECT_TRUE(WaitUntil([&] { return SeriesOf(api.proxy) == before; })) << SeriesOf(api.proxy);
}

}  // namespace
}  // namespace puente::test

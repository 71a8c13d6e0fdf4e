// Many requests on many connections: none fails, each is counted, and memory stays flat.
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <thread>

#include "examples/services/example_server.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

#ifdef PUENTE_SANITIZED
constexpr bool kMeasuresMemory = false;  // a sanitizer keeps what is freed, or shadows of it
#else
constexpr bool kMeasuresMemory = true;
#endif

constexpr int kConnections = 64;
constexpr int kWarmUp = 2000;
constexpr int kRequests = 10000;
constexpr std::size_t kMargin = 4 << 20;

struct LoadRequest {
  std::string method;
  std::string target;
  std::string body;
  int status;
  std::string begin;   // of the answer
  std::string series;  // the labels under which the call, or the request without one, is counted
};

std::string CallSeries(const std::string& method, const std::string& status) {
  return fmt::format(R"(grpc_requests_total{{method="{}",service="billing.v1.BillingService",)"
                     R"(status="{}",traffic="live",upstream="examples"}})",
                     method, status);
}

std::string HttpSeries(const std::string& method, int status, const std::string& route) {
  return fmt::format(R"(http_server_request_duration_seconds_count{{http_request_method="{}",)"
                     R"(http_response_status_code="{}",http_route="{}"}})",
                     method, status, route);
}

std::vector<LoadRequest> Mix() {
  const std::string create = "/v1/customers/c-7/invoices";
  const std::string invoice = R"({"lines": [{"sku": "tea", "quantity": 2,
      "price": {"currency": "EUR", "units": "12"}}], "labels": {"region": "eu"}})";
  return {
      {"GET", "/v1/invoices/inv-1001", "", 200, R"({"id":"inv-1001",)",
       CallSeries("GetInvoice", "OK")},
      {"POST", create + "?validateOnly=true", invoice, 200, R"({"customerId":"c-7",)",
       CallSeries("CreateInvoice", "OK")},
      {"GET", "/v1/invoices:watch", "", 200, R"([{"id":"inv-1001",)",
       CallSeries("WatchInvoices", "OK")},
      {"GET", "/v1/invoices?pageSize=3", "", 200, R"({"invoices":[{"id":"inv-1001",)",
       CallSeries("ListInvoices", "OK")},
      {"GET", "/v1/invoices/inv-1", "", 404, R"({"code":5,)",
       CallSeries("GetInvoice", "NOT_FOUND")},
      {"POST", create, R"({"lines": 7})", 400, R"({"code":3,)",
       HttpSeries("POST", 400, "/v1/customers/{customer_id}/invoices")},
      {"GET", "/v1/nowhere", "", 404, R"({"code":5,)", HttpSeries("GET", 404, "unmatched")},
      {"DELETE", "/v1/invoices/inv-1001", "", 405, R"({"code":12,)",
       HttpSeries("DELETE", 405, "unmatched")},
  };
}

std::size_t ResidentBytes() {
  malloc_trim(0);
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

class Load : public testing::Test {
 protected:
  Load() {
    const auto started = server_.Start();
    if (!started) throw std::runtime_error(started.error());
    proxy_.emplace(server_.target());
    for (int i = 0; i < kConnections; ++i) clients_.push_back(proxy_->Connect());
  }

  // Sends `count` requests, in turn of the mix, from a thread per connection. Returns how many were
  // not answered as they should.
  int Send(int count) {
    std::atomic<int> next{0};
    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    for (HttpClient& client : clients_) {
      threads.emplace_back([&] {
        for (int i = next++; i < count; i = next++) {
          if (!SendOne(client, mix_[static_cast<std::size_t>(i) % mix_.size()])) ++failed;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return failed;
  }

  static bool SendOne(HttpClient& client, const LoadRequest& request) {
    try {
      const HttpResponse response =
          client.Request(request.method, request.target, {}, request.body);
      return response.status == request.status && response.complete &&
             response.body.starts_with(request.begin);
    } catch (const ClientError&) {
      return false;
    }
  }

  const std::vector<LoadRequest> mix_ = Mix();
  examples::ExampleServer server_;
  std::optional<ProxyUnderTest> proxy_;
  std::vector<HttpClient> clients_;
};

TEST_F(Load, TenThousandRequestsOn64ConnectionsAllSucceedInFlatMemory) {
  ASSERT_EQ(Send(kWarmUp), 0);
  const std::size_t before = ResidentBytes();
  ASSERT_EQ(Send(kRequests), 0);
  if (kMeasuresMemory) {
    EXPECT_LT(ResidentBytes(), before + kMargin);
  }
  EXPECT_EQ(proxy_->Metric(R"(grpc_active_connections{listener="rest"})"), kConnections);
  for (const LoadRequest& request : mix_) {
    const double expected = (kWarmUp + kRequests) / static_cast<double>(mix_.size());
    EXPECT_TRUE(WaitUntil([&] { return proxy_->Metric(request.series) == expected; }))
        << request.series << " is " << proxy_->Metric(request.series);
  }
}

}  // namespace
}  // namespace puente::test

// The admin listener (design section 5).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "examples/json_subset.h"
#include "tests/integration/invoice_proxy.h"
#include "tests/support/temp_dir.h"

namespace puente::test {
namespace {

using examples::FindJsonDifference;

constexpr char kCallLabels[] =
    "method=\"GetInvoice\",service=\"billing.v1.BillingService\",traffic=\"live\","
    "upstream=\"examples\"";

std::string HttpSeries(const std::string& suffix, const std::string& method,
                       const std::string& route, int status) {
  return fmt::format(
      "http_server_request_duration_seconds_{}{{http_request_method=\"{}\","
      "http_response_status_code=\"{}\",http_route=\"{}\"}}",
      suffix, method, status, route);
}

TEST(AdminTest, HealthAndReadiness) {
  InvoiceProxy under_test;
  for (const auto& [path, body] :
       {std::pair("/healthz", "ok\n"), std::pair("/readyz", "ready\n")}) {
    const auto answer = under_test.proxy.Admin(path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_EQ(answer.body, body);
    EXPECT_EQ(answer.Header("content-type"), "text/plain; charset=utf-8");
  }
}

TEST(AdminTest, StaysReadyWithoutItsUpstream) {
  InvoiceProxy under_test;
  under_test.upstream.Stop();
  EXPECT_EQ(under_test.proxy.Get("/v1/invoices/7").status, 503);
  EXPECT_EQ(under_test.proxy.Admin("/readyz").status, 200);
}

TEST(AdminTest, OtherPathsAndMethodsAreErrors) {
  InvoiceProxy under_test;
  auto client = HttpClient::Connect(under_test.proxy.admin_port());
  EXPECT_EQ(FindErrorDifference(client.Get("/"), 404, 5), std::nullopt);
  EXPECT_EQ(FindErrorDifference(client.Get("/healthz/"), 404, 5), std::nullopt);
  EXPECT_EQ(FindErrorDifference(client.Get("/v1/invoices/7"), 404, 5), std::nullopt);
  for (const char* path : {"/healthz", "/readyz", "/metrics", "/routes"}) {
    const auto answer = client.Post(path, "");
    EXPECT_EQ(FindErrorDifference(answer, 405, 12), std::nullopt) << path;
    EXPECT_EQ(answer.Header("allow"), "GET, HEAD") << path;
    const auto head = client.Request("HEAD", path);
    EXPECT_EQ(head.status, 200) << path;
    EXPECT_EQ(client.Get(std::string(path) + "?x=1").status, 200) << path;
  }
  EXPECT_EQ(under_test.upstream.CallCount(), 0U);
}

TEST(AdminTest, BrokenFramingIs400) {
  InvoiceProxy under_test;
  auto client = HttpClient::Connect(under_test.proxy.admin_port());
  client.SendRaw("GET /healthz HTTP/1.1\r\n\r\n");
  EXPECT_EQ(FindErrorDifference(client.ReadResponse(), 400, 3), std::nullopt);
  EXPECT_EQ(client.ReadUntilClosed(), "");
}

TEST(AdminTest, TheClientsListenerHasNoAdminEndpoints) {
  InvoiceProxy under_test;
  for (const char* path : {"/healthz", "/readyz", "/metrics", "/routes"}) {
    EXPECT_EQ(under_test.proxy.Get(path).status, 404) << path;
  }
}

TEST(AdminTest, RoutesAreJson) {
  InvoiceProxy under_test;
  const auto answer = under_test.proxy.Admin("/routes");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("content-type"), "application/json");
  EXPECT_EQ(FindJsonDifference("{}", answer.body).value_or("").find("not JSON"), std::string::npos);
  for (const char* text :
       {"/v1/invoices/{id}", "/v1/invoices:watch", "\"GET\"", "billing.v1.BillingService"}) {
    EXPECT_THAT(answer.body, testing::HasSubstr(text));
  }
}

TEST(AdminTest, MetricsCountRequestsByTheirLabels) {
  InvoiceProxy under_test;
  const ProxyUnderTest& proxy = under_test.proxy;
  under_test.upstream.OnUnary(kCreateInvoice,
                              UnaryReply{.status = {grpc::StatusCode::NOT_FOUND, "no"}});
  {
    auto client = proxy.Connect();
    client.Get("/v1/invoices/1");
    client.Get("/v1/invoices/2");
    client.Request("HEAD", "/v1/invoices/3");
    client.Post("/v1/customers/c/invoices", "{}");
    client.Post("/v1/customers/c/invoices", "{]");
    client.Get("/nowhere/1");
    client.Get("/nowhere/2");
    client.Request("BREW", "/v1/invoices/1");
    EXPECT_EQ(proxy.Metric("grpc_active_connections{listener=\"rest\"}"), 1);
  }
  AskRaw(proxy, "GET / HTTP/1.1\r\n\r\n");
  // An answer is observed after it was sent, so the last one may come a moment later.
  EXPECT_TRUE(WaitUntil(
      [&] { return proxy.Metric(HttpSeries("count", "_OTHER", "unmatched", 405)) == 1; }));

  const std::string labels = kCallLabels;
  EXPECT_EQ(proxy.Metric("grpc_requests_total{method=\"GetInvoice\",service=\"billing.v1."
                         "BillingService\",status=\"OK\",traffic=\"live\",upstream=\"examples\"}"),
            3);
  // A call that was never made for want of a readable body is not counted.
  EXPECT_EQ(
      proxy.Metric("grpc_requests_total{method=\"CreateInvoice\",service=\"billing.v1."
                   "BillingService\",status=\"NOT_FOUND\",traffic=\"live\",upstream=\"examples\"}"),
      1);
  EXPECT_EQ(proxy.Metric("grpc_request_duration_seconds_count{" + labels + "}"), 3);
  EXPECT_GT(proxy.Metric("grpc_request_duration_seconds_sum{" + labels + "}"), 0);
  EXPECT_EQ(proxy.Metric("grpc_request_duration_seconds_bucket{" + labels + ",le=\"+Inf\"}"), 3);

  EXPECT_EQ(proxy.Metric(HttpSeries("count", "GET", "/v1/invoices/{id}", 200)), 2);
  EXPECT_EQ(proxy.Metric(HttpSeries("count", "HEAD", "/v1/invoices/{id}", 200)), 1);
  EXPECT_EQ(proxy.Metric(HttpSeries("count", "POST", "/v1/customers/{customer_id}/invoices", 404)),
            1);
  EXPECT_EQ(proxy.Metric(HttpSeries("count", "POST", "/v1/customers/{customer_id}/invoices", 400)),
            1);
  EXPECT_EQ(proxy.Metric(HttpSeries("count", "GET", "unmatched", 404)), 2);
  EXPECT_EQ(proxy.Metric(HttpSeries("count", "GET", "unmatched", 400)), 1);
  EXPECT_TRUE(
      WaitUntil([&] { return proxy.Metric("grpc_active_connections{listener=\"rest\"}") == 0; }));
}

// Label values come from the configuration and the descriptors, never from a request.
TEST(AdminTest, MetricsHoldNothingThatAClientSent) {
  InvoiceProxy under_test;
  under_test.proxy.Get("/v1/invoices/secret-in-path?secret-in-query=1",
                       {{"X-Secret-In-Header", "secret-in-value"}});
  under_test.proxy.Connect().Request("SECRET", "/secret-in-path");
  const std::string text = under_test.proxy.Admin("/metrics").body;
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("secret")));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("SECRET")));
}

TEST(AdminTest, MetricsSatisfyPromtool) {
  if (std::system("command -v promtool >/dev/null") != 0) GTEST_SKIP() << "no promtool";
  InvoiceProxy under_test;
  under_test.proxy.Get("/v1/invoices/7");
  under_test.proxy.Get("/nowhere");
  const auto answer = under_test.proxy.Admin("/metrics");
  EXPECT_EQ(answer.Header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(answer.body, testing::HasSubstr("puente_build_info{version="));
  const TempDir dir;
  const std::string file = dir.Write("metrics", answer.body);
  const std::string report = dir.File("report");
  EXPECT_EQ(std::system(fmt::format("promtool check metrics <{} >{} 2>&1", file, report).c_str()),
            0);
  EXPECT_EQ(std::system(fmt::format("test ! -s {} || (cat {}; false)", report, report).c_str()), 0);
}

}  // namespace
}  // namespace puente::test

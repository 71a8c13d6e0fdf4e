#include "proxy/telemetry/metrics.h"

#include <gmock/gmock.h>

#include <chrono>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "transcoder/codec.h"

namespace puente {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> LinesOf(const Metrics& metrics, std::string_view prefix) {
  std::vector<std::string> lines;
  std::istringstream text(metrics.Render());
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(prefix)) lines.push_back(line);
  }
  return lines;
}

TEST(Metrics, BeginWithTheBuild) {
  const Metrics metrics;
  EXPECT_THAT(LinesOf(metrics, "puente_build_info"),
              ElementsAre("puente_build_info{version=\"" PUENTE_VERSION "\"} 1"));
  EXPECT_THAT(LinesOf(metrics, "# TYPE puente_build_info"),
              ElementsAre("# TYPE puente_build_info gauge"));
  EXPECT_THAT(LinesOf(metrics, "grpc_"), IsEmpty());
}

TEST(Metrics, CountReloadsByTheirResult) {
  Metrics metrics;
  EXPECT_THAT(LinesOf(metrics, "puente_config_last_reload_successful"),
              ElementsAre("puente_config_last_reload_successful 1"));
  metrics.CountReload(true);
  metrics.CountReload(false);
  metrics.CountReload(false);
  EXPECT_THAT(LinesOf(metrics, "puente_config_"),
              testing::UnorderedElementsAre("puente_config_reloads_total{result=\"success\"} 1",
                                            "puente_config_reloads_total{result=\"failure\"} 2",
                                            "puente_config_last_reload_successful 0"));
}

TEST(Metrics, CountCallsByStatus) {
  Metrics metrics;
  CallMetrics calls(metrics, "billing.v1.BillingService", "GetInvoice", "billing");
  calls.Count(Code::kOk, milliseconds(3));
  calls.Count(Code::kOk, milliseconds(30));
  calls.Count(Code::kNotFound, seconds(20));
  const std::string labels =
      R"({method="GetInvoice",service="billing.v1.BillingService",%traffic="live",upstream="billing"})";
  const auto with = [&labels](const std::string& more) {
    return std::string(labels).replace(labels.find('%'), 1, more);
  };
  EXPECT_THAT(
      LinesOf(metrics, "grpc_requests_total"),
      testing::UnorderedElementsAre("grpc_requests_total" + with("status=\"OK\",") + " 2",
                                    "grpc_requests_total" + with("status=\"NOT_FOUND\",") + " 1"));
  EXPECT_THAT(LinesOf(metrics, "grpc_request_duration_seconds_count"),
              ElementsAre("grpc_request_duration_seconds_count" + with("") + " 3"));
  EXPECT_THAT(LinesOf(metrics, "grpc_request_duration_seconds_sum"),
              ElementsAre("grpc_request_duration_seconds_sum" + with("") + " 20.033"));
  EXPECT_THAT(LinesOf(metrics, "# TYPE"),
              testing::IsSupersetOf({"# TYPE grpc_requests_total counter",
                                     "# TYPE grpc_request_duration_seconds histogram"}));
}

TEST(Metrics, PutDurationsIntoTheBucketsOfOpenTelemetryAndFinerOnes) {
  Metrics metrics;
  HttpMetrics http(metrics);
  http.Observe("/v1/invoices/{id}", "GET", 200, std::chrono::microseconds(100));
  http.Observe("/v1/invoices/{id}", "GET", 200, milliseconds(6));
  http.Observe("/v1/invoices/{id}", "GET", 200, seconds(11));
  const std::string labels =
      "http_server_request_duration_seconds_bucket{http_request_method=\"GET\","
      "http_response_status_code=\"200\",http_route=\"/v1/invoices/{id}\",le=\"";
  const auto lines = LinesOf(metrics, "http_server_request_duration_seconds_bucket");
  std::vector<std::string> expected;
  for (const char* bucket :
       {"0.0001\"} 1", "0.00025\"} 1", "0.0005\"} 1", "0.001\"} 1", "0.0025\"} 1",
        "0.005\"} 1",  "0.01\"} 2",    "0.025\"} 2",  "0.05\"} 2",  "0.075\"} 2",
        "0.1\"} 2",    "0.25\"} 2",    "0.5\"} 2",    "0.75\"} 2",  "1\"} 2",
        "2.5\"} 2",    "5\"} 2",       "7.5\"} 2",    "10\"} 2",    "+Inf\"} 3"}) {
    expected.push_back(labels + bucket);
  }
  EXPECT_EQ(lines, expected);
}

TEST(Metrics, KeepOneSeriesPerRouteMethodAndStatus) {
  Metrics metrics;
  HttpMetrics one_worker(metrics);
  HttpMetrics another(metrics);
  one_worker.Observe("/a", "GET", 200, milliseconds(1));
  one_worker.Observe("/a", "GET", 200, milliseconds(1));
  another.Observe("/a", "GET", 200, milliseconds(1));
  one_worker.Observe("/a", "GET", 404, milliseconds(1));
  one_worker.Observe("/b", "GET", 200, milliseconds(1));
  const auto lines = LinesOf(metrics, "http_server_request_duration_seconds_count");
  EXPECT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines,
              Contains("http_server_request_duration_seconds_count{http_request_method=\"GET\","
                       "http_response_status_code=\"200\",http_route=\"/a\"} 3"));
}

TEST(Metrics, ClientsCannotMakeSeriesByInventingMethods) {
  Metrics metrics;
  HttpMetrics http(metrics);
  for (const std::string_view method : {"BREW", "get", "", "GET\"} 1\nx 1"}) {
    http.Observe(kUnmatchedRoute, method, 405, milliseconds(1));
  }
  EXPECT_THAT(
      LinesOf(metrics, "http_server_request_duration_seconds_count"),
      ElementsAre("http_server_request_duration_seconds_count{http_request_method="
                  "\"_OTHER\",http_response_status_code=\"405\",http_route=\"unmatched\"} 4"));
  for (const std::string_view method :
       {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}) {
    http.Observe(kUnmatchedRoute, method, 405, milliseconds(1));
  }
  EXPECT_EQ(LinesOf(metrics, "http_server_request_duration_seconds_count").size(), 10u);
}

TEST(Metrics, CountCodesOutsideOfTheTableAsUnknown) {
  Metrics metrics;
  CallMetrics calls(metrics, "s", "m", "u");
  for (const int code : {-1, 2, 17, 1 << 30}) calls.Count(static_cast<Code>(code), milliseconds(1));
  EXPECT_THAT(LinesOf(metrics, "grpc_requests_total"),
              ElementsAre(R"(grpc_requests_total{method="m",service="s",status="UNKNOWN",)"
                          R"(traffic="live",upstream="u"} 4)"));
}

// Rule 1: what nothing is bound to is counted.
TEST(Metrics, CountInputThatWasLetPass) {
  Metrics metrics;
  CallMetrics at_one(metrics, "a.S", "Get", "one");
  CallMetrics at_another(metrics, "a.S", "Get", "another");
  at_one.CountUnknown({});
  EXPECT_THAT(LinesOf(metrics, "puente_unknown_fields_total"), IsEmpty());
  at_one.CountUnknown({.in_body = 2, .in_query = 0, .names = {"colour"}});
  at_one.CountUnknown({.in_body = 1, .in_query = 4, .names = {}});
  at_another.CountUnknown({.in_body = 1, .in_query = 0, .names = {}});
  EXPECT_THAT(
      LinesOf(metrics, "puente_unknown_fields_total"),
      testing::UnorderedElementsAre(R"(puente_unknown_fields_total{kind="body",method="Get"} 4)",
                                    R"(puente_unknown_fields_total{kind="query",method="Get"} 4)"));
  EXPECT_THAT(LinesOf(metrics, "# TYPE puente_unknown_fields_total"),
              ElementsAre("# TYPE puente_unknown_fields_total counter"));
}

TEST(Metrics, CountFromManyThreads) {
  Metrics metrics;
  CallMetrics calls(metrics, "s", "m", "u");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&calls] {
      for (int n = 0; n < 1000; ++n) calls.Count(static_cast<Code>(n % 2), milliseconds(1));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(
      LinesOf(metrics, "grpc_requests_total"),
      testing::UnorderedElementsAre(testing::EndsWith(" 2000"), testing::EndsWith(" 2000")));
}

}  // namespace
}  // namespace puente

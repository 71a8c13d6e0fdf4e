#include "proxy/telemetry/metrics/metrics.h"

#include <gmock/gmock.h>

#include <chrono>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "proxy/telemetry/metrics/open_metrics.h"
#include "transcoder/codec.h"

namespace puente {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> LinesOf(const Metrics& metrics, std::string_view prefix) {
  std::vector<std::string> lines;
  std::istringstream text(metrics.Render(Exposition::kPrometheus, {}));
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

TEST(Metrics, TellOfTheProcess) {
  const Metrics metrics;
  for (const char* name : {"process_cpu_seconds_total ", "process_resident_memory_bytes ",
                           "process_virtual_memory_bytes ", "process_start_time_seconds ",
                           "process_open_fds ", "process_max_fds ", "process_threads "}) {
    const auto lines = LinesOf(metrics, name);
    ASSERT_EQ(lines.size(), 1u) << name;
    EXPECT_GE(std::stod(lines[0].substr(std::string_view(name).size())), 0) << name;
  }
  const double start = std::stod(LinesOf(metrics, "process_start_time_seconds ")[0].substr(27));
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_LE(start, now + 2);
  EXPECT_GT(start, now - 24 * 3600);
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
  MetricCells& cells = metrics.AddCells();
  CallMetrics calls(metrics, "billing.v1.BillingService", "GetInvoice", "billing", "live");
  calls.Count(cells, Code::kOk, milliseconds(3), nullptr);
  calls.Count(cells, Code::kOk, milliseconds(30), nullptr);
  calls.Count(cells, Code::kNotFound, seconds(20), nullptr);
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

TEST(Metrics, CountCallsOfABackendByHttpStatus) {
  Metrics metrics;
  MetricCells& cells = metrics.AddCells();
  BackendMetrics one(metrics, "", "billing");
  BackendMetrics same(metrics, "", "billing");
  BackendMetrics other(metrics, "moving", "billing");
  one.Count(cells, 200, milliseconds(3), nullptr);
  same.Count(cells, 200, milliseconds(3), nullptr);
  other.Count(cells, 503, milliseconds(3), nullptr);
  EXPECT_THAT(
      LinesOf(metrics, "puente_backend_requests_total"),
      testing::IsSupersetOf(
          {R"(puente_backend_requests_total{code="200",split="",upstream="billing"} 2)",
           R"(puente_backend_requests_total{code="503",split="",upstream="billing"} 0)",
           R"(puente_backend_requests_total{code="503",split="moving",upstream="billing"} 1)"}));
  EXPECT_THAT(
      LinesOf(metrics, "puente_backend_request_duration_seconds_count"),
      testing::UnorderedElementsAre(
          R"(puente_backend_request_duration_seconds_count{split="",upstream="billing"} 2)",
          R"(puente_backend_request_duration_seconds_count{split="moving",upstream="billing"} 1)"));
}

TEST(Metrics, PutDurationsIntoTheBucketsOfOpenTelemetryAndFinerOnes) {
  Metrics metrics;
  MetricCells& cells = metrics.AddCells();
  RouteMetrics route(metrics, "/v1/invoices/{id}");
  route.Count(cells, "GET", 200, std::chrono::microseconds(100), nullptr);
  route.Count(cells, "GET", 200, milliseconds(6), nullptr);
  route.Count(cells, "GET", 200, seconds(11), nullptr);
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
  MetricCells& one_worker = metrics.AddCells();
  MetricCells& another = metrics.AddCells();
  RouteMetrics a(metrics, "/a");
  RouteMetrics a_after_a_reload(metrics, "/a");
  RouteMetrics b(metrics, "/b");
  a.Count(one_worker, "GET", 200, milliseconds(1), nullptr);
  a.Count(one_worker, "GET", 200, milliseconds(1), nullptr);
  a_after_a_reload.Count(another, "GET", 200, milliseconds(1), nullptr);
  a.Count(one_worker, "GET", 404, milliseconds(1), nullptr);
  b.Count(one_worker, "GET", 200, milliseconds(1), nullptr);
  const auto lines = LinesOf(metrics, "http_server_request_duration_seconds_count");
  EXPECT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines,
              Contains("http_server_request_duration_seconds_count{http_request_method=\"GET\","
                       "http_response_status_code=\"200\",http_route=\"/a\"} 3"));
}

// More than a route keeps the ids of.
TEST(Metrics, CountEveryStatusOfARoute) {
  Metrics metrics;
  MetricCells& cells = metrics.AddCells();
  RouteMetrics route(metrics, "/a");
  for (int round = 0; round < 2; ++round) {
    for (int status = 200; status < 230; ++status) {
      route.Count(cells, "GET", status, milliseconds(1), nullptr);
    }
  }
  const auto lines = LinesOf(metrics, "http_server_request_duration_seconds_count");
  EXPECT_EQ(lines.size(), 30u);
  EXPECT_THAT(lines, testing::Each(testing::EndsWith(" 2")));
}

TEST(Metrics, ClientsCannotMakeSeriesByInventingMethods) {
  Metrics metrics;
  MetricCells& cells = metrics.AddCells();
  const auto observe = [&](std::string_view method) {
    metrics.unmatched_requests.Count(cells, method, 405, milliseconds(1), nullptr);
  };
  for (const std::string_view method : {"BREW", "get", "", "GET\"} 1\nx 1"}) observe(method);
  EXPECT_THAT(
      LinesOf(metrics, "http_server_request_duration_seconds_count"),
      ElementsAre("http_server_request_duration_seconds_count{http_request_method="
                  "\"_OTHER\",http_response_status_code=\"405\",http_route=\"unmatched\"} 4"));
  for (const std::string_view method :
       {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}) {
    observe(method);
  }
  EXPECT_EQ(LinesOf(metrics, "http_server_request_duration_seconds_count").size(), 10u);
}

TEST(Metrics, CountCodesOutsideOfTheTableAsUnknown) {
  Metrics metrics;
  MetricCells& cells = metrics.AddCells();
  CallMetrics calls(metrics, "s", "m", "u", "live");
  for (const int code : {-1, 2, 17, 1 << 30}) {
    calls.Count(cells, static_cast<Code>(code), milliseconds(1), nullptr);
  }
  EXPECT_THAT(LinesOf(metrics, "grpc_requests_total"),
              ElementsAre(R"(grpc_requests_total{method="m",service="s",status="UNKNOWN",)"
                          R"(traffic="live",upstream="u"} 4)"));
}

// Rule 1: what nothing is bound to is counted.
TEST(Metrics, CountInputThatWasLetPass) {
  Metrics metrics;
  MetricCells& cells = metrics.AddCells();
  UnknownFieldMetrics at_one(metrics, "Get");
  UnknownFieldMetrics at_another(metrics, "Get");
  at_one.Count(cells, {});
  EXPECT_THAT(LinesOf(metrics, "puente_unknown_fields_total"), IsEmpty());
  at_one.Count(cells, {.in_body = 2, .in_query = 0, .names = {"colour"}});
  at_one.Count(cells, {.in_body = 1, .in_query = 4, .names = {}});
  at_another.Count(cells, {.in_body = 1, .in_query = 0, .names = {}});
  EXPECT_THAT(
      LinesOf(metrics, "puente_unknown_fields_total"),
      testing::UnorderedElementsAre(R"(puente_unknown_fields_total{kind="body",method="Get"} 4)",
                                    R"(puente_unknown_fields_total{kind="query",method="Get"} 4)"));
  EXPECT_THAT(LinesOf(metrics, "# TYPE puente_unknown_fields_total"),
              ElementsAre("# TYPE puente_unknown_fields_total counter"));
}

TEST(Metrics, AddUpWhatManyThreadsCountWhileTheyAreScraped) {
  Metrics metrics;
  CallMetrics calls(metrics, "s", "m", "u", "live");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&calls, &metrics] {
      MetricCells& cells = metrics.AddCells();
      const TraceId trace{1};
      for (int n = 0; n < 1000; ++n) {
        calls.Count(cells, static_cast<Code>(n % 2), milliseconds(1),
                    n % 10 == 0 ? &trace : nullptr);
      }
    });
  }
  for (int i = 0; i < 20; ++i)
    EXPECT_THAT(metrics.Render(Exposition::kOpenMetrics, {}), HasSubstr("# EOF"));
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(
      LinesOf(metrics, "grpc_requests_total"),
      testing::UnorderedElementsAre(testing::EndsWith(" 2000"), testing::EndsWith(" 2000")));
}

// Ten thousand streams for a year.
TEST(Metrics, SumsDoNotOverflow) {
  Metrics metrics;
  MetricCells& cells = metrics.AddCells();
  RouteMetrics route(metrics, "/a");
  for (int i = 0; i < 10'000; ++i) {
    route.Count(cells, "GET", 200, std::chrono::hours(24 * 365), nullptr);
  }
  const auto lines = LinesOf(metrics, "http_server_request_duration_seconds_sum");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_DOUBLE_EQ(std::stod(lines[0].substr(lines[0].rfind(' '))), 1e4 * 24 * 365 * 3600);
}

TEST(Metrics, CountNothingInSeriesThatThereIsNoRoomFor) {
  MetricTable table;
  const std::size_t family = table.AddFamily("a_total", "A.", prometheus::MetricType::Counter);
  MetricCells& cells = table.AddCells();
  for (std::uint32_t i = 0; i <= kMostSeries + 2; ++i) {
    cells.Add(table.AddCounter(family, {{"i", std::to_string(i)}}));
  }
  const auto families = table.Collect();
  ASSERT_EQ(families.size(), 1u);
  EXPECT_EQ(families[0].metric.size(), kMostSeries);
}

// Values by the grammar of OpenMetrics 1.0; promtool reads only Prometheus's own format.
TEST(OpenMetrics, HaveExemplarsOfSampledTraces) {
  Metrics metrics;
  MetricCells& cells = metrics.AddCells();
  RouteMetrics route(metrics, "/a\"\\\n");
  const TraceId trace{0xab, 1};
  route.Count(cells, "GET", 200, milliseconds(2), nullptr);
  route.Count(cells, "GET", 200, milliseconds(800), &trace);
  const std::string text = metrics.Render(Exposition::kOpenMetrics, {});
  EXPECT_THAT(text, HasSubstr("# TYPE http_server_request_duration_seconds histogram\n"
                              "# HELP http_server_request_duration_seconds Duration of"));
  const std::string labels =
      R"({http_request_method="GET",http_response_status_code="200",http_route="/a\"\\\n")";
  const std::string name = "http_server_request_duration_seconds";
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + labels + ",le=\"0.0025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + labels +
                              ",le=\"1.0\"} 2 # {trace_id=\"ab010000000000000000000000000000\"} "
                              "0.8 1"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + labels + ",le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(name + "_count" + labels + "} 2\n"));
  EXPECT_THAT(text, HasSubstr(name + "_sum" + labels + "} 0.802\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE puente_config_reloads counter\n"));
  EXPECT_THAT(text, HasSubstr("puente_config_reloads_total{result=\"success\"} 0.0\n"));
  EXPECT_THAT(text, testing::EndsWith("\n# EOF\n"));
}

TEST(OpenMetrics, AreSentToScrapersThatAskForThem) {
  const struct {
    std::string_view accept;
    bool wanted;
  } cases[] = {
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q="
       "0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       true},
      {"application/openmetrics-text", true},
      {"text/plain;q=0.5, application/openmetrics-text;q=0.4", false},
      {"application/openmetrics-text;q=0", false},
      {"text/plain;version=0.0.4", false},
      {"*/*", false},
      {"", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(PrefersOpenMetrics(std::vector<HeaderView>{{"Accept", c.accept}}), c.wanted)
        << c.accept;
  }
  EXPECT_FALSE(PrefersOpenMetrics({}));
}

}  // namespace
}  // namespace puente

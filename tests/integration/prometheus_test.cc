// What an operator installs in Prometheus and Grafana works with what the proxy says: its metrics
// (design section 5), and the rules and the dashboard of helm/.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "tests/integration/dashboard.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/prometheus_server.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

// The server starts, and is asked dozens of times, on a machine that does much else.
constexpr std::chrono::seconds kLongPatience{60};

const std::string kRules = PUENTE_SOURCE_DIR "/helm/rules";
const std::string kDashboard = PUENTE_SOURCE_DIR "/helm/dashboards/puente.json";
const std::string kDocumentation = PUENTE_SOURCE_DIR "/docs/observability.md";

constexpr char kExportSpans[] = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr char kTraceId[] = "4bf92f3577b34da6a3ce929d0e0e4736";

std::string Contents(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// "" when promtool is content; else what it says.
std::string Promtool(const std::string& arguments, const std::string& folder = ".") {
  ChildProcess promtool("sh",
                        {"-c", fmt::format("cd '{}' && exec {} {}", folder, kPromtool, arguments)});
  const auto code = promtool.WaitForExit(kLongPatience);
  if (code == 0 && promtool.Errors().empty()) return "";
  return fmt::format("exit code {}\n{}{}", code.value_or(-1), promtool.Output(), promtool.Errors());
}

// A proxy with a TLS listener beside the plain one. Its upstream has two invoices to watch, fails
// for the invoice "bad", and takes spans.
class ScrapedProxy {
 public:
  ScrapedProxy() : proxy_(ProxyUnderTest::FromConfig(Config())) {
    upstream_.OnUnary(kExportSpans, UnaryReply());
    upstream_.OnUnary(kGetInvoice, [](const UnaryRequest& request) {
      billing::v1::GetInvoiceRequest get;
      get.ParseFromString(request.bytes);
      if (get.id() != "bad") return UnaryReply::Message(InvoiceOf(get.id()));
      return UnaryReply{.status = {grpc::StatusCode::UNAVAILABLE, "down"}};
    });
    upstream_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
      for (const char* id : {"a", "b"}) stream.Write(InvoiceOf(id));
      return grpc::Status::OK;
    });
  }

  const ProxyUnderTest& proxy() const { return proxy_; }

  // One request of each kind.
  void SendTraffic() const {
    auto client = proxy_.Connect();
    const HeaderList trace{{"traceparent", fmt::format("00-{}-00f067aa0ba902b7-01", kTraceId)}};
    EXPECT_EQ(client.Get(kInvoice, trace).status, 200);
    EXPECT_EQ(client.Get("/v1/invoices/inv-1?utm=1").status, 200);
    EXPECT_EQ(client.Get("/v1/invoices/bad").status, 503);
    EXPECT_EQ(client.Get("/v1/nothing").status, 404);
    EXPECT_EQ(client.Request("DELETE", kWatch).status, 405);
    EXPECT_EQ(client.Get(kWatch).status, 200);
  }

 private:
  std::string Config() const {
    return fmt::format(
        "listeners:\n"
        "- {{name: rest, address: \"127.0.0.1:0\"}}\n"
        "- {{name: rest-tls, address: \"127.0.0.1:0\", tls: {{certificate: \"{}\", private_key: "
        "\"{}\"}}}}\n"
        "admin: {{address: \"127.0.0.1:0\"}}\n"
        "descriptors: {{files: [\"{}\"]}}\n"
        "transcoding: {{json: {{unknown_query: IGNORE}}}}\n"
        "upstreams: [{{name: examples, grpc: {{target: \"{}\"}}}}]\n"
        "telemetry: {{tracing: {{otlp_endpoint: \"http://{}\"}}}}\n",
        files_.server.certificate, files_.server.private_key, ExampleDescriptors(),
        upstream_.target(), upstream_.target());
  }

  TestCertificates files_;
  FakeUpstream upstream_;
  ProxyUnderTest proxy_;
};

class PrometheusTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasPrometheus()) GTEST_SKIP() << kPrometheus << " is not installed";
  }
};

TEST_F(PrometheusTest, FindsNoFaultInTheMetrics) {
  const ScrapedProxy scraped;
  scraped.SendTraffic();
  const TempDir dir;
  const auto answer = scraped.proxy().Admin("/metrics");
  ASSERT_EQ(answer.status, 200);
  dir.Write("metrics", answer.body);
  EXPECT_EQ(Promtool("check metrics < metrics", dir.path()), "") << answer.body;
}

TEST_F(PrometheusTest, TakesTheRules) {
  EXPECT_EQ(Promtool("check rules recording.yaml alerts.yaml", kRules), "");
}

TEST_F(PrometheusTest, HasRulesThatDoWhatTheirTestsSay) {
  EXPECT_EQ(Promtool("test rules tests/*_test.yaml", kRules), "");
}

// Each alert has a test, and its runbook is a heading of the documentation.
TEST(AlertRules, AreTestedAndDocumented) {
  const std::string rules = Contents(kRules + "/alerts.yaml");
  const std::string documentation = Contents(kDocumentation);
  std::string tests;
  for (const auto& file : std::filesystem::directory_iterator(kRules + "/tests")) {
    tests += Contents(file.path());
  }
  const std::regex alert("- alert: (\\w+)");
  std::size_t count = 0;
  for (std::sregex_iterator it(rules.begin(), rules.end(), alert), end; it != end; ++it, ++count) {
    const std::string name = (*it)[1];
    std::string anchor = name;
    for (char& c : anchor) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_THAT(rules, testing::HasSubstr("docs/observability.md#" + anchor + "\n"));
    EXPECT_THAT(documentation, testing::HasSubstr("\n### " + name + "\n"));
    EXPECT_THAT(tests, testing::HasSubstr("alertname: " + name + "\n    exp_alerts:\n"));
    EXPECT_THAT(tests, testing::HasSubstr("alertname: " + name + "\n    exp_alerts: []\n"));
  }
  EXPECT_GT(count, 0);
}

TEST(Dashboard, SaysOfEveryPanelWhatItShows) {
  const auto panels = ReadDashboard(kDashboard);
  EXPECT_THAT(panels, Not(IsEmpty()));
  for (const DashboardPanel& panel : panels) {
    EXPECT_NE(panel.title, "");
    EXPECT_NE(panel.description, "") << panel.title;
    EXPECT_NE(panel.unit, "") << panel.title;
    EXPECT_THAT(panel.expressions, Not(IsEmpty())) << panel.title;
  }
}

// Whether there is a value, and one that is a number.
bool HasAnswer(const PrometheusServer& prometheus, const std::string& expression) {
  const auto values = prometheus.Query(expression);
  return std::any_of(values.begin(), values.end(), [](const std::string& value) {
    return std::isfinite(std::strtod(value.c_str(), nullptr));
  });
}

TEST_F(PrometheusTest, HasAnAnswerForEveryPanelOfTheDashboard) {
  std::vector<std::pair<std::string, std::string>> unanswered;  // title, expression
  for (const DashboardPanel& panel : ReadDashboard(kDashboard)) {
    for (const std::string& expression : panel.expressions) {
      unanswered.emplace_back(panel.title, WithoutVariables(expression, "5s"));
    }
  }
  const ScrapedProxy scraped;
  const PrometheusServer prometheus(scraped.proxy().admin_port());
  WaitUntil(
      [&] {
        scraped.SendTraffic();
        std::erase_if(unanswered,
                      [&](const auto& query) { return HasAnswer(prometheus, query.second); });
        return unanswered.empty();
      },
      kLongPatience);
  for (const auto& [title, expression] : unanswered) {
    ADD_FAILURE() << title << " has no answer: " << expression;
  }
}

TEST_F(PrometheusTest, HasExemplarsWithTheTraceIdsOfRequests) {
  const ScrapedProxy scraped;
  const PrometheusServer prometheus(scraped.proxy().admin_port());
  for (const char* histogram :
       {"http_server_request_duration_seconds_bucket", "grpc_request_duration_seconds_bucket"}) {
    std::vector<std::string> ids;
    WaitUntil(
        [&] {
          scraped.SendTraffic();
          ids = prometheus.ExemplarTraceIds(histogram);
          return std::find(ids.begin(), ids.end(), kTraceId) != ids.end();
        },
        kLongPatience);
    EXPECT_THAT(ids, Contains(kTraceId)) << histogram;
  }
}

}  // namespace
}  // namespace puente::test

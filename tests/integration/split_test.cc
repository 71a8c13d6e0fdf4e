// Splits between a REST service and a gRPC service (design sections 3 and 6).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <string>
#include <utility>

#include "tests/integration/access_log_lines.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/migration_proxy.h"

namespace puente::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr char kOverride[] = ", override_header: x-puente-upstream";

TEST(SplitTest, SharesAreWhatTheWeightsSay) {
  for (const auto& [legacy, billing] : {std::pair(80, 20), std::pair(1, 1), std::pair(300, 700)}) {
    SplitProxy under_test(legacy, billing);
    auto served = under_test.ServedBy(1000);
    EXPECT_EQ(served["legacy"] + served["billing"], 1000);
    EXPECT_LT(ChiSquare(served["legacy"], served["billing"], legacy / double(legacy + billing)),
              kChiSquareOnceInAMillion)
        << served["legacy"] << " of " << legacy << ":" << billing;
  }
}

TEST(SplitTest, WeightZeroGetsNothing) {
  SplitProxy under_test(0, 7);
  EXPECT_THAT(under_test.ServedBy(200), ElementsAre(Pair("billing", 200)));
  EXPECT_EQ(under_test.PutWeights(5, 0).status, 200);
  EXPECT_THAT(under_test.ServedBy(200), ElementsAre(Pair("legacy", 200)));
}

TEST(SplitTest, EachBackendGetsItsOwnKindOfRequest) {
  SplitProxy under_test(1, 0);
  EXPECT_EQ(under_test.ServedBy({{"X-Own", "1"}}), "legacy");
  EXPECT_EQ(under_test.backends.legacy.Last().line, "GET /v1/invoices/7 HTTP/1.1");
  EXPECT_EQ(under_test.backends.billing.CallCount(), 0U);
  ASSERT_EQ(under_test.PutWeights(0, 1).status, 200);
  EXPECT_EQ(under_test.ServedBy({{"X-Own", "1"}}), "billing");
  EXPECT_EQ(under_test.backends.legacy.Requests().size(), 1U);
  const RecordedCall call = under_test.backends.billing.Calls().at(0);
  EXPECT_EQ(call.method, kGetInvoice);
  EXPECT_EQ(FindMetadata(call.metadata, "x-own"), "1");
}

// Of one kind, and for a single method, a prefix.
TEST(SplitTest, UpstreamsOfAnyKindAndRoutesOfAnyKindMayBeSplit) {
  RecordingUpstream first("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst");
  RecordingUpstream second("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond");
  FakeUpstream blue;
  blue.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("blue")));
  FakeUpstream green;
  green.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("green")));
  const auto proxy = ProxyUnderTest::FromConfig(ExampleConfig(fmt::format(
      "upstreams:\n"
      "- {{name: first, http: {{url: \"{}\"}}}}\n"
      "- {{name: second, http: {{url: \"{}\"}}}}\n"
      "- {{name: blue, grpc: {{target: \"{}\"}}}}\n"
      "- {{name: green, grpc: {{target: \"{}\"}}}}\n"
      "routes:\n"
      "- match: {{path_prefix: /legacy/}}\n"
      "  split: {{name: old, backends: [{{upstream: first, weight: 1}}, {{upstream: second, "
      "weight: "
      "1}}]}}\n"
      "- match: {{method: billing.v1.BillingService/GetInvoice}}\n"
      "  split: {{name: new, backends: [{{upstream: blue, weight: 1}}, {{upstream: green, weight: "
      "1}}]}}\n",
      first.url(), second.url(), blue.target(), green.target())));
  std::map<std::string, int> served;
  for (int i = 0; i < 200; ++i) {
    ++served[proxy.Get("/legacy/x").body];
    ++served[proxy.Get("/v1/invoices/7").body];
  }
  EXPECT_EQ(served.size(), 4U);
  EXPECT_LT(ChiSquare(served["first"], served["second"], 0.5), kChiSquareOnceInAMillion);
  EXPECT_LT(ChiSquare(served[R"({"id":"blue"})"], served[R"({"id":"green"})"], 0.5),
            kChiSquareOnceInAMillion);
}

TEST(SplitTest, TheOverrideHeaderReachesABackendOfWeightZero) {
  SplitProxy under_test(1, 0, std::string(", sticky: {header: x-user-id}") + kOverride);
  EXPECT_THAT(under_test.ServedBy(20, {{"X-Puente-Upstream", "billing"}}),
              ElementsAre(Pair("billing", 20)));
  EXPECT_THAT(under_test.ServedBy(20, {{"x-puente-upstream", "legacy"}}),
              ElementsAre(Pair("legacy", 20)));
  EXPECT_EQ(under_test.ServedBy(), "legacy");
}

TEST(SplitTest, TheOverrideHeaderNamesAnUpstreamOfTheSplit) {
  SplitProxy under_test(1, 1, kOverride);
  for (const char* name : {"other", "", "Billing", "billing,legacy"}) {
    const auto answer = under_test.proxy.Get("/v1/invoices/7", {{"X-Puente-Upstream", name}});
    EXPECT_THAT(answer, IsError(400, 3)) << name;
    EXPECT_THAT(answer.body, HasSubstr("legacy or billing")) << name;
  }
}

TEST(SplitTest, WithoutAnOverrideHeaderThereIsNone) {
  SplitProxy under_test(1, 0);
  EXPECT_EQ(under_test.ServedBy({{"X-Puente-Upstream", "billing"}}), "legacy");
}

TEST(SplitTest, TheOverrideHeaderStaysInTheProxy) {
  for (const std::string name : {"x-puente-upstream", "x-try-it"}) {
    SplitProxy under_test(1, 1, ", override_header: " + name);
    under_test.backends.legacy.Answer(fmt::format(
        "HTTP/1.1 200 OK\r\n{}: legacy\r\nX-Puente-Other: 1\r\nContent-Length: 2\r\n\r\nok", name));
    UnaryReply reply = UnaryReply::Message(InvoiceOf("billing"));
    reply.initial_metadata = {{name, "billing"}, {"x-puente-other", "1"}};
    under_test.backends.billing.OnUnary(kGetInvoice, reply);
    for (const char* upstream : {"legacy", "billing"}) {
      const auto answer = under_test.proxy.Get(
          "/v1/invoices/7", {{name, upstream}, {"X-Puente-Other", "1"}, {"X-Seen", "1"}});
      EXPECT_EQ(answer.status, 200);
      EXPECT_EQ(answer.Header(name), std::nullopt) << upstream;
      EXPECT_EQ(answer.Header("x-puente-other"), std::nullopt) << upstream;
    }
    const ForwardedRequest request = under_test.backends.legacy.Last();
    EXPECT_EQ(request.Header(name), std::nullopt);
    EXPECT_EQ(request.Header("x-puente-other"), std::nullopt);
    EXPECT_TRUE(request.Header("x-seen"));
    const RecordedCall call = under_test.backends.billing.Calls().at(0);
    EXPECT_EQ(FindMetadata(call.metadata, name), std::nullopt);
    EXPECT_EQ(FindMetadata(call.metadata, "x-puente-other"), std::nullopt);
    EXPECT_TRUE(FindMetadata(call.metadata, "x-seen"));
  }
}

std::string RequestSeries(const std::string& upstream, int code) {
  return fmt::format(
      R"(puente_backend_requests_total{{code="{}",split="migration",upstream="{}"}})", code,
      upstream);
}

TEST(SplitTest, MetricsTellWeightsAndRequestsOfEachBackend) {
  SplitProxy under_test(80, 20, kOverride);
  EXPECT_EQ(under_test.proxy.Metric(WeightSeries("legacy")), 80);
  EXPECT_EQ(under_test.proxy.Metric(WeightSeries("billing")), 20);
  under_test.PutWeights(7, 0);
  EXPECT_EQ(under_test.proxy.Metric(WeightSeries("legacy")), 7);
  EXPECT_EQ(under_test.proxy.Metric(WeightSeries("billing")), 0);
  under_test.ServedBy(3, {{"X-Puente-Upstream", "legacy"}});
  under_test.ServedBy(2, {{"X-Puente-Upstream", "billing"}});
  under_test.backends.legacy.Answer("HTTP/1.1 418 Tea\r\nContent-Length: 0\r\n\r\n");
  under_test.backends.billing.OnUnary(kGetInvoice,
                                      UnaryReply{.status = {grpc::StatusCode::NOT_FOUND, "no"}});
  under_test.ServedBy(1, {{"X-Puente-Upstream", "legacy"}});
  under_test.ServedBy(1, {{"X-Puente-Upstream", "billing"}});
  for (const auto& [upstream, code, count] :
       {std::tuple("legacy", 200, 3), std::tuple("billing", 200, 2), std::tuple("legacy", 418, 1),
        std::tuple("billing", 404, 1)}) {
    EXPECT_TRUE(WaitUntil([&] {
      return under_test.proxy.Metric(RequestSeries(upstream, code)) == count;
    })) << upstream
        << " " << code;
  }
}

TEST(SplitTest, TheAccessLogNamesSplitAndUpstream) {
  AccessLogLines lines;
  SplitProxy under_test(1, 0, kOverride, lines.Config());
  under_test.ServedBy();
  EXPECT_THAT(lines.Next(), Says(R"({"split": "migration", "upstream": "legacy", "status": 200,
                                     "route": "/v1/invoices/{id}", "method": "GET"})"));
  under_test.ServedBy({{"X-Puente-Upstream", "billing"}});
  EXPECT_THAT(lines.Next(), Says(R"({"split": "migration", "upstream": "billing", "status": 200,
                                     "grpc_code": "OK"})"));
}

}  // namespace
}  // namespace puente::test

// Several targets of one upstream: those that fail or say that they are not well are left out, and
// come back.
#include <fmt/format.h>

#include <chrono>

#include "tests/integration/traffic_fixture.h"

namespace puente::test {
namespace {

using testing::HasSubstr;

constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
const UnaryReply kAway{.status = {grpc::StatusCode::UNAVAILABLE, "away"}};
const UnaryReply kServing{.bytes = "\x08\x01"};
const UnaryReply kNotServing{.bytes = "\x08\x02"};

std::size_t InvoiceCalls(const FakeUpstream& upstream) {
  std::size_t count = 0;
  for (const RecordedCall& call : upstream.Calls()) count += call.method == kGetInvoice ? 1 : 0;
  return count;
}

class OutlierTest : public TrafficTest {
 protected:
  OutlierTest() { Serve(other_); }

  static void Serve(FakeUpstream& upstream) {
    upstream.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("billing")));
  }

  // billing_ and other_ are the targets; `more` are further keys of the upstream.
  void StartTargets(const std::string& more, const std::string& route = "upstream: billing") {
    Start({.route = route,
           .billing = fmt::format("targets: [\"{}\", \"{}\"], {}", billing_.target(),
                                  other_.target(), more)});
    client_.emplace(proxy_->Connect());
  }

  // How many of `count` calls are answered 200.
  int Ask(int count) {
    int good = 0;
    for (int i = 0; i < count; ++i) good += client_->Get(kInvoice).status == 200 ? 1 : 0;
    return good;
  }
  bool BothAreAsked() {
    const std::size_t one = InvoiceCalls(billing_);
    const std::size_t two = InvoiceCalls(other_);
    return WaitUntil(
        [&] { return Ask(2) == 2 && InvoiceCalls(billing_) > one && InvoiceCalls(other_) > two; });
  }

  FakeUpstream other_;
  std::optional<HttpClient> client_;
};

TEST_F(OutlierTest, ATargetThatKeepsFailingIsLeftOutAndComesBack) {
  StartTargets("outlier_detection: {failures: 3, ejection_time: 1s}");
  ASSERT_TRUE(BothAreAsked());
  billing_.OnUnary(kGetInvoice, kAway);
  const std::size_t before = InvoiceCalls(billing_);
  EXPECT_EQ(Ask(6), 3);
  EXPECT_EQ(InvoiceCalls(billing_) - before, 3u);
  EXPECT_EQ(Ask(50), 50);
  EXPECT_EQ(InvoiceCalls(billing_) - before, 3u);
  EXPECT_THAT(logged_.Text(), HasSubstr("billing"));
  Serve(billing_);
  EXPECT_TRUE(WaitUntil([&] { return Ask(1) == 1 && InvoiceCalls(billing_) > before + 3; }));
  const std::size_t back = InvoiceCalls(billing_);
  EXPECT_EQ(Ask(20), 20);
  EXPECT_EQ(InvoiceCalls(billing_) - back, 10u);
}

TEST_F(OutlierTest, ErrorsThatAreTheClientsLeaveNoneOut) {
  StartTargets("outlier_detection: {failures: 2, ejection_time: 60s}");
  ASSERT_TRUE(BothAreAsked());
  billing_.OnUnary(kGetInvoice, {.status = {grpc::StatusCode::NOT_FOUND, "none"}});
  EXPECT_EQ(Ask(20), 10);
}

TEST_F(OutlierTest, TheLastTargetIsNotLeftOut) {
  StartTargets("outlier_detection: {failures: 2, ejection_time: 60s}");
  ASSERT_TRUE(BothAreAsked());
  billing_.OnUnary(kGetInvoice, kAway);
  other_.OnUnary(kGetInvoice, kAway);
  Ask(20);
  const std::size_t calls = InvoiceCalls(billing_) + InvoiceCalls(other_);
  EXPECT_EQ(Ask(10), 0);
  EXPECT_EQ(InvoiceCalls(billing_) + InvoiceCalls(other_), calls + 10);
}

// With it a client sees none of the failures.
TEST_F(OutlierTest, ARetryGoesToTheOtherTarget) {
  StartTargets("outlier_detection: {failures: 3, ejection_time: 60s}",
               "upstream: billing, retry: {attempts: 2, budget_percent: 100}");
  ASSERT_TRUE(BothAreAsked());
  billing_.OnUnary(kGetInvoice, kAway);
  EXPECT_EQ(Ask(20), 20);
}

TEST_F(OutlierTest, ATargetThatSaysItIsNotWellGetsNoCalls) {
  billing_.OnUnary(kHealthCheck, kServing);
  other_.OnUnary(kHealthCheck, kServing);
  StartTargets("health_check: {interval: 100ms}");
  ASSERT_TRUE(BothAreAsked());
  billing_.OnUnary(kHealthCheck, kNotServing);
  const auto asked = [&](int count) {
    const std::size_t before = InvoiceCalls(billing_);
    EXPECT_EQ(Ask(count), count);
    return InvoiceCalls(billing_) - before;
  };
  ASSERT_TRUE(WaitUntil([&] { return asked(4) == 0; }));
  EXPECT_EQ(asked(50), 0u);
  billing_.OnUnary(kHealthCheck, kServing);
  EXPECT_TRUE(WaitUntil([&] { return asked(4) == 2; }));
}

TEST_F(OutlierTest, HttpTargetsAreLeftOutLikewise) {
  for (PlainUpstream* upstream : {&legacy_, &spare_}) upstream->Answer({.body = "ok"});
  proxy_.emplace(ProxyUnderTest::FromConfig(
      ExampleConfig(fmt::format("upstreams: [{{name: legacy, http: {{urls: [\"{}\", \"{}\"], "
                                "outlier_detection: {{failures: 3, ejection_time: 1s}}}}}}]\n"
                                "routes: [{{match: {{path_prefix: /}}, upstream: legacy}}]",
                                legacy_.url(), spare_.url()))));
  client_.emplace(proxy_->Connect());
  EXPECT_EQ(Ask(20), 20);
  EXPECT_EQ(legacy_.RequestCount(), 10u);
  legacy_.Answer({.status = 500, .body = "broken"});
  EXPECT_EQ(Ask(6), 3);
  EXPECT_EQ(Ask(50), 50);
  EXPECT_EQ(legacy_.RequestCount(), 13u);
  legacy_.Answer({.body = "ok"});
  EXPECT_TRUE(WaitUntil([&] { return Ask(1) == 1 && legacy_.RequestCount() > 13u; }));
}

TEST_F(OutlierTest, HttpTargetsAreAskedHowTheyAre) {
  std::atomic<bool> well{true};
  legacy_.Answer([&](const PlainRequest& request) {
    const bool is_check = request.Line() == "GET /healthz HTTP/1.1";
    return PlainReply{.status = is_check && !well ? 503 : 200};
  });
  proxy_.emplace(ProxyUnderTest::FromConfig(
      ExampleConfig(fmt::format("upstreams: [{{name: legacy, http: {{urls: [\"{}\", \"{}\"], "
                                "health_check: {{path: /healthz, interval: 100ms}}}}}}]\n"
                                "routes: [{{match: {{path_prefix: /}}, upstream: legacy}}]",
                                legacy_.url(), spare_.url()))));
  client_.emplace(proxy_->Connect());
  const auto asked = [&](int count) {
    const auto invoices = [&] {
      std::size_t number = 0;
      for (const auto& request : legacy_.Requests()) {
        number += request.Line().starts_with("GET /v1/") ? 1 : 0;
      }
      return number;
    };
    const std::size_t before = invoices();
    EXPECT_EQ(Ask(count), count);
    return invoices() - before;
  };
  ASSERT_TRUE(WaitUntil([&] { return asked(4) == 2; }));
  well = false;
  ASSERT_TRUE(WaitUntil([&] { return asked(4) == 0; }));
  EXPECT_EQ(asked(50), 0u);
  well = true;
  EXPECT_TRUE(WaitUntil([&] { return asked(4) == 2; }));
}

}  // namespace
}  // namespace puente::test

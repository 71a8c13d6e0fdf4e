// Fallback: while the breaker of the new upstream is open, the old one serves.
#include <fmt/format.h>

#include <chrono>

#include "tests/integration/traffic_fixture.h"

namespace puente::test {
namespace {

using testing::IsEmpty;

constexpr int kClients = 8;
constexpr int kOpen = 1;
// Until the breaker is open: five in a row, for which every client may contribute, and successes in
// between count anew.
constexpr int kMostFailures = 5 * kClients;
const UnaryReply kAway{.status = {grpc::StatusCode::UNAVAILABLE, "away"}};

std::string ToBilling(const std::string& open_for) {
  return fmt::format(
      "upstream: billing, fallback: legacy, circuit_breaker: {{failures: 5, open_for: {}}}",
      open_for);
}

class FallbackTest : public TrafficTest {
 protected:
  int State(const std::string& upstream = "billing") const {
    return static_cast<int>(Metric(BreakerState(upstream)));
  }
};

TEST_F(FallbackTest, KillingTheGrpcUpstreamUnderLoadFailsNothingOnceTheBreakerIsOpen) {
  StartRoute(ToBilling("400ms"));
  Load before(proxy_->port(), kClients, kInvoice);
  ASSERT_TRUE(before.WaitForMore(200));
  EXPECT_EQ(before.CountOther(200), 0);
  billing_.Stop();
  ASSERT_TRUE(WaitUntil([&] { return State() == kOpen; }));
  before.Stop();
  // Those that opened it, and those that were under way then.
  EXPECT_LE(before.CountOther(200), kMostFailures);
  EXPECT_THAT(before.Losses(), IsEmpty());

  Load during(proxy_->port(), kClients, kInvoice);
  // Several probes fail meanwhile, and nobody sees it.
  ASSERT_TRUE(WaitUntil([&] { return Metric(Fallbacks("billing")) > 100; }));
  EXPECT_TRUE(WaitUntil([&] {
    const std::string log = logged_.Text();
    return log.find("stays open") != log.rfind("stays open");
  }));
  during.Stop();
  EXPECT_EQ(during.CountOther(200), 0);
  EXPECT_THAT(during.Losses(), IsEmpty());
  EXPECT_EQ(during.Answers()["200 " + std::string(kLegacyInvoice)], during.Count());

  billing_.Start();
  Load after(proxy_->port(), kClients, kInvoice);
  ASSERT_TRUE(WaitUntil([&] {
    return after.Answers()["200 " + std::string(kBillingInvoice)] > 200 && State() == 0;
  }));
  after.Stop();
  EXPECT_THAT(after.Losses(), IsEmpty());
  // Each worker has a connection of its own: one may be back before the other.
  EXPECT_LE(after.CountOther(200), kMostFailures);
}

TEST_F(FallbackTest, ItCountsAsTheErrorOfTheUpstreamThatFailed) {
  billing_.OnUnary(kGetInvoice, kAway);
  StartRoute(
      "split: {name: migration, backends: [{upstream: billing, weight: 1}]}, fallback: legacy, "
      "circuit_breaker: {failures: 2, open_for: 60s}");
  HttpClient client = proxy_->Connect();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(client.Get(kInvoice).status, 503);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Get(kInvoice).body, kLegacyInvoice);
  EXPECT_TRUE(Reaches(Fallbacks("billing", "migration"), 3));
  EXPECT_EQ(Metric(BackendRequests("billing", 503, "migration")), 5);
  EXPECT_EQ(Metric(BackendRequests("legacy", 200, "migration")), 3);
  for (int i = 0; i < 2; ++i) log_.Next();
  const std::string line = log_.Next();
  EXPECT_THAT(line, Says(R"({"status": 200, "upstream": "legacy"})"));
  EXPECT_THAT(line, HasNo("grpc_code"));
}

TEST_F(FallbackTest, WithoutABreakersSectionThereIsOne) {
  billing_.OnUnary(kGetInvoice, kAway);
  StartRoute("upstream: billing, fallback: legacy");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Get().status, 503);
  EXPECT_EQ(Get().body, kLegacyInvoice);
}

TEST_F(FallbackTest, AProbeThatFailsIsServedByTheFallbackWithItsBody) {
  billing_.OnUnary(kCreateInvoice, kAway);
  StartRoute(
      "upstream: billing, fallback: legacy, circuit_breaker: {failures: 1, open_for: 200ms}");
  EXPECT_EQ(Post().status, 503);
  const std::string body = R"({"discount":2})";
  ASSERT_TRUE(WaitUntil([&] {
    EXPECT_EQ(Post(body).body, kLegacyInvoice);
    return billing_.CallCount() >= 3;
  }));
  for (const PlainRequest& request : legacy_.Requests()) {
    EXPECT_EQ(request.body, body);
    EXPECT_EQ(request.Line(), "POST /v1/customers/c/invoices HTTP/1.1");
  }
  EXPECT_EQ(State(), kOpen);
}

// Also the other way, and from HTTP to HTTP: a 5xx of the probe is not passed on.
TEST_F(FallbackTest, AnHttpProbeThatFailsIsServedByTheFallback) {
  for (const char* fallback : {"billing", "spare"}) {
    SCOPED_TRACE(fallback);
    legacy_.Answer({.status = 500, .body = "broken"});
    spare_.Answer({.body = kBillingInvoice});
    StartRoute(fmt::format(
        "upstream: legacy, fallback: {}, circuit_breaker: {{failures: 1, open_for: 200ms}}",
        fallback));
    EXPECT_EQ(Post().body, "broken");
    const std::size_t before = legacy_.RequestCount();
    ASSERT_TRUE(WaitUntil([&] {
      EXPECT_EQ(Post(R"({"discount":2})").body, kBillingInvoice);
      return legacy_.RequestCount() >= before + 2;
    }));
    legacy_.Stop();
    ASSERT_TRUE(WaitUntil([&] {
      EXPECT_EQ(Post(R"({"discount":2})").body, kBillingInvoice);
      return Metric(BackendRequests("legacy", 503)) >= 2;
    }));
    legacy_.Start();
  }
  for (const PlainRequest& request : spare_.Requests()) {
    EXPECT_EQ(request.body, R"({"discount":2})");
  }
}

TEST_F(FallbackTest, AClientsOwnMistakeIsNoReasonToFallBack) {
  StartRoute("upstream: billing, fallback: legacy, circuit_breaker: {failures: 1}");
  billing_.OnUnary(kGetInvoice, {.status = {grpc::StatusCode::NOT_FOUND, "none"}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Get().status, 404);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Post("{nonsense").status, 400);
  EXPECT_EQ(legacy_.RequestCount(), 0u);
  EXPECT_EQ(State(), 0);
}

TEST_F(FallbackTest, AFallbackThatIsDownIsAnError) {
  billing_.OnUnary(kGetInvoice, kAway);
  legacy_.Stop();
  StartRoute("upstream: billing, fallback: legacy, circuit_breaker: {failures: 2, open_for: 60s}");
  for (int i = 0; i < 5; ++i) EXPECT_THAT(Get(), IsError(503, 14));
  EXPECT_EQ(State(), kOpen);
  EXPECT_TRUE(WaitUntil([&] { return State("legacy") == kOpen; }));
}

}  // namespace
}  // namespace puente::test

// Rollouts with real traffic: steps go on while all is well, and back to 0 when it is not.
#include <fmt/format.h>

#include <chrono>

#include "tests/integration/traffic_fixture.h"

namespace puente::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kClients = 6;
constexpr seconds kWindow{2};
const UnaryReply kAway{.status = {grpc::StatusCode::UNAVAILABLE, "away"}};

// `steps` as in the file. Only what is meant to be slow is: on a busy machine the two sides' own
// times differ.
std::string Rollout(const std::string& steps, const std::string& interval = "1s",
                    int max_latency_ratio = 1000) {
  return fmt::format(
      "split: {{name: migration, override_header: x-to, backends: [{{upstream: legacy, weight: "
      "100}}, {{upstream: billing, weight: 0}}]}}, "
      "rollout: {{to: billing, steps: [{}], interval: {}, window: 2s, min_requests: 20, "
      "max_latency_ratio: {}}}",
      steps, interval, max_latency_ratio);
}

std::string Rollbacks(const std::string& reason) {
  return fmt::format(R"(puente_rollbacks_total{{reason="{}",split="migration"}})", reason);
}

class RolloutTest : public TrafficTest {
 protected:
  double Weight(const std::string& upstream) const {
    return Metric(
        fmt::format(R"(puente_split_weight{{split="migration",upstream="{}"}})", upstream));
  }
  double Share() const {
    const double billing = Weight("billing");
    return 100 * billing / (billing + Weight("legacy"));
  }
  bool IsIn(const std::string& state) const {
    return Split().find(fmt::format(R"("state": "{}")", state)) != std::string::npos;
  }
  int Drive(const std::string& action) const {
    return Admin("POST", "/splits/migration/rollout/" + action).status;
  }
};

TEST_F(RolloutTest, StepsGoOnWhileTrafficIsHealthy) {
  StartRoute(Rollout("20, 60, 100"));
  EXPECT_EQ(Share(), 20);
  Load load(proxy_->port(), kClients, kInvoice);
  const auto start = steady_clock::now();
  EXPECT_TRUE(WaitUntil([&] { return Share() == 60; }));
  EXPECT_GE(steady_clock::now() - start, milliseconds(900));
  EXPECT_TRUE(IsIn("RUNNING"));
  EXPECT_TRUE(WaitUntil([&] { return Share() == 100; }));
  EXPECT_TRUE(WaitUntil([&] { return IsIn("COMPLETED"); }));
  EXPECT_GE(steady_clock::now() - start, milliseconds(2800));
  load.Stop();
  EXPECT_EQ(load.CountOther(200), 0);
  EXPECT_THAT(load.Losses(), IsEmpty());
  EXPECT_EQ(Metric(Rollbacks("error_rate")) + Metric(Rollbacks("latency")), 0);
}

TEST_F(RolloutTest, ACanaryThatStartsFailingIsAtZeroWithinOneWindow) {
  StartRoute(Rollout("25, 100", "60s"));
  Load load(proxy_->port(), kClients, kInvoice);
  ASSERT_TRUE(load.WaitForMore(400));
  EXPECT_EQ(Share(), 25);
  billing_.OnUnary(kGetInvoice, kAway);
  const auto start = steady_clock::now();
  ASSERT_TRUE(WaitUntil([&] { return Share() == 0; }));
  EXPECT_LT(steady_clock::now() - start, kWindow);
  const std::size_t calls = billing_.CallCount();
  ASSERT_TRUE(load.WaitForMore(400));
  load.Stop();
  // Those that were under way then.
  EXPECT_LE(billing_.CallCount(), calls + kClients);

  // Whoever came to the other side noticed nothing.
  EXPECT_THAT(load.Losses(), IsEmpty());
  for (const auto& [answer, count] : load.Answers()) {
    EXPECT_THAT(answer,
                AnyOf("200 " + std::string(kLegacyInvoice), "200 " + std::string(kBillingInvoice),
                      R"(503 {"code":14,"message":"away"})"));
  }
  EXPECT_EQ(load.Answers()["200 " + std::string(kLegacyInvoice)],
            static_cast<int>(legacy_.RequestCount()));

  EXPECT_EQ(Metric(Rollbacks("error_rate")), 1);
  EXPECT_THAT(Split(), HasSubstr(R"("state": "ROLLED_BACK")"));
  EXPECT_THAT(Split(), HasSubstr(R"("last_rollback": {"reason": "error_rate")"));
  EXPECT_THAT(Split(), HasSubstr(" requests failed ("));
  EXPECT_THAT(logged_.Text(), HasSubstr("split migration: rolled back: "));
  // It stays there.
  EXPECT_EQ(Get(kInvoice, {{"x-to", "billing"}}).status, 503);
  EXPECT_EQ(Get().body, kLegacyInvoice);
}

TEST_F(RolloutTest, ACanaryThatFailsNowAndThenIsTakenBackAsWell) {
  StartRoute(Rollout("50, 100", "60s"));
  Load load(proxy_->port(), kClients, kInvoice);
  ASSERT_TRUE(load.WaitForMore(400));
  // One in ten, of which one in a hundred is allowed.
  std::atomic<int> calls{0};
  billing_.OnUnary(kGetInvoice, [&](const UnaryRequest&) {
    return ++calls % 10 == 0 ? kAway : UnaryReply::Message(InvoiceOf("billing"));
  });
  const auto start = steady_clock::now();
  ASSERT_TRUE(WaitUntil([&] { return Share() == 0; }));
  EXPECT_LT(steady_clock::now() - start, kWindow);
  EXPECT_EQ(Metric(Rollbacks("error_rate")), 1);
}

TEST_F(RolloutTest, ACanaryThatIsSlowIsTakenBackForItsLatency) {
  StartRoute(Rollout("50, 100", "60s", /*max_latency_ratio=*/10));
  Load load(proxy_->port(), kClients, kInvoice);
  ASSERT_TRUE(load.WaitForMore(400));
  EXPECT_EQ(Share(), 50);
  billing_.OnUnary(kGetInvoice, [](const UnaryRequest&) {
    std::this_thread::sleep_for(milliseconds(300));
    return UnaryReply::Message(InvoiceOf("billing"));
  });
  const auto start = steady_clock::now();
  ASSERT_TRUE(WaitUntil([&] { return Share() == 0; }));
  EXPECT_LT(steady_clock::now() - start, kWindow);
  load.Stop();
  EXPECT_EQ(load.CountOther(200), 0);
  EXPECT_THAT(load.Losses(), IsEmpty());
  EXPECT_EQ(Metric(Rollbacks("latency")), 1);
  EXPECT_EQ(Metric(Rollbacks("error_rate")), 0);
  EXPECT_THAT(Split(), HasSubstr(R"("last_rollback": {"reason": "latency")"));
  EXPECT_THAT(logged_.Text(), HasSubstr("the 95th percentile of the latency is "));
}

// Long before its calls time out: nothing was answered that could be counted.
TEST_F(RolloutTest, ACanaryThatHangsIsTakenBackForItsLatency) {
  StartRoute(Rollout("50, 100", "60s", /*max_latency_ratio=*/10));
  billing_.HoldReplies();
  Load load(proxy_->port(), 60, kInvoice);
  const auto start = steady_clock::now();
  ASSERT_TRUE(WaitUntil([&] { return Share() == 0; }));
  EXPECT_LT(steady_clock::now() - start, kWindow);
  EXPECT_EQ(Metric(Rollbacks("latency")), 1);
  billing_.Release();
}

// What the legacy service would have said with a 501 opens no breaker, but is no success.
TEST_F(RolloutTest, ACanaryThatLacksTheMethodIsTakenBack) {
  StartRoute(Rollout("50, 100", "60s"));
  billing_.OnUnary(kGetInvoice, UnaryReply{.status = {grpc::StatusCode::UNIMPLEMENTED, "not yet"}});
  Load load(proxy_->port(), kClients, kInvoice);
  ASSERT_TRUE(WaitUntil([&] { return Share() == 0; }));
  EXPECT_EQ(Metric(Rollbacks("error_rate")), 1);
}

TEST_F(RolloutTest, BothSidesFailingAlikeIsNoReason) {
  StartRoute(Rollout("50, 100"));
  billing_.OnUnary(kGetInvoice, kAway);
  legacy_.Answer({.status = 503, .body = "no"});
  Load load(proxy_->port(), kClients, kInvoice);
  EXPECT_TRUE(WaitUntil([&] { return Share() == 100; }));
  EXPECT_EQ(Metric(Rollbacks("error_rate")), 0);
}

TEST_F(RolloutTest, OneWithoutTrafficHolds) {
  StartRoute(Rollout("20, 100"));
  EXPECT_TRUE(WaitUntil([&] { return IsIn("HOLDING"); }));
  EXPECT_EQ(Share(), 20);
  EXPECT_THAT(Split(), HasSubstr(R"("held": "0 requests in the window, of at least 20")"));
  // Some of it to the other side is no reason to go on.
  for (int i = 0; i < 50; ++i) Get(kInvoice, {{"x-to", "legacy"}});
  EXPECT_FALSE(WaitUntil([&] { return !IsIn("HOLDING"); }, milliseconds(1500)));
  EXPECT_EQ(Share(), 20);
  for (int i = 0; i < 30; ++i) Get(kInvoice, {{"x-to", "billing"}});
  EXPECT_TRUE(WaitUntil([&] { return Share() == 100; }));
}

TEST_F(RolloutTest, AnOperatorPausesResumesAndPromotes) {
  StartRoute(Rollout("20, 60, 100"));
  EXPECT_EQ(Drive("pause"), 200);
  EXPECT_TRUE(IsIn("PAUSED"));
  Load load(proxy_->port(), kClients, kInvoice);
  EXPECT_FALSE(WaitUntil([&] { return Share() != 20; }, milliseconds(1800)));
  EXPECT_EQ(Drive("resume"), 200);
  EXPECT_TRUE(WaitUntil([&] { return Share() == 60; }));
  EXPECT_EQ(Drive("promote"), 200);
  EXPECT_EQ(Share(), 100);
  EXPECT_TRUE(IsIn("COMPLETED"));
  EXPECT_EQ(Drive("pause"), 409);
  EXPECT_EQ(Drive("resign"), 404);
}

TEST_F(RolloutTest, AnOperatorAbortsAndRollsBack) {
  StartRoute(Rollout("20, 60, 100", "60s"));
  EXPECT_EQ(Share(), 20);
  EXPECT_EQ(Drive("abort"), 200);
  EXPECT_TRUE(IsIn("ABORTED"));
  EXPECT_EQ(Share(), 0);
  EXPECT_EQ(Drive("resume"), 200);
  EXPECT_EQ(Share(), 20);
  EXPECT_EQ(Admin("POST", "/splits/migration/rollback").status, 200);
  EXPECT_EQ(Share(), 0);
  EXPECT_TRUE(IsIn("ROLLED_BACK"));
  EXPECT_EQ(Metric(Rollbacks("manual")), 1);
  EXPECT_THAT(Split(), HasSubstr(R"("last_rollback": {"reason": "manual")"));
}

TEST_F(RolloutTest, WeightsSetByHandPauseIt) {
  StartRoute(Rollout("20, 60, 100"));
  Load load(proxy_->port(), kClients, kInvoice);
  const std::string weights = R"({"weights": {"legacy": 70, "billing": 30}})";
  EXPECT_EQ(Admin("PUT", "/splits/migration", weights).status, 200);
  EXPECT_TRUE(IsIn("PAUSED"));
  EXPECT_THAT(Split(), HasSubstr(R"("held": "weights were set by an administrator")"));
  EXPECT_FALSE(WaitUntil([&] { return Share() != 30; }, milliseconds(1800)));
  EXPECT_EQ(Drive("resume"), 200);
  EXPECT_EQ(Share(), 20);
}

// A canary that is as it was is not begun anew by a reload.
TEST_F(RolloutTest, AReloadOfTheSameFileChangesNothing) {
  StartRoute(Rollout("20, 60, 100"));
  Load load(proxy_->port(), kClients, kInvoice);
  ASSERT_TRUE(WaitUntil([&] { return Share() == 60; }));
  Drive("pause");
  EXPECT_EQ(Admin("POST", "/reload").status, 200);
  EXPECT_EQ(Share(), 60);
  EXPECT_TRUE(IsIn("PAUSED"));
}

}  // namespace
}  // namespace puente::test

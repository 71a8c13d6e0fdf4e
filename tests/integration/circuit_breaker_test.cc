// Circuit breakers: an upstream that keeps failing is left alone, and asked again by one call.
#include <fmt/format.h>

#include <chrono>
#include <deque>

#include "tests/integration/traffic_fixture.h"

namespace puente::test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

const UnaryReply kAway{.status = {grpc::StatusCode::UNAVAILABLE, "away"}};
constexpr int kClosed = 0, kOpen = 1, kHalfOpen = 2;

class CircuitBreakerTest : public TrafficTest {
 protected:
  // After three failures, for `open_for`.
  void StartBreaker(const std::string& upstream, const std::string& open_for) {
    StartRoute(fmt::format("upstream: {}, circuit_breaker: {{failures: 3, open_for: {}}}", upstream,
                           open_for));
  }
  int State(const std::string& upstream = "billing") const {
    return static_cast<int>(Metric(BreakerState(upstream)));
  }
  // Sends a request. True: it became billing's call of this number; false: it was refused.
  bool Gets(HttpClient& client, std::size_t call) const {
    client.Send("GET", kInvoice);
    WaitUntil([&] { return client.HasInput(milliseconds(1)) || billing_.CallCount() == call; });
    return billing_.CallCount() == call;
  }
  void RecoverBilling() {
    billing_.OnUnary(kGetInvoice, UnaryReply::Message(InvoiceOf("billing")));
  }
};

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARowAndRefusesAtOnce) {
  StartBreaker("billing", "60s");
  billing_.OnUnary(kGetInvoice, kAway);
  EXPECT_EQ(State(), kClosed);
  HttpClient client = proxy_->Connect();
  for (int i = 0; i < 3; ++i) EXPECT_THAT(client.Get(kInvoice), IsError(503, 14));
  EXPECT_EQ(State(), kOpen);
  EXPECT_THAT(logged_.Text(), HasSubstr("upstream billing: its circuit breaker opens after 3"));
  RecoverBilling();
  for (int i = 0; i < 5; ++i) {
    const auto refused = client.Get(kInvoice);
    EXPECT_THAT(refused, IsError(503, 14));
    EXPECT_THAT(refused.body, HasSubstr("its circuit breaker is open"));
  }
  EXPECT_EQ(billing_.CallCount(), 3u);
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(log_.Next(), Says(R"({"flags": ["upstream_unavailable"]})"));
  EXPECT_THAT(log_.Next(),
              Says(R"({"status": 503, "upstream": "billing", "flags": ["circuit_open"]})"));
  // Calls that were refused count, as calls and as the backend's errors.
  EXPECT_TRUE(Reaches(Calls("GetInvoice", "UNAVAILABLE", "live"), 8));
  EXPECT_EQ(Metric(BackendRequests("billing", 503)), 8);
}

TEST_F(CircuitBreakerTest, ASuccessInBetweenCountsAnew) {
  StartBreaker("billing", "60s");
  for (int round = 0; round < 3; ++round) {
    billing_.OnUnary(kGetInvoice, kAway);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(Get().status, 503);
    RecoverBilling();
    EXPECT_EQ(Get().status, 200);
  }
  EXPECT_EQ(State(), kClosed);
}

TEST_F(CircuitBreakerTest, OneProbeDecidesWhetherItCloses) {
  StartBreaker("billing", "300ms");
  billing_.OnUnary(kGetInvoice, kAway);
  for (int i = 0; i < 3; ++i) Get();
  ASSERT_EQ(State(), kOpen);
  // The first one fails, ...
  ASSERT_TRUE(WaitUntil([&] { return Get(), billing_.CallCount() == 4; }));
  EXPECT_EQ(State(), kOpen);
  // ... the second one takes its time, and nobody else gets through meanwhile.
  RecoverBilling();
  billing_.HoldReplies();
  std::deque<HttpClient> clients;
  ASSERT_TRUE(WaitUntil([&] {
    clients.push_back(proxy_->Connect());
    return Gets(clients.back(), 5);
  }));
  EXPECT_EQ(State(), kHalfOpen);
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Get(), IsError(503, 14));
  EXPECT_EQ(billing_.CallCount(), 5u);
  billing_.Release();
  EXPECT_THAT(clients.back().ReadResponse(), IsJson(kBillingInvoice));
  EXPECT_EQ(State(), kClosed);
  EXPECT_THAT(logged_.Text(), HasSubstr("its circuit breaker closes"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Get().status, 200);
}

TEST_F(CircuitBreakerTest, AProbeWhoseClientLeavesDecidesNothing) {
  StartBreaker("billing", "100ms");
  billing_.OnUnary(kGetInvoice, kAway);
  for (int i = 0; i < 3; ++i) Get();
  RecoverBilling();
  billing_.HoldReplies();
  ASSERT_TRUE(WaitUntil([&] {
    HttpClient client = proxy_->Connect();
    return Gets(client, 4);
  }));
  ASSERT_TRUE(billing_.WaitForCancelled(1));
  EXPECT_TRUE(WaitUntil([&] { return State() == kHalfOpen; }));
  billing_.Release();
  EXPECT_TRUE(WaitUntil([&] { return Get().status == 200; }));
  EXPECT_EQ(State(), kClosed);
}

TEST_F(CircuitBreakerTest, WhatWasBegunBeforeItOpenedDoesNotCloseIt) {
  StartBreaker("billing", "60s");
  billing_.HoldReplies();
  HttpClient old = proxy_->Connect();
  old.Send("GET", kInvoice);
  ASSERT_TRUE(billing_.WaitForCalls(1));
  billing_.OnUnary(kCreateInvoice, kAway);
  std::deque<HttpClient> failing;
  for (int i = 0; i < 3; ++i) {
    failing.push_back(proxy_->Connect());
    failing.back().Send("POST", "/v1/customers/c/invoices", {}, "{}");
  }
  ASSERT_TRUE(billing_.WaitForCalls(4));
  billing_.Release();
  for (HttpClient& client : failing) EXPECT_EQ(client.ReadResponse().status, 503);
  EXPECT_EQ(old.ReadResponse().status, 200);
}

TEST_F(CircuitBreakerTest, CallsBeyondMaxConcurrentAreRefused) {
  struct Upstream {
    const char* name;
    std::function<void()> hold, release;
    std::function<bool()> has_two;
  };
  const Upstream upstreams[] = {
      {"billing", [&] { billing_.HoldReplies(); }, [&] { billing_.Release(); },
       [&] { return billing_.WaitForCalls(2); }},
      {"legacy", [&] { legacy_.Hold(); }, [&] { legacy_.Release(); },
       [&] { return legacy_.WaitForRequests(2); }}};
  for (const Upstream& upstream : upstreams) {
    SCOPED_TRACE(upstream.name);
    StartRoute(fmt::format("upstream: {}, circuit_breaker: {{max_concurrent: 2}}", upstream.name));
    upstream.hold();
    HttpClient a = proxy_->Connect();
    HttpClient b = proxy_->Connect();
    a.Send("GET", kInvoice);
    b.Send("GET", kInvoice);
    ASSERT_TRUE(upstream.has_two());
    for (int i = 0; i < 10; ++i) {
      const auto refused = Get();
      EXPECT_THAT(refused, IsError(503, 14));
      EXPECT_THAT(refused.body, HasSubstr("too many calls"));
    }
    EXPECT_EQ(State(upstream.name), kClosed);
    upstream.release();
    EXPECT_EQ(a.ReadResponse().status, 200);
    EXPECT_EQ(b.ReadResponse().status, 200);
    EXPECT_TRUE(WaitUntil([&] { return Get().status == 200; }));
  }
}

TEST_F(CircuitBreakerTest, HttpServerErrorsCountAndClientErrorsDoNot) {
  StartBreaker("legacy", "60s");
  legacy_.Answer({.status = 404, .body = "none"});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Get().body, "none");
  EXPECT_EQ(State("legacy"), kClosed);
  legacy_.Answer({.status = 500, .body = "broken"});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Get().body, "broken");
  EXPECT_TRUE(WaitUntil([&] { return State("legacy") == kOpen; }));
  EXPECT_THAT(Get(), IsError(503, 14));
  EXPECT_EQ(legacy_.RequestCount(), 13u);
}

TEST_F(CircuitBreakerTest, ConnectionsThatAreRefusedCount) {
  StartBreaker("legacy", "60s");
  legacy_.Stop();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Get().status, 503);
  EXPECT_TRUE(WaitUntil([&] { return State("legacy") == kOpen; }));
}

TEST_F(CircuitBreakerTest, GrpcErrorsThatAreTheClientsDoNotCount) {
  StartBreaker("billing", "60s");
  for (const auto code : {grpc::StatusCode::NOT_FOUND, grpc::StatusCode::INVALID_ARGUMENT,
                          grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::UNIMPLEMENTED}) {
    billing_.OnUnary(kGetInvoice, {.status = {code, "no"}});
    for (int i = 0; i < 3; ++i) Get();
  }
  EXPECT_EQ(State(), kClosed);
}

TEST_F(CircuitBreakerTest, TheRoutesTimeoutCountsAndAClientsShorterOneDoesNot) {
  billing_.HoldReplies();
  legacy_.Hold();
  for (const char* upstream : {"billing", "legacy"}) {
    SCOPED_TRACE(upstream);
    StartRoute(fmt::format(
        "upstream: {}, timeout: 300ms, circuit_breaker: {{failures: 3, open_for: 60s}}", upstream));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(Get(kInvoice, {{"grpc-timeout", "30m"}}).status, 504);
    EXPECT_EQ(State(upstream), kClosed);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(Get(kInvoice, {{"grpc-timeout", "9S"}}).status, 504);
    EXPECT_TRUE(WaitUntil([&] { return State(upstream) == kOpen; }));
  }
  billing_.Release();
  legacy_.Release();
}

TEST_F(CircuitBreakerTest, AReloadDoesNotCloseIt) {
  StartBreaker("billing", "60s");
  billing_.OnUnary(kGetInvoice, kAway);
  for (int i = 0; i < 3; ++i) Get();
  EXPECT_EQ(State(), kOpen);
  EXPECT_EQ(Admin("POST", "/reload").status, 200);
  EXPECT_EQ(State(), kOpen);
  EXPECT_THAT(Get().body, HasSubstr("its circuit breaker is open"));
}

}  // namespace
}  // namespace puente::test

#include "proxy/upstream_health.h"

#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <future>
#include <thread>

#include "config/defaults.h"
#include "config/duration_text.h"
#include "proxy/event_loop.h"
#include "tests/proxy/http_lane_fixture.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/raw_server.h"

namespace puente {
namespace {

using test::FakeUpstream;
using test::WaitUntil;

TEST(HealthReport, WithoutUpstreamsAllIsWell) {
  EXPECT_TRUE(IsUp(HealthReport{}));
  EXPECT_EQ(HealthAsJson({}), "{\n  \"status\": \"SERVING\",\n  \"upstreams\": []\n}\n");
}

TEST(HealthReport, AnUpstreamIsAsWellAsTheBestOfItsTargets) {
  using enum HealthStatus;
  const std::vector<HealthStatus> from_best_to_worst = {kServing, kUnknown, kNotServing,
                                                        kServiceUnknown, kUnreachable};
  for (const HealthStatus a : from_best_to_worst) {
    for (const HealthStatus b : from_best_to_worst) {
      const UpstreamReport upstream{"a", "", {{a, Code::kOk}, {b, Code::kOk}}};
      EXPECT_EQ(upstream.health().status, std::min(a, b));
      EXPECT_EQ(IsUp(HealthReport{upstream}), a <= kUnknown || b <= kUnknown);
    }
  }
}

TEST(HealthReport, OneUpstreamThatIsDownIsEnough) {
  const UpstreamReport good{"a", "", {{HealthStatus::kServing, Code::kOk}}};
  const UpstreamReport bad{"b", "", {{HealthStatus::kUnreachable, Code::kUnavailable}}};
  EXPECT_TRUE(IsUp(HealthReport{good, good}));
  EXPECT_FALSE(IsUp(HealthReport{good, bad}));
}

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
// HealthCheckResponse{status: SERVING} and NOT_SERVING.
const test::UnaryReply kServing{.bytes = "\x08\x01"};
const test::UnaryReply kNotServing{.bytes = "\x08\x02"};
constexpr std::chrono::milliseconds kInterval(100);

// Two servers that are asked how they are, and never get a call.
class HealthWatch : public testing::Test {
 protected:
  HealthWatch() {
    for (FakeUpstream* const server : {&a_, &b_}) server->OnUnary(kCheck, kServing);
  }

  ~HealthWatch() override {
    loop_.Post([this] {
      if (health_) health_->Stop();
      lane_.Close();
      loop_.Stop();
    });
    thread_.join();
  }

  config::Upstream Config(const std::vector<std::string>& targets) const {
    config::Upstream config;
    config.set_name("a");
    config::GrpcUpstream& grpc = *config.mutable_grpc();
    if (targets.size() == 1) grpc.set_target(targets[0]);
    if (targets.size() > 1) grpc.mutable_targets()->Assign(targets.begin(), targets.end());
    *grpc.mutable_health_check()->mutable_interval() = ToProto(kInterval);
    ApplyDefaults(config);
    return config;
  }

  void Watch(const config::Upstream& upstream) {
    std::vector<Problem> problems;
    upstream_ = GrpcUpstream::Make(upstream, 1, problems);
    ASSERT_NE(upstream_, nullptr);
    config::Config config;
    *config.add_upstreams() = upstream;
    Upstreams upstreams;
    upstreams.grpc[upstream.name()] = upstream_;
    OnLoop([&] {
      health_.emplace(config, upstreams, loop_.queue(), lane_);
      health_->Watch();
    });
  }

  void OnLoop(const std::function<void()>& action) {
    std::promise<void> done;
    loop_.Post([&] {
      action();
      done.set_value();
    });
    done.get_future().wait();
  }

  HealthReport Ask() {
    std::promise<HealthReport> answer;
    OnLoop([&] {
      asio::co_spawn(loop_.executor(), health_->Ask(),
                     [&](const std::exception_ptr&, HealthReport report) {
                       answer.set_value(std::move(report));
                     });
    });
    return answer.get_future().get();
  }

  // Which of the two targets calls go to: "a", "b", "ab".
  std::string InUse() {
    bool used[2] = {};
    for (int i = 0; i < 4; ++i) used[upstream_->Choose(0).target] = true;
    return std::string(used[0] ? "a" : "") + (used[1] ? "b" : "");
  }

  // The channels of calls have connected, so that their state makes no difference.
  bool Connects() {
    return WaitUntil([this] { return InUse() == "ab"; });
  }

  FakeUpstream a_;
  FakeUpstream b_;
  EventLoop loop_;
  HttpLane lane_{loop_.executor(),
                 [this](std::function<void()> action) { loop_.Post(std::move(action)); }, 0};
  std::shared_ptr<GrpcUpstream> upstream_;
  std::optional<UpstreamHealth> health_;
  std::thread thread_{[this] { loop_.Run(); }};
};

TEST_F(HealthWatch, TakesOutWhatIsNotWellAndBringsItBack) {
  Watch(Config({a_.target(), b_.target()}));
  ASSERT_TRUE(Connects());
  b_.OnUnary(kCheck, kNotServing);
  EXPECT_TRUE(WaitUntil([this] { return InUse() == "a"; }));
  b_.OnUnary(kCheck, kServing);
  EXPECT_TRUE(WaitUntil([this] { return InUse() == "ab"; }));
  a_.OnUnary(kCheck, {.status = {grpc::StatusCode::UNAVAILABLE, ""}});
  EXPECT_TRUE(WaitUntil([this] { return InUse() == "b"; }));
  // When none is well all are used.
  b_.OnUnary(kCheck, kNotServing);
  EXPECT_TRUE(WaitUntil([this] { return InUse() == "ab"; }));
}

TEST_F(HealthWatch, AServerWithoutHealthServiceCountsAsWell) {
  b_.OnUnary(kCheck, {.status = {grpc::StatusCode::UNIMPLEMENTED, ""}});
  Watch(Config({a_.target(), b_.target()}));
  ASSERT_TRUE(b_.WaitForCalls(3));
  EXPECT_EQ(InUse(), "ab");
  a_.OnUnary(kCheck, kNotServing);
  EXPECT_TRUE(WaitUntil([this] { return InUse() == "b"; }));
}

TEST_F(HealthWatch, OneThatDoesNotAnswerInTimeIsTakenOut) {
  Watch(Config({a_.target(), b_.target()}));
  ASSERT_TRUE(Connects());
  b_.HoldReplies();
  EXPECT_TRUE(WaitUntil([this] { return InUse() == "a"; }));
  b_.Release();
  EXPECT_TRUE(WaitUntil([this] { return InUse() == "ab"; }));
}

TEST_F(HealthWatch, AsksAboutTheServiceThatIsConfiguredAndOncePerInterval) {
  config::Upstream config = Config({a_.target(), b_.target()});
  config.mutable_grpc()->mutable_health_check()->set_service("x.Y");
  const auto begin = std::chrono::steady_clock::now();
  Watch(config);
  ASSERT_TRUE(a_.WaitForCalls(5));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 4 * kInterval);
  EXPECT_EQ(a_.Calls()[0].requests[0], "\n\x03x.Y");
}

TEST_F(HealthWatch, AnswersWhoAsksMeanwhileFromTheSameRounds) {
  Watch(Config({a_.target(), b_.target()}));
  b_.OnUnary(kCheck, kNotServing);
  EXPECT_TRUE(WaitUntil([this] {
    const HealthReport report = Ask();
    return report[0].targets[1].status == HealthStatus::kNotServing;
  }));
  EXPECT_EQ(Ask()[0].targets[0].status, HealthStatus::kServing);
  EXPECT_EQ(InUse(), "a");
}

TEST_F(HealthWatch, NobodyIsAskedAfterStop) {
  Watch(Config({a_.target(), b_.target()}));
  ASSERT_TRUE(a_.WaitForCalls(1));
  b_.HoldReplies();
  OnLoop([this] { health_->Stop(); });
  // What was cancelled says nothing about the target.
  OnLoop([] {});
  const std::size_t asked = a_.CallCount();
  EXPECT_FALSE(a_.WaitForCalls(asked + 1, 3 * kInterval));
  EXPECT_EQ(InUse(), "ab");
}

TEST_F(HealthWatch, AskedByThemselvesAreOnlySeveralTargetsWithAHealthCheck) {
  config::Upstream without = Config({a_.target(), b_.target()});
  without.mutable_grpc()->clear_health_check();
  for (const config::Upstream& config : {Config({a_.target()}), without}) {
    Watch(config);
    EXPECT_FALSE(a_.WaitForCalls(1, 2 * kInterval));
    OnLoop([this] { health_.reset(); });
  }
}

using Health = std::atomic<int>;  // the status that a server answers /healthz with; 0: none

test::RawServer::Script ServeHealth(const Health& status) {
  return [&status](test::RawServer::Connection& client) {
    const std::string head = client.ReadHead();
    client.Await([&] { return status != 0; });
    const int answered = head.starts_with("GET /healthz?deep=1 HTTP/1.1\r\n") ? status.load() : 500;
    client.Send("HTTP/1.1 " + std::to_string(answered) + " x\r\nContent-Length: 2\r\n\r\nok");
    client.AwaitClose();
  };
}

// Two HTTP servers that are asked how they are.
class HttpHealthWatch : public test::HttpLaneTest {
 protected:
  ~HttpHealthWatch() override {
    OnLoop([this] {
      if (health_) health_->Stop();
    });
    EXPECT_TRUE(WaitUntil([this] { return IsIdle(); }));
  }

  config::Upstream Config() const {
    config::Upstream config = ConfigOf({"http://" + a_.address(), "http://" + b_.address()});
    config.mutable_http()->mutable_health_check()->set_path("/healthz?deep=1");
    *config.mutable_http()->mutable_health_check()->mutable_interval() = ToProto(kInterval);
    return config;
  }

  void Watch(const config::Upstream& upstream) {
    upstream_ = MakeUpstream(upstream);
    config::Config config;
    *config.add_upstreams() = upstream;
    Upstreams upstreams;
    upstreams.http[upstream.name()] = upstream_;
    OnLoop([&] {
      health_.emplace(config, upstreams, loop_.queue(), lane_);
      health_->Watch();
    });
  }

  void OnLoop(const std::function<void()>& action) {
    std::promise<void> done;
    loop_.Post([&] {
      action();
      done.set_value();
    });
    done.get_future().wait();
  }

  bool IsIdle() {
    bool idle = false;
    OnLoop([&] { idle = !health_ || health_->idle(); });
    return idle;
  }

  // Which of the two targets requests go to: "a", "b", "ab".
  std::string InUse() const {
    const auto now = std::chrono::steady_clock::now();
    return std::string(upstream_->IsUsable(0, now) ? "a" : "") +
           (upstream_->IsUsable(1, now) ? "b" : "");
  }

  Health of_a_{200};
  Health of_b_{200};
  test::RawServer a_{ServeHealth(of_a_)};
  test::RawServer b_{ServeHealth(of_b_)};
  std::shared_ptr<HttpUpstream> upstream_;
  std::optional<UpstreamHealth> health_;
};

TEST_F(HttpHealthWatch, TakesOutWhatIsNotWellAndBringsItBack) {
  Watch(Config());
  for (const int bad : {503, 500, 404, 400}) {
    of_b_ = bad;
    EXPECT_TRUE(WaitUntil([this] { return InUse() == "a"; })) << bad;
    of_b_ = bad % 2 == 0 ? 204 : 302;
    EXPECT_TRUE(WaitUntil([this] { return InUse() == "ab"; })) << bad;
  }
}

TEST_F(HttpHealthWatch, OneThatDoesNotAnswerInTimeIsTakenOut) {
  Watch(Config());
  of_a_ = 0;
  EXPECT_TRUE(WaitUntil([this] { return InUse() == "b"; }));
  of_a_ = 200;
  EXPECT_TRUE(WaitUntil([this] { return InUse() == "ab"; }));
}

TEST_F(HttpHealthWatch, OneThatIsNotThereIsTakenOut) {
  config::Upstream config = Config();
  config.mutable_http()->set_urls(
      0, "http://127.0.0.1:" + std::to_string(test::RawServer::UnusedPort()));
  Watch(config);
  EXPECT_TRUE(WaitUntil([this] { return InUse() == "b"; }));
}

TEST_F(HttpHealthWatch, AsksEachTargetOnAConnectionOfItsOwnOncePerInterval) {
  const auto begin = std::chrono::steady_clock::now();
  Watch(Config());
  ASSERT_TRUE(WaitUntil([this] { return a_.request_count() >= 5 && b_.request_count() >= 5; }));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 4 * kInterval);
  EXPECT_EQ(a_.connection_count(), a_.request_count());
  EXPECT_LE(a_.open_count(), 1u);
}

TEST_F(HttpHealthWatch, IsNotPartOfTheReport) {
  Watch(Config());
  std::promise<HealthReport> answer;
  OnLoop([&] {
    asio::co_spawn(loop_.executor(), health_->Ask(),
                   [&](const std::exception_ptr&, HealthReport report) {
                     answer.set_value(std::move(report));
                   });
  });
  EXPECT_TRUE(answer.get_future().get().empty());
}

TEST_F(HttpHealthWatch, NobodyIsAskedAfterStop) {
  of_b_ = 0;
  Watch(Config());
  ASSERT_TRUE(WaitUntil([this] { return b_.request_count() == 1; }));
  OnLoop([this] { health_->Stop(); });
  EXPECT_TRUE(WaitUntil([this] { return IsIdle(); }));
  // What was cancelled says nothing about the target.
  EXPECT_EQ(InUse(), "ab");
  EXPECT_FALSE(WaitUntil([this] { return b_.request_count() > 1; }, 3 * kInterval));
  of_b_ = 200;
}

TEST_F(HttpHealthWatch, ASingleTargetIsNotAsked) {
  config::Upstream config = Config();
  config.mutable_http()->mutable_urls()->RemoveLast();
  Watch(config);
  EXPECT_FALSE(WaitUntil([this] { return a_.request_count() > 0; }, 2 * kInterval));
}

}  // namespace
}  // namespace puente

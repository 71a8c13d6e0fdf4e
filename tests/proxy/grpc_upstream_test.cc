// Which target a call goes to, and what a call tells about it, with real gRPC servers.
#include "proxy/upstream/grpc_upstream.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <boost/asio/co_spawn.hpp>
#include <future>
#include <thread>

#include "config/duration_text.h"
#include "proxy/event_loop.h"
#include "proxy/traffic/retry_policy.h"
#include "proxy/upstream/grpc_call.h"
#include "tests/proxy/stalling_relay.h"
#include "tests/support/fake_upstream.h"

namespace puente::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::system_clock;
using testing::ElementsAre;

constexpr char kMethod[] = "/a.A/Do";
constexpr std::uint32_t kFailures = 3;

config::Upstream Config(const std::vector<std::string>& targets) {
  config::Upstream config;
  config.set_name("a");
  config::GrpcUpstream& grpc = *config.mutable_grpc();
  if (targets.size() == 1) {
    grpc.set_target(targets[0]);
  } else {
    grpc.mutable_targets()->Assign(targets.begin(), targets.end());
  }
  grpc.set_max_receive_message_bytes(1000);
  grpc.set_max_send_message_bytes(1000);
  grpc.set_max_metadata_bytes(8192);
  return config;
}

void DetectOutliers(config::Upstream& config, nanoseconds ejection_time = seconds(60)) {
  auto& detection = *config.mutable_grpc()->mutable_outlier_detection();
  detection.set_failures(kFailures);
  *detection.mutable_ejection_time() = ToProto(ejection_time);
  detection.set_max_ejection_percent(50);
}

// What became of a call.
struct Ended {
  Code code = Code::kOk;
  Outcome outcome = Outcome::kNeutral;
  bool never_reached = false;
  std::optional<std::string> pushback;
};

// What a call is made with.
struct Call {
  milliseconds timeout = kPatience;
  DeadlineBy deadline_by = DeadlineBy::kRoute;
  bool streams = false;    // by the functions for streams, with one message
  bool cancelled = false;  // before it begins
};

class GrpcUpstreamTest : public testing::Test {
 protected:
  ~GrpcUpstreamTest() override {
    upstream_.reset();
    loop_.Post([this] { loop_.Stop(); });
    thread_.join();
  }

  void Use(const config::Upstream& config) {
    std::vector<Problem> problems;
    upstream_ = GrpcUpstream::Make(config, 1, problems);
    ASSERT_NE(upstream_, nullptr);
  }

  // `count` servers that answer all calls.
  std::vector<std::string> StartServers(int count) {
    std::vector<std::string> targets;
    for (int i = 0; i < count; ++i) {
      auto& server = *servers_.emplace_back(std::make_unique<FakeUpstream>());
      server.OnUnary(kMethod, UnaryReply{});
      targets.push_back(server.target());
    }
    return targets;
  }

  Ended Do(Call call = {}) {
    std::promise<Ended> ended;
    loop_.Post([this, call, &ended] {
      asio::co_spawn(loop_.executor(), Run(call), [&](const std::exception_ptr&, Ended what) {
        ended.set_value(std::move(what));
      });
    });
    return ended.get_future().get();
  }

  // How many calls each server has got of the next `count` ones.
  std::vector<std::size_t> Spread(int count) {
    std::vector<std::size_t> calls;
    for (const auto& server : servers_) calls.push_back(server->CallCount());
    for (int i = 0; i < count; ++i) Do();
    for (std::size_t i = 0; i < servers_.size(); ++i) {
      calls[i] = servers_[i]->CallCount() - calls[i];
    }
    return calls;
  }

  // All channels are connected from then on.
  bool ReachesAll() {
    return WaitUntil([this] {
      return testing::Value(Spread(static_cast<int>(servers_.size())),
                            testing::Each(testing::Ge(1u)));
    });
  }

  Task<Ended> Run(Call how) {
    GrpcCall call(*upstream_, lane_, path_, {}, system_clock::now() + how.timeout, how.deadline_by);
    if (how.cancelled) call.Cancel();
    Result<void> end;
    if (how.streams) {
      co_await call.Start();
      co_await call.WriteLast("");
      co_await call.Read();
      end = co_await call.Finish();
    } else {
      end = co_await call.Unary("");
    }
    Ended ended{end ? Code::kOk : end.error().code, call.outcome(), call.never_reached(), {}};
    if (const auto pushback = call.Pushback()) ended.pushback = std::string(*pushback);
    co_return ended;
  }

  const std::string path_ = kMethod;
  EventLoop loop_;
  const CallLane lane_{loop_.queue(), 0};
  std::vector<std::unique_ptr<FakeUpstream>> servers_;
  std::shared_ptr<GrpcUpstream> upstream_;
  std::thread thread_{[this] { loop_.Run(); }};
};

TEST_F(GrpcUpstreamTest, TargetsGetTheirCallsInTurn) {
  Use(Config(StartServers(3)));
  ASSERT_TRUE(ReachesAll());
  EXPECT_THAT(Spread(30), ElementsAre(10, 10, 10));
}

TEST_F(GrpcUpstreamTest, PickFirstGoesToTheFirstThatIsThere) {
  config::Upstream config = Config(StartServers(3));
  config.mutable_grpc()->set_load_balancing(config::GrpcUpstream::LOAD_BALANCING_PICK_FIRST);
  Use(config);
  EXPECT_THAT(Spread(20), ElementsAre(20, 0, 0));
  servers_[0]->Stop();
  ASSERT_TRUE(WaitUntil([this] { return Do().code == Code::kOk; }));
  EXPECT_THAT(Spread(20), ElementsAre(0, 20, 0));
  servers_[0]->Start();
  ASSERT_TRUE(WaitUntil([this] { return Spread(1)[0] == 1; }));
  EXPECT_THAT(Spread(20), ElementsAre(20, 0, 0));
}

TEST_F(GrpcUpstreamTest, LeavesOutATargetWhoseCallsKeepFailingAndComesBack) {
  config::Upstream config = Config(StartServers(2));
  DetectOutliers(config, milliseconds(500));
  Use(config);
  ASSERT_TRUE(ReachesAll());
  servers_[0]->OnUnary(kMethod, {.status = {grpc::StatusCode::INTERNAL, ""}});
  EXPECT_THAT(Spread(20), ElementsAre(kFailures, 20 - kFailures));
  servers_[0]->OnUnary(kMethod, UnaryReply{});
  EXPECT_TRUE(WaitUntil([this] { return Spread(2)[0] == 1; }));
  EXPECT_THAT(Spread(20), ElementsAre(10, 10));
}

TEST_F(GrpcUpstreamTest, RefusalsAreNoReasonToLeaveOneOut) {
  config::Upstream config = Config(StartServers(2));
  DetectOutliers(config);
  Use(config);
  ASSERT_TRUE(ReachesAll());
  servers_[0]->OnUnary(kMethod, {.status = {grpc::StatusCode::INVALID_ARGUMENT, ""}});
  EXPECT_THAT(Spread(20), ElementsAre(10, 10));
}

TEST_F(GrpcUpstreamTest, StreamsCountToo) {
  config::Upstream config = Config(StartServers(2));
  DetectOutliers(config);
  Use(config);
  ASSERT_TRUE(ReachesAll());
  servers_[1]->OnUnary(kMethod, {.status = {grpc::StatusCode::DATA_LOSS, ""}});
  for (std::uint32_t i = 0; i < 2 * kFailures; ++i) Do({.streams = true});
  EXPECT_THAT(Spread(20), ElementsAre(20, 0));
}

TEST_F(GrpcUpstreamTest, HealthChecksAloneLeaveNobodyOutForItsCalls) {
  config::Upstream config = Config(StartServers(2));
  config.mutable_grpc()->mutable_health_check();
  Use(config);
  ASSERT_TRUE(ReachesAll());
  servers_[0]->OnUnary(kMethod, {.status = {grpc::StatusCode::INTERNAL, ""}});
  EXPECT_THAT(Spread(20), ElementsAre(10, 10));
}

TEST_F(GrpcUpstreamTest, WhatOneThatIsNotHealthyLeavesIsSharedByAllOthers) {
  config::Upstream config = Config(StartServers(4));
  config.mutable_grpc()->mutable_health_check();
  Use(config);
  ASSERT_TRUE(ReachesAll());
  upstream_->NoteHealth(1, false);
  const std::vector<std::size_t> spread = Spread(120);
  EXPECT_THAT(spread, ElementsAre(40, 0, 40, 40));
  for (const std::size_t target : {0, 2, 3}) upstream_->NoteHealth(target, false);
  EXPECT_THAT(Spread(40), ElementsAre(10, 10, 10, 10));
  upstream_->NoteHealth(3, true);
  EXPECT_THAT(Spread(40), ElementsAre(0, 0, 0, 40));
}

TEST_F(GrpcUpstreamTest, HealthIsOfNoConcernUnlessItIsConfigured) {
  config::Upstream config = Config(StartServers(2));
  DetectOutliers(config);
  Use(config);
  ASSERT_TRUE(ReachesAll());
  upstream_->NoteHealth(1, false);
  EXPECT_THAT(Spread(20), ElementsAre(10, 10));
}

TEST_F(GrpcUpstreamTest, OneThatIsOutIsBetterThanOneThatIsNotThere) {
  config::Upstream config = Config(StartServers(2));
  config.mutable_grpc()->mutable_health_check();
  Use(config);
  ASSERT_TRUE(ReachesAll());
  upstream_->NoteHealth(0, false);
  servers_[1]->Stop();
  ASSERT_TRUE(WaitUntil([this] { return Do().code == Code::kOk; }));
  EXPECT_THAT(Spread(20), ElementsAre(20, 0));
}

TEST_F(GrpcUpstreamTest, ASingleTargetIsNeverLeftOut) {
  config::Upstream config = Config(StartServers(1));
  DetectOutliers(config);
  config.mutable_grpc()->mutable_health_check();
  Use(config);
  servers_[0]->OnUnary(kMethod, {.status = {grpc::StatusCode::INTERNAL, ""}});
  upstream_->NoteHealth(0, false);
  EXPECT_THAT(Spread(20), ElementsAre(20));
}

TEST_F(GrpcUpstreamTest, ACallTellsWhatItSaysAboutTheUpstream) {
  Use(Config(StartServers(1)));
  FakeUpstream& server = *servers_[0];
  EXPECT_EQ(Do().outcome, Outcome::kSuccess);
  server.OnUnary(kMethod, {.status = {grpc::StatusCode::NOT_FOUND, ""}});
  EXPECT_EQ(Do().outcome, Outcome::kSuccess);
  EXPECT_EQ(Do({.streams = true}).outcome, Outcome::kSuccess);
  server.OnUnary(kMethod, {.status = {grpc::StatusCode::UNKNOWN, ""}});
  EXPECT_EQ(Do().outcome, Outcome::kFailure);
  EXPECT_EQ(Do({.streams = true}).outcome, Outcome::kFailure);
  EXPECT_EQ(Do({.cancelled = true}).outcome, Outcome::kNeutral);
  server.OnUnary(kMethod, {.bytes = std::string(2000, 'x')});
  const Ended too_large = Do();
  EXPECT_EQ(too_large.code, Code::kInternal);
  EXPECT_EQ(too_large.outcome, Outcome::kSuccess);
}

TEST_F(GrpcUpstreamTest, AClientsOwnDeadlineIsNotTheUpstreamsFault) {
  Use(Config(StartServers(1)));
  ASSERT_EQ(Do().code, Code::kOk);
  servers_[0]->HoldReplies();
  EXPECT_EQ(Do({.timeout = milliseconds(50)}).outcome, Outcome::kFailure);
  const Ended ended = Do({.timeout = milliseconds(50), .deadline_by = DeadlineBy::kClient});
  EXPECT_EQ(ended.code, Code::kDeadlineExceeded);
  EXPECT_EQ(ended.outcome, Outcome::kNeutral);
}

TEST_F(GrpcUpstreamTest, ACallKnowsWhenItNeverReachedTheUpstream) {
  Use(Config(StartServers(1)));
  FakeUpstream& server = *servers_[0];
  server.OnUnary(kMethod, {.status = {grpc::StatusCode::UNAVAILABLE, "closed on Sundays"}});
  EXPECT_FALSE(Do().never_reached);
  server.HoldReplies();
  for (const bool streams : {false, true}) {
    const std::size_t before = server.CallCount();
    auto ended = std::async(std::launch::async, [&] { return Do({.streams = streams}); });
    ASSERT_TRUE(server.WaitForCalls(before + 1));
    server.Stop();
    const Ended cut = ended.get();
    EXPECT_EQ(cut.code, Code::kUnavailable);
    EXPECT_FALSE(cut.never_reached);
    EXPECT_EQ(cut.outcome, Outcome::kFailure);
    EXPECT_TRUE(WaitUntil([&] { return Do({.streams = streams}).never_reached; }));
    EXPECT_EQ(Do({.streams = streams}).code, Code::kUnavailable);
    EXPECT_EQ(Do({.streams = streams}).outcome, Outcome::kFailure);
    server.Start();
    ASSERT_TRUE(WaitUntil([&] { return !Do({.timeout = milliseconds(200)}).never_reached; }));
  }
}

TEST_F(GrpcUpstreamTest, ACallKnowsWhatTheUpstreamSaysAboutAnotherTry) {
  Use(Config(StartServers(1)));
  config::Retry config;
  config.set_attempts(2);
  config.add_on(config::STATUS_CODE_UNAVAILABLE);
  const RetryPolicy policy(config);
  const struct {
    const char* text;
    std::optional<nanoseconds> wait;
  } kCases[] = {{"250", milliseconds(250)}, {"0", nanoseconds(0)}, {"-1", std::nullopt},
                {"soon", std::nullopt},     {"", std::nullopt},    {"1.5", std::nullopt}};
  for (const auto& [text, wait] : kCases) {
    SCOPED_TRACE(text);
    servers_[0]->OnUnary(kMethod, {.status = {grpc::StatusCode::UNAVAILABLE, ""},
                                   .trailing_metadata = {{std::string(kPushbackKey), text}}});
    const Ended ended = Do();
    ASSERT_TRUE(ended.pushback);
    const FailedTry failed{
        .code = ended.code, .idempotent = true, .pushback = std::string_view(*ended.pushback)};
    EXPECT_EQ(policy.WaitAfter(failed, 0), wait);
  }
  servers_[0]->OnUnary(kMethod, {.status = {grpc::StatusCode::UNAVAILABLE, ""}});
  EXPECT_FALSE(Do().pushback);
}

// A server that lets itself be pinged as often as one likes, and answers no call.
class QuietServer {
 public:
  QuietServer() {
    grpc::ServerBuilder builder;
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterCallbackGenericService(&service_);
    server_ = builder.BuildAndStart();
  }
  ~QuietServer() { server_->Shutdown(system_clock::now()); }

  std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
    void OnCancel() override { Finish(grpc::Status::CANCELLED); }
    void OnDone() override { delete this; }
  };
  class Service final : public grpc::CallbackGenericService {
    grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
      return new Reactor;
    }
  };

  Service service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// The connection stays, and goes silent after two pings have been answered, where gRPC gives up by
// itself. (It pings no more often than once a second.)
TEST_F(GrpcUpstreamTest, KeepaliveFindsADeadConnectionUnderAQuietStream) {
  constexpr milliseconds kTime(1000);
  QuietServer server;
  StallingRelay relay(server.port());
  config::Upstream config = Config({relay.target()});
  *config.mutable_grpc()->mutable_keepalive()->mutable_time() = ToProto(kTime);
  *config.mutable_grpc()->mutable_keepalive()->mutable_timeout() = ToProto(kTime / 5);
  Use(config);
  auto ended = std::async(std::launch::async,
                          [this] { return Do({.timeout = kPatience, .streams = true}); });
  EXPECT_EQ(ended.wait_for(kTime * 5 / 2), std::future_status::timeout);
  relay.Stall();
  const auto stalled = std::chrono::steady_clock::now();
  EXPECT_EQ(ended.get().code, Code::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - stalled, kPatience / 2);
  upstream_.reset();
}

}  // namespace
}  // namespace puente::test

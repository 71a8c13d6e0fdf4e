#include "proxy/upstream/http_connection_pool.h"

#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "config/defaults.h"
#include "tests/proxy/http_lane_fixture.h"
#include "tests/support/raw_server.h"

namespace puente {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::HttpOutcome;
using test::RawServer;

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Answers every request until the client closes.
void Serve(RawServer::Connection& client) {
  while (true) {
    client.ReadHead();
    client.Send(kOk);
  }
}

class HttpConnectionPoolTest : public test::HttpLaneTest {
 protected:
  static config::Upstream ConfigFor(const std::vector<std::uint16_t>& ports,
                                    std::uint32_t max_connections = 256) {
    std::vector<std::string> urls;
    for (const std::uint16_t port : ports)
      urls.push_back("http://127.0.0.1:" + std::to_string(port));
    config::Upstream config = ConfigOf(urls);
    config.mutable_http()->set_max_connections(max_connections);
    return config;
  }

  static config::Upstream WithHealthCheck(config::Upstream config) {
    config.mutable_http()->mutable_health_check()->set_path("/healthz");
    ApplyDefaults(config);
    return config;
  }

  // Which target each of so many requests went to.
  std::vector<std::size_t> TargetsOf(HttpUpstream& upstream, std::size_t requests) {
    std::vector<std::size_t> targets;
    for (std::size_t i = 0; i < requests; ++i) {
      const HttpOutcome outcome = Fetch(upstream);
      EXPECT_FALSE(outcome.error) << outcome.error->message;
      targets.push_back(outcome.target);
    }
    return targets;
  }

  // Runs on the loop's thread, and is waited for.
  void OnLoop(const std::function<void()>& action) {
    std::promise<void> done;
    loop_.Post([&] {
      action();
      done.set_value();
    });
    done.get_future().wait();
  }
};

TEST_F(HttpConnectionPoolTest, RequestsOneAfterAnotherShareAConnection) {
  RawServer server(Serve);
  const auto upstream = MakeUpstream(server.address());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Fetch(*upstream).body, "ok");
  EXPECT_EQ(server.connection_count(), 1u);
}

TEST_F(HttpConnectionPoolTest, TheConnectionThatWasUsedLastIsTakenFirst) {
  std::atomic<bool> answer{false};
  std::atomic<std::size_t> last_used{0};
  RawServer server([&](RawServer::Connection& client) {
    while (true) {
      client.ReadHead();
      client.Await([&] { return answer.load(); });
      last_used = client.number();
      client.Send(kOk);
    }
  });
  const auto upstream = MakeUpstream(server.address());
  auto one = BeginFetch(*upstream);
  auto other = BeginFetch(*upstream);
  ASSERT_TRUE(test::WaitUntil([&] { return server.request_count() == 2; }));
  answer = true;
  one.get();
  other.get();
  Fetch(*upstream);
  const std::size_t used = last_used;
  for (int i = 0; i < 5; ++i) {
    Fetch(*upstream);
    EXPECT_EQ(last_used, used);
  }
  EXPECT_EQ(server.connection_count(), 2u);
}

TEST_F(HttpConnectionPoolTest, RequestsWaitInTurnWhenAllConnectionsAreInUse) {
  constexpr std::size_t kRequests = 8;
  std::atomic<std::size_t> allowed{0};
  std::vector<std::string> order;
  RawServer server([&](RawServer::Connection& client) {
    for (std::size_t i = 0;; ++i) {
      const std::string head = client.ReadHead();
      order.push_back(head.substr(0, head.find(" HTTP")));
      client.Await([&] { return allowed > i; });
      client.Send(kOk);
    }
  });
  const auto upstream = MakeUpstream(ConfigFor({server.port()}, 1));
  std::vector<std::future<HttpOutcome>> running;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < kRequests; ++i) {
    expected.push_back("GET /" + std::to_string(i));
    running.push_back(BeginFetch(*upstream, {.target = "/" + std::to_string(i)}));
  }
  ASSERT_TRUE(test::WaitUntil([&] { return server.request_count() == 1; }));
  allowed = kRequests;
  for (auto& one : running) EXPECT_EQ(one.get().body, "ok");
  EXPECT_EQ(order, expected);
  EXPECT_EQ(server.connection_count(), 1u);
}

TEST_F(HttpConnectionPoolTest, WhoWaitsTooLongHasNotSentAnything) {
  std::atomic<bool> answer{false};
  RawServer server([&](RawServer::Connection& client) {
    client.ReadHead();
    client.Await([&] { return answer.load(); });
    client.Send(kOk);
    Serve(client);
  });
  const auto upstream = MakeUpstream(ConfigFor({server.port()}, 1));
  auto first = BeginFetch(*upstream);
  ASSERT_TRUE(test::WaitUntil([&] { return server.request_count() == 1; }));
  const HttpOutcome late = Fetch(*upstream, {.timeout = milliseconds(50)});
  ASSERT_TRUE(late.error);
  EXPECT_EQ(late.error->HttpStatus(), 504);
  EXPECT_FALSE(late.sent);
  answer = true;
  EXPECT_EQ(first.get().body, "ok");
  EXPECT_EQ(Fetch(*upstream).body, "ok");
  EXPECT_EQ(server.connection_count(), 1u);
}

TEST_F(HttpConnectionPoolTest, TheQueueHasAnEnd) {
  constexpr std::size_t kRequests = 1200;  // more than may wait
  RawServer server([](RawServer::Connection& client) {
    client.ReadHead();
    client.AwaitClose();
  });
  const auto upstream = MakeUpstream(ConfigFor({server.port()}, 1));
  std::vector<std::future<HttpOutcome>> running;
  for (std::size_t i = 0; i < kRequests; ++i) {
    running.push_back(BeginFetch(*upstream, {.timeout = milliseconds(1500)}));
  }
  std::size_t refused = 0;
  for (auto& one : running) {
    const HttpOutcome outcome = one.get();
    ASSERT_TRUE(outcome.error);
    if (outcome.error->HttpStatus() == 503) ++refused;
  }
  EXPECT_EQ(refused, kRequests - 1 - 1024);
}

TEST_F(HttpConnectionPoolTest, AConnectionThatFailsMakesRoomForTheNext) {
  RawServer server([](RawServer::Connection& client) {
    client.ReadHead();
    if (client.number() < 3) return;
    client.Send(kOk);
    Serve(client);
  });
  const auto upstream = MakeUpstream(ConfigFor({server.port()}, 1));
  std::vector<std::future<HttpOutcome>> running;
  for (int i = 0; i < 5; ++i) running.push_back(BeginFetch(*upstream));
  std::size_t failed = 0;
  for (auto& one : running) failed += one.get().error ? 1 : 0;
  EXPECT_EQ(failed, 3u);
  EXPECT_EQ(server.connection_count(), 4u);
}

TEST_F(HttpConnectionPoolTest, ConnectionsWithNothingToDoAreClosedAfterAWhile) {
  RawServer server(Serve);
  auto config = ConfigFor({server.port()});
  *config.mutable_http()->mutable_idle_timeout() = ToProto(milliseconds(100));
  const auto upstream = MakeUpstream(config);
  const auto begun = steady_clock::now();
  Fetch(*upstream);
  EXPECT_EQ(server.open_count(), 1u);
  EXPECT_TRUE(test::WaitUntil([&] { return server.open_count() == 0; }));
  EXPECT_GE(steady_clock::now() - begun, milliseconds(100));
  EXPECT_EQ(Fetch(*upstream).body, "ok");
}

TEST_F(HttpConnectionPoolTest, WhatTheServerClosedOrSaidUnaskedIsNotUsedAgain) {
  for (const std::string_view unasked :
       {"", "HTTP/1.1 408 Too slow\r\nContent-Length: 0\r\n\r\n"}) {
    std::atomic<bool> go_on{false};
    std::atomic<bool> said{false};
    RawServer server([&](RawServer::Connection& client) {
      client.ReadHead();
      client.Send(kOk);
      if (client.number() > 0) return Serve(client);
      client.Await([&] { return go_on.load(); });
      client.Send(unasked);
      said = true;
      if (!unasked.empty()) client.AwaitClose();
    });
    const auto upstream = MakeUpstream(server.address());
    EXPECT_EQ(Fetch(*upstream).body, "ok");
    go_on = true;
    ASSERT_TRUE(
        test::WaitUntil([&] { return said && (!unasked.empty() || server.open_count() == 0); }));
    const HttpOutcome second = Fetch(*upstream);
    EXPECT_EQ(second.body, "ok");
    EXPECT_EQ(server.connection_count(), 2u);
  }
}

TEST_F(HttpConnectionPoolTest, ServersThatCloseAreNoticedWithoutARequest) {
  std::atomic<bool> noticed{false};
  RawServer server([&](RawServer::Connection& client) {
    client.ReadHead();
    client.Send(kOk);
    client.Send("unasked");
    try {
      client.AwaitClose();
    } catch (const std::runtime_error&) {
      noticed = true;
    }
  });
  const auto upstream = MakeUpstream(server.address());
  Fetch(*upstream);
  EXPECT_TRUE(test::WaitUntil([&] { return noticed.load(); }));
}

TEST_F(HttpConnectionPoolTest, TargetsTakeTurns) {
  RawServer a(Serve);
  RawServer b(Serve);
  const auto upstream = MakeUpstream(ConfigFor({a.port(), b.port()}));
  const auto targets = TargetsOf(*upstream, 6);
  EXPECT_EQ(std::ranges::count(targets, 0u), 3);
  for (std::size_t i = 1; i < targets.size(); ++i) EXPECT_NE(targets[i], targets[i - 1]);
}

TEST_F(HttpConnectionPoolTest, ATargetThatCantBeReachedIsPassedOver) {
  RawServer living(Serve);
  for (const bool dead_first : {true, false}) {
    std::vector<std::uint16_t> ports{RawServer::UnusedPort(), living.port()};
    if (!dead_first) std::swap(ports[0], ports[1]);
    const auto upstream = MakeUpstream(ConfigFor(ports));
    EXPECT_THAT(TargetsOf(*upstream, 6), testing::Each(dead_first ? 1u : 0u));
  }
}

TEST_F(HttpConnectionPoolTest, ATargetThatIsBackIsUsedAgain) {
  RawServer living(Serve);
  const std::uint16_t port = RawServer::UnusedPort();
  const auto upstream = MakeUpstream(ConfigFor({port, living.port()}));
  TargetsOf(*upstream, 2);
  RawServer back(Serve, std::nullopt, port);
  EXPECT_TRUE(test::WaitUntil([&] { return Fetch(*upstream).target == 0; }));
}

TEST_F(HttpConnectionPoolTest, AllTargetsDeadIs503) {
  const auto upstream = MakeUpstream(ConfigFor({RawServer::UnusedPort(), RawServer::UnusedPort()}));
  const HttpOutcome outcome = Fetch(*upstream);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code, Code::kUnavailable);
  EXPECT_EQ(outcome.error->HttpStatus(), 503);
  EXPECT_FALSE(outcome.sent);
}

TEST_F(HttpConnectionPoolTest, TargetsThatAreNotWellAreLeftOutUnlessAllAre) {
  RawServer a(Serve);
  RawServer b(Serve);
  const auto upstream = MakeUpstream(WithHealthCheck(ConfigFor({a.port(), b.port()})));
  upstream->NoteHealth(0, false);
  EXPECT_THAT(TargetsOf(*upstream, 4), testing::Each(1u));
  upstream->NoteHealth(1, false);
  EXPECT_THAT(TargetsOf(*upstream, 4), testing::UnorderedElementsAre(0, 1, 0, 1));
  upstream->NoteHealth(0, true);
  EXPECT_THAT(TargetsOf(*upstream, 4), testing::Each(0u));
}

TEST_F(HttpConnectionPoolTest, WhatOneThatIsNotWellLeavesIsSharedByAllOthers) {
  RawServer server(Serve);
  const std::uint16_t port = server.port();
  const auto upstream = MakeUpstream(WithHealthCheck(ConfigFor({port, port, port, port})));
  upstream->NoteHealth(1, false);
  const auto targets = TargetsOf(*upstream, 9);
  for (const std::size_t target : {0u, 2u, 3u}) EXPECT_EQ(std::ranges::count(targets, target), 3);
}

TEST_F(HttpConnectionPoolTest, OneThatIsOutIsBetterThanOneThatIsNotThere) {
  RawServer living(Serve);
  const auto upstream =
      MakeUpstream(WithHealthCheck(ConfigFor({living.port(), RawServer::UnusedPort()})));
  upstream->NoteHealth(0, false);
  EXPECT_THAT(TargetsOf(*upstream, 4), testing::Each(0u));
}

TEST_F(HttpConnectionPoolTest, HealthIsOfNoConcernUnlessItIsConfigured) {
  RawServer server(Serve);
  const auto upstream = MakeUpstream(ConfigFor({server.port(), server.port()}));
  upstream->NoteHealth(0, false);
  EXPECT_TRUE(upstream->IsUsable(0, steady_clock::now()));
  const auto single = MakeUpstream(WithHealthCheck(ConfigFor({server.port()})));
  single->NoteHealth(0, false);
  EXPECT_TRUE(single->IsUsable(0, steady_clock::now()));
}

TEST_F(HttpConnectionPoolTest, ATargetThatIsNotThereIsLeftOutForAWhile) {
  RawServer living(Serve);
  auto config = ConfigFor({RawServer::UnusedPort(), living.port()});
  config.mutable_http()->mutable_outlier_detection()->set_failures(1);
  ApplyDefaults(config);
  const auto upstream = MakeUpstream(config);
  EXPECT_THAT(TargetsOf(*upstream, 2), testing::Each(1u));
  EXPECT_FALSE(upstream->IsUsable(0, steady_clock::now()));
  EXPECT_TRUE(upstream->IsUsable(0, steady_clock::now() + std::chrono::seconds(31)));
}

TEST_F(HttpConnectionPoolTest, MakingAConnectionHasItsTime) {
  // It accepts, and never shakes hands.
  RawServer server([](RawServer::Connection& client) { client.AwaitClose(); });
  auto config = ConfigOf({"https://" + server.address()});
  *config.mutable_http()->mutable_connect_timeout() = ToProto(milliseconds(100));
  const auto upstream = MakeUpstream(config);
  const auto begun = steady_clock::now();
  const HttpOutcome outcome = Fetch(*upstream);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->HttpStatus(), 503);
  EXPECT_GE(steady_clock::now() - begun, milliseconds(100));
  EXPECT_LT(steady_clock::now() - begun, milliseconds(2000));
  EXPECT_TRUE(test::WaitUntil([&] { return server.open_count() == 0; }));
  // The request's own time may be shorter.
  EXPECT_EQ(Fetch(*upstream, {.timeout = milliseconds(50)}).error->HttpStatus(), 504);
}

TEST_F(HttpConnectionPoolTest, NamesAreLookedUp) {
  RawServer server(Serve);
  const std::string port = std::to_string(server.port());
  const auto upstream = MakeUpstream("localhost:" + port);
  std::vector<std::future<HttpOutcome>> running;
  for (int i = 0; i < 10; ++i) running.push_back(BeginFetch(*upstream));
  for (auto& one : running) EXPECT_EQ(one.get().body, "ok");
  const HttpOutcome unknown = Fetch(*MakeUpstream("no-such-host.invalid:" + port));
  ASSERT_TRUE(unknown.error);
  EXPECT_EQ(unknown.error->HttpStatus(), 503);
}

TEST_F(HttpConnectionPoolTest, AnUpstreamThatIsGoneLeavesNoConnections) {
  RawServer server(Serve);
  auto upstream = MakeUpstream(server.address());
  Fetch(*upstream);
  EXPECT_EQ(server.open_count(), 1u);
  upstream.reset();
  EXPECT_TRUE(test::WaitUntil([&] { return server.open_count() == 0; }));
}

TEST_F(HttpConnectionPoolTest, ACallKeepsItsUpstream) {
  std::atomic<bool> answer{false};
  RawServer server([&](RawServer::Connection& client) {
    client.ReadHead();
    client.Await([&] { return answer.load(); });
    client.Send(kOk);
    client.AwaitClose();
  });
  auto upstream = MakeUpstream(server.address());
  auto running = BeginFetch(*upstream);
  ASSERT_TRUE(test::WaitUntil([&] { return server.request_count() == 1; }));
  upstream.reset();
  answer = true;
  EXPECT_EQ(running.get().body, "ok");
  EXPECT_TRUE(test::WaitUntil([&] { return server.open_count() == 0; }));
}

TEST_F(HttpConnectionPoolTest, AfterTheLaneIsClosedNothingIsLeft) {
  RawServer server([](RawServer::Connection& client) {
    const std::string head = client.ReadHead();
    if (!head.starts_with("GET /silent")) client.Send(kOk);
    client.AwaitClose();
  });
  const auto upstream = MakeUpstream(ConfigFor({server.port()}, 1));
  const auto other = MakeUpstream(server.address());
  Fetch(*other);
  std::vector<std::future<HttpOutcome>> silent;
  for (int i = 0; i < 3; ++i) silent.push_back(BeginFetch(*upstream, {.target = "/silent"}));
  ASSERT_TRUE(test::WaitUntil([&] { return server.request_count() == 2; }));
  OnLoop([&] { lane_.Close(); });
  for (auto& one : silent) EXPECT_EQ(one.get().error->code, Code::kCancelled);
  EXPECT_TRUE(test::WaitUntil([&] { return server.open_count() == 0; }));
  EXPECT_EQ(Fetch(*upstream).error->code, Code::kCancelled);
  EXPECT_EQ(server.connection_count(), 2u);
}

TEST_F(HttpConnectionPoolTest, ManyRequestsShareFewConnections) {
  RawServer server(Serve);
  const auto upstream = MakeUpstream(ConfigFor({server.port()}, 4));
  std::vector<std::future<HttpOutcome>> running;
  for (int i = 0; i < 500; ++i) running.push_back(BeginFetch(*upstream));
  for (auto& one : running) EXPECT_EQ(one.get().body, "ok");
  EXPECT_EQ(server.connection_count(), 4u);
}

TEST(HttpUpstream, SharesItsConnectionsOut) {
  struct Case {
    std::uint32_t max_connections;
    std::size_t lanes;
    std::size_t targets;
    std::size_t share;
  };
  constexpr Case kCases[] = {{256, 1, 1, 256}, {256, 2, 1, 128}, {256, 2, 4, 32}, {3, 2, 1, 1},
                             {1, 8, 1, 1},     {1, 8, 3, 1},     {7, 2, 1, 3}};
  for (const Case& c : kCases) {
    config::Upstream config;
    config.mutable_http()->set_max_connections(c.max_connections);
    for (std::size_t i = 0; i < c.targets; ++i) config.mutable_http()->add_urls("http://a:1");
    std::vector<Problem> problems;
    const auto upstream = HttpUpstream::Make(config, c.lanes, problems);
    EXPECT_EQ(upstream->connections_per_lane(), c.share);
  }
}

TEST(HttpUpstream, KnowsItsServers) {
  config::Upstream config;
  config.set_name("legacy");
  config.mutable_http()->set_url("https://[::1]/v1/");
  std::vector<Problem> problems;
  const auto one = HttpUpstream::Make(config, 1, problems);
  EXPECT_EQ(one->name(), "legacy");
  EXPECT_EQ(one->server(), (HostAndPort{"::1", 443}));
  EXPECT_TRUE(one->is_tls());
  EXPECT_EQ(one->base_path(), "/v1");
  EXPECT_EQ(one->server_name(0), "::1");
  config.mutable_http()->clear_url();
  config.mutable_http()->add_urls("http://a:8080");
  config.mutable_http()->add_urls("http://b");
  const auto two = HttpUpstream::Make(config, 1, problems);
  EXPECT_EQ(two->server(), (HostAndPort{"legacy", 0}));
  EXPECT_EQ(two->target(1), (HostAndPort{"b", 80}));
  EXPECT_FALSE(two->is_tls());
  EXPECT_EQ(two->base_path(), "");
  EXPECT_NE(one->id(), two->id());
  EXPECT_TRUE(problems.empty());
}

TEST(HttpUpstream, NamesTheTlsFileThatCantBeRead) {
  config::Upstream config;
  config.mutable_http()->set_url("https://a");
  config.mutable_http()->mutable_tls()->set_ca("/no/such/file");
  std::vector<Problem> problems;
  EXPECT_EQ(HttpUpstream::Make(config, 1, problems), nullptr);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].key, "http.tls.ca");
}

}  // namespace
}  // namespace puente

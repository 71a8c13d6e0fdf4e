// An HTTP upstream that fails, and its connections (design section 6).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/integration/example_calls.h"
#include "tests/integration/migration_proxy.h"

namespace puente::test {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kEmptyOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

TEST(HttpConnectionsTest, AnUpstreamThatIsDownIs503) {
  auto proxy = ProxyUnderTest::FromConfig(
      ForwardingConfig(fmt::format("http://127.0.0.1:{}", RawServer::UnusedPort())));
  EXPECT_THAT(proxy.Get("/x"), IsError(503, 14));
  EXPECT_THAT(proxy.Post("/x", "body"), IsError(503, 14));
}

TEST(HttpConnectionsTest, AnUpstreamThatClosesWithoutAnAnswerIs502) {
  ForwardingProxy under_test([](RawServer::Connection& client) { client.ReadHead(); });
  EXPECT_THAT(under_test.proxy.Get("/x"), IsError(502, 14));
}

TEST(HttpConnectionsTest, ASlowUpstreamIs504AndItsConnectionIsClosed) {
  ForwardingProxy under_test(
      [](RawServer::Connection& client) {
        ReadRequest(client);
        client.AwaitClose();
      },
      {.route = ", timeout: 200ms"});
  EXPECT_THAT(under_test.proxy.Get("/x"), IsError(504, 4));
  EXPECT_THAT(under_test.proxy.Post("/x", "body"), IsError(504, 4));
  EXPECT_TRUE(WaitUntil([&] { return under_test.upstream.open_count() == 0; }));
}

TEST(HttpConnectionsTest, AClientMayAskForLessTime) {
  ForwardingProxy under_test([](RawServer::Connection& client) { client.AwaitClose(); });
  EXPECT_THAT(under_test.proxy.Get("/x", {{"Grpc-Timeout", "100m"}}), IsError(504, 4));
}

TEST(HttpConnectionsTest, AnAnswerThatPausesForTooLongIsCut) {
  ForwardingProxy under_test(
      [](RawServer::Connection& client) {
        client.ReadHead();
        client.Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
        client.AwaitClose();
      },
      {.more = "limits: {idle_timeout: 300ms}\n"});
  HttpClient client = under_test.proxy.Connect();
  const HttpResponse answer = client.Get("/x");
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.complete);
  EXPECT_TRUE(WaitUntil([&] { return under_test.upstream.open_count() == 0; }));
}

TEST(HttpConnectionsTest, AClientThatLeavesTakesTheUpstreamConnectionAlong) {
  for (const std::string_view request :
       {"GET /x HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody",
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nbody"}) {
    ForwardingProxy under_test([](RawServer::Connection& client) {
      client.ReadHead();
      client.AwaitClose();
    });
    HttpClient client = under_test.proxy.Connect();
    client.SendRaw(request);
    ASSERT_TRUE(WaitUntil([&] { return under_test.upstream.request_count() == 1; })) << request;
    client.Close();
    EXPECT_TRUE(WaitUntil([&] { return under_test.upstream.open_count() == 0; })) << request;
  }
}

TEST(HttpConnectionsTest, AClientThatLeavesDuringTheAnswerTakesTheUpstreamConnectionAlong) {
  ForwardingProxy under_test([](RawServer::Connection& client) {
    client.ReadHead();
    client.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (true) {
      client.Send("4\r\nsome\r\n");
      std::this_thread::sleep_for(milliseconds(1));
    }
  });
  HttpClient client = under_test.proxy.Connect();
  client.Send("GET", "/x");
  EXPECT_EQ(client.ReadHead().status, 200);
  client.Close();
  EXPECT_TRUE(WaitUntil([&] { return under_test.upstream.open_count() == 0; }));
}

TEST(HttpConnectionsTest, ConnectionsAreUsedAgain) {
  RecordingProxy under_test(kLegacyAnswer, {.more = "workers: 1\n"});
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(under_test.proxy.Get("/x").status, 200);
    EXPECT_EQ(under_test.proxy.Post("/x", "body").status, 200);
  }
  EXPECT_EQ(under_test.upstream.Requests().size(), 40U);
  EXPECT_EQ(under_test.upstream.connection_count(), 1U);
}

TEST(HttpConnectionsTest, AnUpstreamThatClosesAfterEachAnswerFailsNoRequest) {
  RecordingProxy under_test(kLegacyAnswer, {.more = "workers: 1\n"});
  under_test.upstream.Answer(kLegacyAnswer, /*then_close=*/true);
  HttpClient client = under_test.proxy.Connect();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.Get("/x").status, 200) << i;
}

// The server gives the connection up just when it gets the second request.
TEST(HttpConnectionsTest, AStaleConnectionIsNoFailureOfWhatMayBeSentTwice) {
  struct Case {
    const char* method;
    const char* body;
    int status;
  };
  for (const Case& c : {Case{"GET", "", 200}, Case{"HEAD", "", 200}, Case{"DELETE", "", 200},
                        Case{"POST", "", 502}, Case{"POST", "body", 502}}) {
    ForwardingProxy under_test(
        [](RawServer::Connection& client) {
          ReadRequest(client);
          client.Send(kEmptyOk);
          ReadRequest(client);
          if (client.number() == 0) return;
          client.Send(kEmptyOk);
          client.AwaitClose();
        },
        {.more = "workers: 1\n"});
    HttpClient client = under_test.proxy.Connect();
    ASSERT_EQ(client.Get("/x").status, 200);
    EXPECT_EQ(client.Request(c.method, "/x", {}, c.body).status, c.status)
        << c.method << " " << c.body;
    EXPECT_EQ(under_test.upstream.connection_count(), c.status == 200 ? 2U : 1U);
  }
}

TEST(HttpConnectionsTest, MoreRequestsThanConnectionsWait) {
  std::atomic<int> at_once{0};
  std::atomic<int> most{0};
  ForwardingProxy under_test(
      [&](RawServer::Connection& client) {
        while (true) {
          ReadRequest(client);
          const int now = ++at_once;
          for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
          }
          std::this_thread::sleep_for(milliseconds(5));
          --at_once;
          client.Send(kEmptyOk);
        }
      },
      {.upstream = ", max_connections: 2", .more = "workers: 1\n"});
  std::vector<std::thread> clients;
  std::atomic<int> failed{0};
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      HttpClient client = under_test.proxy.Connect();
      for (int j = 0; j < 5; ++j) failed += client.Get("/x").status != 200;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(most, 2);
  EXPECT_EQ(under_test.upstream.connection_count(), 2U);
}

}  // namespace
}  // namespace puente::test

// The end of a process in the middle of a migration: `puente run` between two upstreams.
#include <fmt/format.h>

#include <chrono>
#include <csignal>

#include "tests/integration/binary_under_test.h"
#include "tests/integration/traffic_fixture.h"

namespace puente::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::IsEmpty;

constexpr char kHalfAndHalf[] =
    "split: {name: migration, backends: [{upstream: legacy, weight: 1}, "
    "{upstream: billing, weight: 1}]}";

class MigrationDrainTest : public TrafficTest {
 protected:
  void Run(const std::string& drain, const std::string& legacy_url = {}) {
    const std::string config =
        dir_.Write("puente.yaml", ConfigOf({.route = kHalfAndHalf,
                                            .match = "path_prefix: /",
                                            .more = fmt::format("drain: {{{}}}", drain),
                                            .legacy_url = legacy_url}));
    binary_.emplace(std::vector<std::string>{"run", "--config", config});
    admin_ = binary_->WaitForPort("admin on 127.0.0.1:");
    rest_ = binary_->WaitForPort("serves HTTP on 127.0.0.1:");
  }
  int AskAdmin(const std::string& method, const std::string& target,
               const HeaderList& headers = {}) const {
    return HttpClient::Connect(admin_).Request(method, target, headers).status;
  }

  std::optional<BinaryUnderTest> binary_;
  std::uint16_t admin_ = 0;
  std::uint16_t rest_ = 0;
};

TEST_F(MigrationDrainTest, SigtermUnderLoadLosesNoRequest) {
  Run("delay: 500ms, timeout: 10s");
  Load load(rest_, 16, kInvoice);
  ASSERT_TRUE(load.WaitForMore(500));
  const auto start = steady_clock::now();
  binary_->Signal(SIGTERM);
  load.ExpectRefusal();
  EXPECT_EQ(binary_->WaitForExit(), 0);
  EXPECT_LT(steady_clock::now() - start, seconds(5));
  load.Join();
  EXPECT_THAT(load.Losses(), IsEmpty());
  EXPECT_EQ(load.CountOther(200), 0);
  // Both upstreams had their part.
  EXPECT_GT(load.Answers()["200 " + std::string(kLegacyInvoice)], 100);
  EXPECT_GT(load.Answers()["200 " + std::string(kBillingInvoice)], 100);
}

// A legacy service that sends a file, piece by piece.
TEST_F(MigrationDrainTest, ADownloadInFlightIsFinished) {
  std::atomic<int> pieces{0};
  const RawServer files([&](RawServer::Connection& connection) {
    while (true) {
      connection.ReadHead();
      connection.Send(
          "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 3; ++i) {
        connection.Await([&] { return pieces > i; });
        connection.Send(fmt::format("7\r\npiece {}\r\n", i));
      }
      connection.Send("0\r\n\r\n");
    }
  });
  Run("delay: 100ms, timeout: 20s", "http://" + files.address());
  HttpClient client = HttpClient::Connect(rest_);
  client.Send("GET", "/legacy/reports/2025");
  pieces = 1;
  auto answer = client.ReadHead();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(client.ReadChunk(), "piece 0");
  Load load(rest_, 4, "/v1/invoices/none/such");
  ASSERT_TRUE(WaitUntil([&] { return files.connection_count() > 1; }));

  binary_->Signal(SIGTERM);
  load.ExpectRefusal();
  ASSERT_TRUE(WaitUntil([&] { return AskAdmin("GET", "/readyz") == 503; }));
  ASSERT_TRUE(WaitUntil([&] {
    try {
      HttpClient::Connect(rest_);
      return false;
    } catch (const ClientError&) {
      return true;
    }
  }));
  EXPECT_EQ(binary_->WaitForExit(milliseconds(300)), std::nullopt);
  pieces = 3;
  client.ReadBody(answer);
  EXPECT_EQ(answer.body, "piece 1piece 2");
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(binary_->WaitForExit(), 0);
  load.Join();
  EXPECT_THAT(load.Losses(), IsEmpty());
}

TEST_F(MigrationDrainTest, WhatIsInFlightAtBothUpstreamsIsFinished) {
  Run("delay: 0s, timeout: 20s");
  legacy_.Hold();
  billing_.HoldReplies();
  std::vector<HttpClient> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(HttpClient::Connect(rest_));
    clients.back().Send("GET", kInvoice);
  }
  ASSERT_TRUE(
      WaitUntil([&] { return legacy_.RequestCount() + billing_.CallCount() == clients.size(); }));
  EXPECT_GT(legacy_.RequestCount(), 0u);
  EXPECT_GT(billing_.CallCount(), 0u);
  binary_->Signal(SIGTERM);
  EXPECT_EQ(binary_->WaitForExit(milliseconds(300)), std::nullopt);
  legacy_.Release();
  billing_.Release();
  for (HttpClient& client : clients) {
    const auto answer = client.ReadResponse();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.Header("connection"), "close");
  }
  EXPECT_EQ(binary_->WaitForExit(), 0);
}

TEST_F(MigrationDrainTest, AskingForItOverHttpDoesTheSame) {
  Run("delay: 500ms, timeout: 10s");
  Load load(rest_, 8, kInvoice);
  ASSERT_TRUE(load.WaitForMore(200));
  EXPECT_EQ(AskAdmin("POST", "/drain"), 200);
  load.ExpectRefusal();
  EXPECT_EQ(AskAdmin("GET", "/readyz"), 503);
  // Asking twice is no second signal.
  EXPECT_EQ(AskAdmin("POST", "/drain"), 200);
  EXPECT_EQ(binary_->WaitForExit(), 0);
  load.Join();
  EXPECT_THAT(load.Losses(), IsEmpty());
  EXPECT_EQ(load.CountOther(200), 0);
}

TEST_F(MigrationDrainTest, APageOfAnotherOriginMayNotAskForIt) {
  Run("delay: 0s, timeout: 10s");
  const std::string own = fmt::format("http://127.0.0.1:{}", admin_);
  for (const char* origin : {"https://evil.example", "null", "http://127.0.0.1:1"}) {
    for (const char* target : {"/drain", "/reload", "/splits/migration/rollback"}) {
      EXPECT_EQ(AskAdmin("POST", target, {{"Origin", origin}}), 403) << origin << target;
    }
  }
  EXPECT_EQ(AskAdmin("GET", "/drain"), 405);
  EXPECT_EQ(AskAdmin("GET", "/readyz", {{"Origin", "https://evil.example"}}), 200);
  EXPECT_EQ(binary_->WaitForExit(milliseconds(200)), std::nullopt);
  EXPECT_EQ(AskAdmin("POST", "/drain", {{"Origin", own}}), 200);
  EXPECT_EQ(binary_->WaitForExit(), 0);
}

}  // namespace
}  // namespace puente::test

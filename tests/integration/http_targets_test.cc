// Several servers of one HTTP upstream: those that fail, or say that they are not well, get no
// requests.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <string>

#include "tests/integration/proxy_under_test.h"
#include "tests/support/raw_server.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace puente::test {
namespace {

using std::chrono::milliseconds;

// Answers requests with its name, and says on /healthz how it is.
class Target {
 public:
  explicit Target(std::string name) : name_(std::move(name)) { Start(); }

  std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }
  void Stop() { server_.reset(); }
  void Start() {
    server_ =
        std::make_unique<RawServer>([this](auto& client) { Serve(client); }, std::nullopt, port_);
    port_ = server_->port();
  }

  std::atomic<int> status{200};
  std::atomic<int> health{200};
  std::atomic<bool> is_silent{false};
  std::atomic<int> requests{0};
  std::atomic<int> questions{0};

 private:
  void Serve(RawServer::Connection& client) {
    while (true) {
      const bool asked_how = client.ReadHead().starts_with("GET /healthz ");
      ++(asked_how ? questions : requests);
      if (is_silent && !asked_how) client.AwaitClose();
      client.Send(fmt::format("HTTP/1.1 {} x\r\nContent-Length: {}\r\n\r\n{}",
                              (asked_how ? health : status).load(), name_.size(), name_));
    }
  }

  const std::string name_;
  std::uint16_t port_ = 0;
  std::unique_ptr<RawServer> server_;
};

class HttpTargets : public testing::Test {
 protected:
  // `keys` of the upstream and `route`s, with a comma in front.
  std::string ConfigOf(const std::string& keys, const std::string& route = {}) const {
    return ExampleConfig(
        fmt::format("upstreams: [{{name: legacy, http: {{urls: [\"{}\", \"{}\"]{}}}}}]\n"
                    "routes: [{{match: {{path_prefix: /}}, upstream: legacy{}}}]\n",
                    a_.url(), b_.url(), keys, route));
  }

  // Who answers so many requests, one after another: "abab"; "-" for a status of 500 or more.
  static std::string Answering(const ProxyUnderTest& proxy, int requests,
                               const HeaderList& headers = {}) {
    std::string answering;
    HttpClient client = proxy.Connect();
    for (int i = 0; i < requests; ++i) {
      const HttpResponse answer = client.Get("/x", headers);
      answering += answer.status < 500 ? answer.body : "-";
    }
    return answering;
  }

  static bool IsBoth(const std::string& answering) {
    return answering == "abab" || answering == "baba";
  }

  Target a_{"a"};
  Target b_{"b"};
};

constexpr char kHealthCheck[] = ", health_check: {path: /healthz, interval: 0.1s}";

TEST_F(HttpTargets, OneWhoseAnswersAreErrorsIsLeftOutForAWhile) {
  const auto proxy =
      ProxyUnderTest::FromConfig(ConfigOf(", outlier_detection: {failures: 3, ejection_time: 2s}"));
  EXPECT_TRUE(IsBoth(Answering(proxy, 4)));
  b_.status = 503;
  Answering(proxy, 6);
  const int seen = b_.requests;
  EXPECT_EQ(Answering(proxy, 6), "aaaaaa");
  EXPECT_EQ(b_.requests, seen);
  b_.status = 200;
  EXPECT_TRUE(WaitUntil([&] { return IsBoth(Answering(proxy, 4)); }));
}

TEST_F(HttpTargets, OneThatRefusesRequestsIsWell) {
  const auto proxy = ProxyUnderTest::FromConfig(ConfigOf(", outlier_detection: {failures: 1}"));
  b_.status = 404;
  EXPECT_TRUE(IsBoth(Answering(proxy, 6).substr(2)));
}

TEST_F(HttpTargets, OneThatIsNotThereFailsNoRequest) {
  const auto proxy = ProxyUnderTest::FromConfig(
      ConfigOf(", outlier_detection: {failures: 1, ejection_time: 60s}"));
  Answering(proxy, 4);
  b_.Stop();
  EXPECT_EQ(Answering(proxy, 6), "aaaaaa");
}

// With short timeouts a client could otherwise take all targets but one from the others.
TEST_F(HttpTargets, AClientsOwnHasteIsNoFailure) {
  const auto proxy =
      ProxyUnderTest::FromConfig(ConfigOf(", outlier_detection: {failures: 1, ejection_time: 60s}",
                                          ", circuit_breaker: {failures: 1, open_for: 60s}"));
  a_.is_silent = b_.is_silent = true;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(proxy.Get("/x", {{"grpc-timeout", "20m"}}).status, 504);
  a_.is_silent = b_.is_silent = false;
  EXPECT_TRUE(IsBoth(Answering(proxy, 4)));
}

TEST_F(HttpTargets, TheRoutesTimeoutIsAFailure) {
  const auto proxy = ProxyUnderTest::FromConfig(
      ConfigOf(", outlier_detection: {failures: 1, ejection_time: 60s}", ", timeout: 0.1s"));
  b_.is_silent = true;
  Answering(proxy, 2);
  EXPECT_EQ(Answering(proxy, 4), "aaaa");
}

TEST_F(HttpTargets, OneThatIsNotWellIsLeftOutBeforeARequestFails) {
  const auto proxy = ProxyUnderTest::FromConfig(ConfigOf(kHealthCheck));
  b_.health = 503;
  EXPECT_TRUE(WaitUntil([&] { return Answering(proxy, 4) == "aaaa"; }));
  b_.health = 200;
  EXPECT_TRUE(WaitUntil([&] { return IsBoth(Answering(proxy, 4)); }));
  // Only gRPC upstreams are in that report.
  EXPECT_EQ(proxy.Admin("/health/grpc").body.find("legacy"), std::string::npos);
}

TEST_F(HttpTargets, AreAskedAsTheReloadedConfigurationSays) {
  TempDir dir;
  const auto write = [&](const std::string& keys) {
    return dir.Write("puente.yaml", ConfigOf(keys));
  };
  const auto proxy = ProxyUnderTest::FromFile(write(kHealthCheck));
  EXPECT_TRUE(WaitUntil([&] { return a_.questions > 1; }));
  write("");
  EXPECT_TRUE(WaitUntil([&] {
    const int before = a_.questions;
    return !WaitUntil([&] { return a_.questions > before; }, milliseconds(300));
  }));
  b_.health = 503;
  EXPECT_TRUE(IsBoth(Answering(proxy, 4)));
  write(kHealthCheck);
  EXPECT_TRUE(WaitUntil([&] { return Answering(proxy, 4) == "aaaa"; }));
}

}  // namespace
}  // namespace puente::test

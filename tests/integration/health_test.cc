// GET /health/grpc of the admin listener (design section 5).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <regex>

#include "billing/v1/billing.grpc.pb.h"
#include "examples/services/example_server.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using std::chrono::steady_clock;

constexpr char kHealth[] = "/health/grpc";
constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
// HealthCheckResponse{status: SERVING}.
constexpr char kServing[] = "\x08\x01";

// A grpc++ server with the health service of grpc++, or without one.
class HealthServer {
 public:
  explicit HealthServer(bool with_health = true) : with_health_(with_health) { Start(); }
  ~HealthServer() { Stop(); }

  void Start() {
    grpc::EnableDefaultHealthCheckService(with_health_);
    grpc::ServerBuilder builder;
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort(target(), grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    grpc::EnableDefaultHealthCheckService(false);
    if (server_ == nullptr || port_ == 0) throw std::runtime_error("cannot listen");
  }
  void Stop() {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }
  // "": the server as a whole.
  void Set(const std::string& service, bool serving) {
    server_->GetHealthCheckService()->SetServingStatus(service, serving);
  }

  std::string target() const { return fmt::format("127.0.0.1:{}", port_); }

 private:
  const bool with_health_;
  int port_ = 0;
  billing::v1::BillingService::Service service_;
  std::unique_ptr<grpc::Server> server_;
};

// Accepts connections, in the kernel, and never says a word.
class SilentServer {
 public:
  std::string target() const {
    return fmt::format("127.0.0.1:{}", acceptor_.local_endpoint().port());
  }
  // Whether anybody has connected.
  bool WasCalled() {
    acceptor_.non_blocking(true);
    boost::system::error_code ec;
    boost::asio::ip::tcp::socket socket(context_);
    acceptor_.accept(socket, ec);
    return !ec;
  }

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
};

// `upstreams` is the content of the list; calls go to the one called "a".
ProxyUnderTest ProxyFor(const std::string& upstreams) {
  return ProxyUnderTest::FromConfig(ExampleConfig(
      fmt::format("upstreams: [{}]\n"
                  "routes: [{{match: {{service: billing.v1.BillingService}}, upstream: a}}]\n",
                  upstreams)));
}

// One upstream of the list. `more`: further keys of `grpc`.
std::string Upstream(const std::string& name, const std::string& target,
                     const std::string& more = "health_check: {interval: 100ms}") {
  return fmt::format("{{name: {}, grpc: {{target: \"{}\", {}}}}}", name, target, more);
}

// The body is this JSON, white space aside.
MATCHER_P2(IsHealth, status, json, "") {
  const std::string lines = std::regex_replace(arg.body, std::regex("\n *"), "");
  const std::string body = std::regex_replace(lines, std::regex("\": "), "\":");
  *result_listener << arg.status << " " << body;
  return arg.status == status && arg.Header("Content-Type") == "application/json" &&
         arg.Header("Cache-Control") == "no-store" && arg.complete && body == json;
}

// Whether /health/grpc comes to say `text` in time.
bool ComesToSay(const ProxyUnderTest& proxy, const std::string& text,
                std::chrono::milliseconds patience = kPatience) {
  return WaitUntil([&] { return proxy.Admin(kHealth).body.find(text) != std::string::npos; },
                   patience);
}

std::chrono::milliseconds Since(steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - start);
}

TEST(Health, AllServing) {
  examples::ExampleServer examples;
  ASSERT_TRUE(examples.Start().has_value());
  HealthServer server;
  const auto proxy =
      ProxyFor(Upstream("b", examples.target()) + ", " + Upstream("a", server.target(), ""));
  auto client = HttpClient::Connect(proxy.admin_port());
  EXPECT_THAT(client.Get(kHealth),
              IsHealth(200, R"({"status":"SERVING","upstreams":[)"
                            R"({"name":"b","status":"SERVING","service":""},)"
                            R"({"name":"a","status":"SERVING","service":""}]})"));
  EXPECT_EQ(client.Get("/health/grpc?x=1").status, 200);
  const auto head = client.Request("HEAD", kHealth);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  const auto post = client.Post(kHealth, "");
  EXPECT_THAT(post, IsError(405, 12));
  EXPECT_EQ(post.Header("Allow"), "GET, HEAD");
  EXPECT_THAT(client.Get("/health"), IsError(404, 5));
  EXPECT_EQ(proxy.Get(kHealth).status, 404);
}

TEST(Health, OneThatIsNotServingIs503) {
  HealthServer good;
  HealthServer bad;
  bad.Set("", false);
  const auto proxy = ProxyFor(Upstream("a", good.target()) + ", " + Upstream("b", bad.target()));
  EXPECT_THAT(proxy.Admin(kHealth),
              IsHealth(503, R"({"status":"NOT_SERVING","upstreams":[)"
                            R"({"name":"a","status":"SERVING","service":""},)"
                            R"({"name":"b","status":"NOT_SERVING","service":""}]})"));
  EXPECT_EQ(HttpClient::Connect(proxy.admin_port()).Request("HEAD", kHealth).status, 503);
  EXPECT_EQ(proxy.Admin("/readyz").status, 200);
  bad.Set("", true);
  EXPECT_TRUE(WaitUntil([&] { return proxy.Admin(kHealth).status == 200; }));
}

TEST(Health, DeadUpstreamIsUnreachableUntilItIsBack) {
  HealthServer server;
  const auto proxy = ProxyFor(Upstream("a", server.target(), ""));
  ASSERT_EQ(proxy.Admin(kHealth).status, 200);
  for (int round = 0; round < 2; ++round) {
    server.Stop();
    EXPECT_TRUE(ComesToSay(proxy, "UNREACHABLE", std::chrono::seconds(3)));
    EXPECT_THAT(proxy.Admin(kHealth),
                IsHealth(503, R"({"status":"NOT_SERVING","upstreams":[{"name":"a",)"
                              R"("status":"UNREACHABLE","service":"","code":"UNAVAILABLE"}]})"));
    server.Start();
    EXPECT_TRUE(WaitUntil([&] { return proxy.Admin(kHealth).status == 200; }));
  }
}

TEST(Health, UpstreamWithoutHealthServiceCountsAsUp) {
  HealthServer server(/*with_health=*/false);
  const auto proxy = ProxyFor(Upstream("a", server.target()));
  EXPECT_THAT(proxy.Admin(kHealth),
              IsHealth(200, R"({"status":"SERVING","upstreams":[{"name":"a","status":"UNKNOWN",)"
                            R"("service":"","code":"UNIMPLEMENTED","detail":)"
                            R"("it has no health service (grpc.health.v1), and counts as up"}]})"));
}

TEST(Health, TheServiceThatIsConfiguredIsAskedAbout) {
  HealthServer server;
  server.Set("good", true);
  server.Set("bad", false);
  const auto about = [&](const std::string& name, const std::string& service) {
    return Upstream(name, server.target(), fmt::format("health_check: {{service: {}}}", service));
  };
  const auto proxy =
      ProxyFor(about("a", "good") + ", " + about("b", "bad") + ", " + about("c", "other"));
  EXPECT_THAT(proxy.Admin(kHealth),
              IsHealth(503, R"({"status":"NOT_SERVING","upstreams":[)"
                            R"({"name":"a","status":"SERVING","service":"good"},)"
                            R"({"name":"b","status":"NOT_SERVING","service":"bad"},)"
                            R"({"name":"c","status":"SERVICE_UNKNOWN","service":"other",)"
                            R"("code":"NOT_FOUND"}]})"));
}

TEST(Health, ExampleServerTellsOfEachService) {
  examples::ExampleServer examples;
  ASSERT_TRUE(examples.Start().has_value());
  const auto proxy = ProxyFor(
      Upstream("a", examples.target(), "health_check: {service: billing.v1.BillingService}"));
  EXPECT_THAT(proxy.Admin(kHealth),
              IsHealth(200, R"({"status":"SERVING","upstreams":[{"name":"a","status":"SERVING",)"
                            R"("service":"billing.v1.BillingService"}]})"));
}

TEST(Health, AnswersThatSaySomethingElseAreNotServing) {
  FakeUpstream upstream;
  const auto proxy = ProxyFor(Upstream("a", upstream.target()));
  const std::pair<UnaryReply, const char*> cases[] = {
      {{.bytes = {}}, R"("NOT_SERVING","service":""})"},
      {{.bytes = "\x08\x7f"}, R"("NOT_SERVING","service":""})"},
      {{.bytes = "no protobuf"}, R"("NOT_SERVING","service":"","code":"INTERNAL"})"},
      {{.status = {grpc::StatusCode::PERMISSION_DENIED, "not you"}},
       R"("NOT_SERVING","service":"","code":"PERMISSION_DENIED"})"},
  };
  for (const auto& [reply, text] : cases) {
    SCOPED_TRACE(text);
    const std::size_t before = upstream.CallCount();
    upstream.OnUnary(kCheck, reply);
    // What was asked before may hold for a moment.
    ASSERT_TRUE(WaitUntil([&] {
      proxy.Admin(kHealth);
      return upstream.CallCount() >= before + 2;
    }));
    const std::string expected =
        R"({"status":"NOT_SERVING","upstreams":[{"name":"a","status":)" + std::string(text) + "]}";
    EXPECT_THAT(proxy.Admin(kHealth), IsHealth(503, expected));
  }
}

// One that does not answer the call, and one that does not even speak.
TEST(Health, HangingUpstreamsHoldNothingUp) {
  FakeUpstream slow;
  SilentServer silent;
  HealthServer good;
  slow.HoldReplies();
  const auto proxy = ProxyFor(Upstream("a", good.target()) + ", " + Upstream("b", slow.target()) +
                              ", " + Upstream("c", silent.target()));
  const auto start = steady_clock::now();
  auto client = HttpClient::Connect(proxy.admin_port());
  client.Send("GET", kHealth);
  ASSERT_TRUE(slow.WaitForCalls(1));
  while (Since(start) < std::chrono::milliseconds(1500)) {
    const auto before = steady_clock::now();
    EXPECT_EQ(proxy.Admin("/healthz").status, 200);
    EXPECT_EQ(proxy.Admin("/metrics").status, 200);
    EXPECT_EQ(proxy.Get("/nowhere").status, 404);
    EXPECT_LT(Since(before).count(), 1000);
  }
  EXPECT_THAT(client.ReadResponse(),
              IsHealth(503, R"({"status":"NOT_SERVING","upstreams":[)"
                            R"({"name":"a","status":"SERVING","service":""},)"
                            R"({"name":"b","status":"UNREACHABLE","service":"",)"
                            R"("code":"DEADLINE_EXCEEDED"},)"
                            R"({"name":"c","status":"UNREACHABLE","service":"",)"
                            R"("code":"DEADLINE_EXCEEDED"}]})"));
  EXPECT_GT(Since(start).count(), 1900);
  EXPECT_LT(Since(start).count(), 4000);
  slow.Release();
}

TEST(Health, RequestsShareOneAnswer) {
  FakeUpstream upstream;
  upstream.OnUnary(kCheck, UnaryReply{.bytes = kServing});
  upstream.HoldReplies();
  const auto proxy = ProxyFor(Upstream("a", upstream.target(), "health_check: {interval: 1h}"));
  std::vector<HttpClient> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(HttpClient::Connect(proxy.admin_port()));
    clients.back().Send("GET", kHealth);
  }
  ASSERT_TRUE(upstream.WaitForCalls(1));
  upstream.Release();
  for (HttpClient& client : clients) EXPECT_EQ(client.ReadResponse().status, 200);
  EXPECT_EQ(proxy.Admin(kHealth).status, 200);
  EXPECT_EQ(upstream.CallCount(), 1u);
}

TEST(Health, AnAnswerHoldsForTheInterval) {
  FakeUpstream upstream;
  upstream.OnUnary(kCheck, UnaryReply{.bytes = kServing});
  const auto proxy = ProxyFor(Upstream("a", upstream.target(), "health_check: {interval: 300ms}"));
  const auto start = steady_clock::now();
  EXPECT_TRUE(
      WaitUntil([&] { return proxy.Admin(kHealth).status == 200 && upstream.CallCount() >= 4; }));
  EXPECT_GE(Since(start).count(), 900);
}

TEST(Health, OneOfSeveralTargetsIsEnough) {
  HealthServer first;
  HealthServer second;
  const auto proxy = ProxyFor(fmt::format(
      "{{name: a, grpc: {{targets: [\"{}\", \"{}\"], health_check: {{interval: 100ms}}}}}}",
      first.target(), second.target()));
  constexpr char kBoth[] =
      R"({"status":"SERVING","upstreams":[{"name":"a","status":"SERVING","service":"",)"
      R"("targets":["SERVING","SERVING"]}]})";
  EXPECT_THAT(proxy.Admin(kHealth), IsHealth(200, kBoth));
  first.Stop();
  EXPECT_TRUE(ComesToSay(proxy, "UNREACHABLE"));
  EXPECT_THAT(proxy.Admin(kHealth),
              IsHealth(200, R"({"status":"SERVING","upstreams":[{"name":"a","status":"SERVING",)"
                            R"("service":"","targets":["UNREACHABLE","SERVING"]}]})"));
  second.Set("", false);
  EXPECT_TRUE(WaitUntil([&] { return proxy.Admin(kHealth).status == 503; }));
  EXPECT_THAT(proxy.Admin(kHealth),
              IsHealth(503, R"({"status":"NOT_SERVING","upstreams":[{"name":"a",)"
                            R"("status":"NOT_SERVING","service":"",)"
                            R"("targets":["UNREACHABLE","NOT_SERVING"]}]})"));
}

TEST(Health, UpstreamWithTls) {
  TestCertificates files;
  FakeUpstream upstream({.certificate = files.server});
  upstream.OnUnary(kCheck, UnaryReply{.bytes = kServing});
  const auto tls = [&](const std::string& ca) {
    return fmt::format("tls: {{ca: \"{}\", server_name: localhost}}", ca);
  };
  const auto proxy = ProxyFor(Upstream("a", upstream.target(), tls(files.ca)) + ", " +
                              Upstream("b", upstream.target(), tls(files.other_authority.file())));
  EXPECT_THAT(proxy.Admin(kHealth),
              IsHealth(503, R"({"status":"NOT_SERVING","upstreams":[)"
                            R"({"name":"a","status":"SERVING","service":""},)"
                            R"({"name":"b","status":"UNREACHABLE","service":"",)"
                            R"("code":"UNAVAILABLE"}]})"));
}

TEST(Health, NobodyIsCalledBeforeItIsAskedFor) {
  SilentServer upstream;
  const auto proxy = ProxyFor(Upstream("a", upstream.target()));
  EXPECT_EQ(proxy.Admin("/readyz").status, 200);
  EXPECT_EQ(proxy.Admin("/metrics").status, 200);
  EXPECT_FALSE(upstream.WasCalled());
  auto client = HttpClient::Connect(proxy.admin_port());
  client.Send("GET", kHealth);
  EXPECT_TRUE(WaitUntil([&] { return upstream.WasCalled(); }));
}

TEST(Health, AskingDoesNotKeepTheProxyFromEnding) {
  FakeUpstream upstream;
  upstream.HoldReplies();
  auto proxy = ProxyFor(Upstream("a", upstream.target()));
  auto client = HttpClient::Connect(proxy.admin_port());
  client.Send("GET", kHealth);
  ASSERT_TRUE(upstream.WaitForCalls(1));
  const auto start = steady_clock::now();
  proxy.Stop();
  EXPECT_LT(Since(start).count(), 1500);
  upstream.Release();
}

TEST(Health, ChangesAreLoggedOnce) {
  HealthServer server;
  const auto proxy = ProxyFor(Upstream("a", server.target()));
  testing::internal::CaptureStdout();
  for (int i = 0; i < 5; ++i) proxy.Admin(kHealth);
  server.Stop();
  EXPECT_TRUE(ComesToSay(proxy, "UNREACHABLE"));
  const auto start = steady_clock::now();
  EXPECT_TRUE(WaitUntil([&] {
    proxy.Admin(kHealth);
    return Since(start) > std::chrono::milliseconds(500);
  }));
  server.Start();
  EXPECT_TRUE(WaitUntil([&] { return proxy.Admin(kHealth).status == 200; }));
  const std::string log = testing::internal::GetCapturedStdout();
  const std::regex line(R"(\[(\w+)\] upstream (.*)\n)");
  std::string lines;
  const std::string plain = std::regex_replace(log, std::regex("\x1b\\[[0-9;]*m"), "");
  for (std::sregex_iterator i(plain.begin(), plain.end(), line), end; i != end; ++i) {
    lines += (*i)[1].str() + ": " + (*i)[2].str() + "\n";
  }
  EXPECT_EQ(lines,
            "warning: a is UNREACHABLE; it was SERVING\n"
            "info: a is SERVING; it was UNREACHABLE\n");
}

}  // namespace
}  // namespace puente::test

// Shadow traffic: copies of requests go to another upstream, and the client never notices.
#include <fmt/format.h>

#include <chrono>

#include "tests/integration/traffic_fixture.h"
#include "tests/support/gzip_text.h"

namespace puente::test {
namespace {

using google::protobuf::MethodOptions;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr char kCreated[] = "POST /v1/customers/c%20d/invoices?validate_only=true HTTP/1.1";
constexpr char kCreate[] = "/v1/customers/c%20d/invoices?validate_only=true";
constexpr char kInvoiceJson[] = R"({"lines":[{"sku":"tea","quantity":4}],"labels":{"k":"ü"}})";

// The split of these routes, whose name GET /splits/{name}/differences needs.
constexpr char kAllToLegacy[] =
    "split: {name: migration, backends: [{upstream: legacy, weight: 1}, "
    "{upstream: billing, weight: 0}]}";
std::string Dropped(const std::string& split) {
  return fmt::format(R"(puente_shadow_dropped_total{{split="{}"}})", split);
}

billing::v1::CreateInvoiceRequest CreateRequest(const RecordedCall& call) {
  billing::v1::CreateInvoiceRequest request;
  EXPECT_TRUE(request.ParseFromString(call.requests.at(0)));
  return request;
}

using ShadowTest = TrafficTest;

void ExpectCreated(const RecordedCall& call) {
  const auto request = CreateRequest(call);
  EXPECT_EQ(request.customer_id(), "c d");
  EXPECT_TRUE(request.validate_only());
  EXPECT_EQ(request.invoice().lines(0).sku(), "tea");
  EXPECT_EQ(request.invoice().lines(0).quantity(), 4u);
  EXPECT_EQ(request.invoice().labels().at("k"), "ü");
}

TEST_F(ShadowTest, AnHttpRequestIsCopiedToGrpcWithTheSameContent) {
  StartRoute("upstream: legacy, shadow: {upstream: billing, methods: ALL}");
  const HeaderList headers = {{"x-user-id", "u-1"}, {"x-request-id", "r-1"}};
  const auto answer = proxy_->Post(kCreate, kInvoiceJson, headers);
  EXPECT_THAT(answer, IsJson(kLegacyInvoice));
  ASSERT_TRUE(billing_.WaitForCalls(1));
  const RecordedCall copy = billing_.Calls()[0];
  EXPECT_EQ(copy.method, kCreateInvoice);
  ExpectCreated(copy);
  EXPECT_EQ(FindMetadata(copy.metadata, "x-user-id"), "u-1");
  EXPECT_EQ(FindMetadata(copy.metadata, "x-request-id"), "r-1");
  EXPECT_EQ(legacy_.Requests().at(0).Line(), kCreated);
}

TEST_F(ShadowTest, ACompressedBodyIsUnpackedForGrpc) {
  StartRoute("upstream: legacy, shadow: {upstream: billing, methods: ALL}");
  const std::string packed = Gzip(kInvoiceJson);
  proxy_->Post(kCreate, packed, {{"Content-Encoding", "gzip"}});
  ASSERT_TRUE(billing_.WaitForCalls(1));
  ExpectCreated(billing_.Calls()[0]);
  EXPECT_EQ(legacy_.Requests().at(0).body, packed);
}

TEST_F(ShadowTest, AGrpcCallIsCopiedToHttpAsItCame) {
  StartRoute("upstream: billing, shadow: {upstream: legacy, methods: ALL}");
  const auto answer = proxy_->Post(kCreate, kInvoiceJson, {{"x-user-id", "u-1"}});
  EXPECT_THAT(answer, IsJson(kBillingInvoice));
  ASSERT_TRUE(legacy_.WaitForRequests(1));
  const PlainRequest copy = legacy_.Requests()[0];
  EXPECT_EQ(copy.Line(), kCreated);
  EXPECT_EQ(copy.body, kInvoiceJson);
  EXPECT_EQ(copy.Header("x-user-id"), "u-1");
  EXPECT_EQ(copy.Header("content-type"), "application/json");
  ExpectCreated(billing_.Calls().at(0));
}

TEST_F(ShadowTest, WhatNoDescriptorKnowsIsCopiedToHttp) {
  Start({.route = "upstream: legacy, shadow: {upstream: spare, methods: ALL}",
         .match = "path_prefix: /legacy/"});
  const auto answer =
      proxy_->Post("/legacy/import?a=%2f+b", std::string("\0\xff", 2),
                   {{"Content-Type", "application/octet-stream"}, {"Cookie", "c=1"}});
  EXPECT_EQ(answer.body, kLegacyInvoice);
  ASSERT_TRUE(spare_.WaitForRequests(1));
  const PlainRequest copy = spare_.Requests()[0];
  const PlainRequest live = legacy_.Requests().at(0);
  EXPECT_EQ(copy.Line(), "POST /legacy/import?a=%2f+b HTTP/1.1");
  EXPECT_EQ(copy.Line(), live.Line());
  EXPECT_EQ(copy.body, live.body);
  for (const char* header : {"host", "cookie", "content-type", "x-forwarded-for", "x-request-id"}) {
    EXPECT_EQ(copy.Header(header), live.Header(header)) << header;
    EXPECT_NE(copy.Header(header), std::nullopt) << header;
  }
}

TEST_F(ShadowTest, TheAnswerIsThereBeforeASlowShadowHasOne) {
  StartRoute("upstream: legacy, shadow: {upstream: billing}");
  billing_.HoldReplies();
  HttpClient client = proxy_->Connect();
  for (int i = 0; i < 20; ++i) EXPECT_THAT(client.Get(kInvoice), IsJson(kLegacyInvoice));
  // All of them wait, and the client's connection is as good as ever.
  ASSERT_TRUE(billing_.WaitForCalls(20));
  EXPECT_EQ(Metric(Calls("GetInvoice", "OK", "shadow")), 0);
  billing_.Release();
  EXPECT_TRUE(Reaches(Calls("GetInvoice", "OK", "shadow"), 20));
}

TEST_F(ShadowTest, TheAnswerIsTheSameWhateverTheShadowDoes) {
  using Script = RawServer::Script;
  const std::pair<const char*, Script> shadows[] = {
      {"rubbish", [](auto& it) { it.ReadHead(), it.Send("\x16\x03 no HTTP\r\n\r\n"); }},
      {"closes", [](auto& it) { it.ReadHead(); }},
      {"resets", [](auto& it) { it.ReadHead(), it.ResetOnClose(); }},
      {"breaks off",
       [](auto& it) { it.ReadHead(), it.Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"); }},
      {"fails",
       [](auto& it) { it.ReadHead(), it.Send("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"); }},
  };
  for (const auto& [what, script] : shadows) {
    SCOPED_TRACE(what);
    const RawServer shadow(script);
    Start({.route = "upstream: billing, shadow: {upstream: legacy, compare: true}",
           .legacy_url = "http://" + shadow.address()});
    HttpClient client = proxy_->Connect();
    for (std::size_t i = 1; i <= 5; ++i) {
      const auto answer = client.Get(kInvoice);
      EXPECT_THAT(answer, IsJson(kBillingInvoice));
      EXPECT_EQ(answer.headers.size(), 4u);  // type, length, date and request id
      EXPECT_TRUE(WaitUntil([&] { return shadow.request_count() >= i; }));
    }
    EXPECT_TRUE(Reaches(Comparisons("mismatch", ""), 5));
  }
}

TEST_F(ShadowTest, AShadowThatIsDownIsNotNoticed) {
  billing_.Stop();
  StartRoute("upstream: legacy, shadow: {upstream: billing}");
  HttpClient client = proxy_->Connect();
  for (int i = 0; i < 20; ++i) EXPECT_THAT(client.Get(kInvoice), IsJson(kLegacyInvoice));
  EXPECT_TRUE(Reaches(Calls("GetInvoice", "UNAVAILABLE", "shadow"), 20));
  // Nobody else's business: neither counted as the backend's nor by a breaker.
  EXPECT_EQ(Metric(BackendRequests("billing", 503)), 0);
}

TEST_F(ShadowTest, OnlySafeMethodsAreCopied) {
  StartRoute("upstream: legacy, shadow: {upstream: billing}");
  Post();
  HttpClient client = proxy_->Connect();
  EXPECT_EQ(client.Get(kInvoice).status, 200);
  EXPECT_EQ(client.Request("HEAD", kInvoice).status, 200);
  ASSERT_TRUE(billing_.WaitForCalls(2));
  for (const RecordedCall& call : billing_.Calls()) EXPECT_EQ(call.method, kGetInvoice);
}

TEST_F(ShadowTest, AMethodWithoutSideEffectsIsCopiedThoughItIsAPost) {
  for (const auto& [level, copies] : {std::pair(MethodOptions::IDEMPOTENT, std::size_t{0}),
                                      std::pair(MethodOptions::NO_SIDE_EFFECTS, std::size_t{1})}) {
    Start({.route = "upstream: legacy, shadow: {upstream: billing}",
           .descriptors = MarkedDescriptors(level)});
    const std::size_t before = billing_.CallCount();
    EXPECT_EQ(Post().status, 200);
    EXPECT_EQ(Get().status, 200);
    ASSERT_TRUE(billing_.WaitForCalls(before + copies + 1));
    EXPECT_EQ(billing_.CallCount(), before + copies + 1);
  }
}

TEST_F(ShadowTest, APercentageIsCopied) {
  struct Case {
    const char* percent;
    std::size_t least, most;
  };
  // Of 400 requests: seven standard deviations.
  for (const Case& c : {Case{"0", 0, 0}, Case{"25", 40, 160}, Case{"100", 400, 400}}) {
    SCOPED_TRACE(c.percent);
    StartRoute(
        fmt::format("upstream: billing, shadow: {{upstream: legacy, percent: {}, "
                    "max_in_flight: 1000}}",
                    c.percent));
    const std::size_t before = legacy_.RequestCount();
    HttpClient client = proxy_->Connect();
    for (int i = 0; i < 400; ++i) ASSERT_EQ(client.Get(kInvoice).status, 200);
    EXPECT_TRUE(WaitUntil([&] { return legacy_.RequestCount() >= before + c.least; }));
    proxy_->Stop();
    EXPECT_LE(legacy_.RequestCount() - before, c.most);
  }
}

TEST_F(ShadowTest, CopiesInFlightAreBounded) {
  StartRoute(std::string(kAllToLegacy) + ", shadow: {upstream: billing, max_in_flight: 3}");
  billing_.HoldReplies();
  HttpClient client = proxy_->Connect();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.Get(kInvoice).status, 200);
  ASSERT_TRUE(billing_.WaitForCalls(3));
  EXPECT_TRUE(Reaches(Dropped("migration"), 7));
  EXPECT_EQ(billing_.CallCount(), 3u);
  // Their places are free again.
  billing_.Release();
  EXPECT_TRUE(Reaches(Calls("GetInvoice", "OK", "shadow"), 3));
  EXPECT_EQ(client.Get(kInvoice).status, 200);
  EXPECT_TRUE(billing_.WaitForCalls(4));
  EXPECT_EQ(Metric(Dropped("migration")), 7);
}

TEST_F(ShadowTest, LargeBodiesAreNotCopied) {
  for (const char* direction : {"upstream: legacy, shadow: {upstream: billing",
                                "upstream: billing, shadow: {upstream: legacy"}) {
    SCOPED_TRACE(direction);
    StartRoute(std::string(direction) + ", methods: ALL, max_body_bytes: 100}");
    const auto copies = [&] {
      const bool to_grpc = std::string_view(direction).starts_with("upstream: legacy");
      return to_grpc ? billing_.CallCount() : legacy_.RequestCount();
    };
    const std::size_t before = copies();
    const auto body = [](std::size_t size) { return "{" + std::string(size - 2, ' ') + "}"; };
    EXPECT_EQ(Post(body(101)).status, 200);
    EXPECT_TRUE(Reaches(Dropped(""), 1));
    EXPECT_EQ(Post(body(100)).status, 200);
    EXPECT_TRUE(WaitUntil([&] { return copies() == before + 1; }));
    EXPECT_EQ(Metric(Dropped("")), 1);
  }
}

// Up to the limit that is given, also beyond a megabyte.
TEST_F(ShadowTest, TheLimitOfBodiesIsTheOneThatIsConfigured) {
  Start({.route = "upstream: legacy, shadow: {upstream: spare, methods: ALL, max_body_bytes: "
                  "3000000}",
         .match = "path_prefix: /legacy/"});
  const std::string body(2'500'000, 'x');
  EXPECT_EQ(proxy_->Post("/legacy/import", body).status, 200);
  ASSERT_TRUE(spare_.WaitForRequests(1));
  EXPECT_EQ(spare_.Requests()[0].body, body);
}

TEST_F(ShadowTest, ACopyHasALineOfItsOwnInTheAccessLog) {
  StartRoute(std::string(kAllToLegacy) + ", shadow: {upstream: billing}");
  Get(kInvoice, {{"x-request-id", "r-1"}});
  EXPECT_THAT(log_.Next(),
              Says(R"({"upstream": "legacy", "traffic": "live", "request_id": "r-1"})"));
  EXPECT_THAT(log_.Next(), Says(R"({"upstream": "billing", "traffic": "shadow", "request_id": "r-1",
                       "split": "migration", "method": "GET", "route": "/v1/invoices/{id}",
                       "status": 200, "grpc_code": "OK"})"));
  EXPECT_EQ(Metric(Calls("GetInvoice", "OK", "shadow")), 1);
  EXPECT_EQ(Metric(Calls("GetInvoice", "OK", "live")), 0);
  EXPECT_EQ(Metric(BackendRequests("legacy", 200, "migration")), 1);
  EXPECT_EQ(Metric(BackendRequests("billing", 200, "migration")), 0);
}

TEST_F(ShadowTest, EndingTheProxyEndsCopiesInFlightAtOnce) {
  for (const char* route : {"upstream: legacy, shadow: {upstream: billing, timeout: 60s}",
                            "upstream: billing, shadow: {upstream: legacy, timeout: 60s}"}) {
    SCOPED_TRACE(route);
    StartRoute(route);
    const bool to_grpc = std::string_view(route).starts_with("upstream: legacy");
    const std::size_t before = to_grpc ? billing_.CallCount() : legacy_.RequestCount();
    if (to_grpc) billing_.HoldReplies();
    HttpClient client = proxy_->Connect();
    if (!to_grpc) legacy_.Hold();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(client.Get(kInvoice).status, 200);
    ASSERT_TRUE(to_grpc ? billing_.WaitForCalls(before + 10)
                        : legacy_.WaitForRequests(before + 10));
    const auto start = steady_clock::now();
    proxy_->Stop();
    EXPECT_LT(steady_clock::now() - start, seconds(3));
    billing_.Release();
    legacy_.Release();
  }
}

TEST_F(ShadowTest, CopiesInFlightDoNotHoldUpADrain) {
  Start({.route = "upstream: legacy, shadow: {upstream: billing, timeout: 60s}",
         .more = "drain: {delay: 0s, timeout: 20s}"});
  billing_.HoldReplies();
  EXPECT_EQ(Get().status, 200);
  ASSERT_TRUE(billing_.WaitForCalls(1));
  const auto start = steady_clock::now();
  proxy_->app().BeginDrain();
  EXPECT_TRUE(proxy_->app().WaitUntilDrained());
  proxy_->Stop();
  EXPECT_LT(steady_clock::now() - start, seconds(5));
  EXPECT_TRUE(billing_.WaitForCancelled(1));
}

}  // namespace
}  // namespace puente::test

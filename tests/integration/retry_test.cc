// Retries: only where they are safe, and only as many as the budget has.
#include <fmt/format.h>

#include <chrono>

#include "proxy/telemetry/tracing/otlp/trace_service.pb.h"
#include "tests/integration/traffic_fixture.h"

namespace puente::test {
namespace {

using google::protobuf::MethodOptions;
using opentelemetry::proto::trace::v1::Span;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::SizeIs;

// Without waits, and with a budget that is no limit to a few calls.
constexpr char kThrice[] =
    "retry: {attempts: 3, budget_percent: 100, backoff: {initial: 1ms, max: 1ms}}";

std::string ToBilling(const std::string& retry) { return "upstream: billing, " + retry; }
std::string ToLegacy(const std::string& retry) { return "upstream: legacy, " + retry; }

class RetryTest : public TrafficTest {
 protected:
  // The first `failures` calls of `method` end with `failure`, all others well.
  void Fail(const char* method, int failures, const UnaryReply& failure) {
    auto left = std::make_shared<std::atomic<int>>(failures);
    billing_.OnUnary(method, [left, failure](const UnaryRequest&) {
      return left->fetch_sub(1) > 0 ? failure : UnaryReply::Message(InvoiceOf("billing"));
    });
  }
  void FailLegacy(int failures, int status) {
    auto left = std::make_shared<std::atomic<int>>(failures);
    legacy_.Answer([left, status](const PlainRequest&) {
      if (left->fetch_sub(1) > 0) return PlainReply{.status = status, .body = "no"};
      return PlainReply{.body = kLegacyInvoice};
    });
  }
};

const UnaryReply kAway{.status = {grpc::StatusCode::UNAVAILABLE, "away"}};

TEST_F(RetryTest, ACallThatSucceedsInTheEndIsOneSuccess) {
  Fail(kGetInvoice, 2, kAway);
  StartRoute(ToBilling(kThrice));
  EXPECT_THAT(Get(), IsJson(kBillingInvoice));
  EXPECT_EQ(billing_.CallCount(), 3u);
  EXPECT_TRUE(Reaches(Calls("GetInvoice", "OK", "live"), 1));
  EXPECT_EQ(Metric(Calls("GetInvoice", "UNAVAILABLE", "live")), 0);
  EXPECT_EQ(Metric(Retries("billing")), 2);
  // The backend's own figures have every try.
  EXPECT_EQ(Metric(BackendRequests("billing", 200)), 1);
  EXPECT_EQ(Metric(BackendRequests("billing", 503)), 2);
  EXPECT_THAT(log_.Next(), Says(R"({"status": 200, "grpc_code": "OK"})"));
  EXPECT_THAT(log_.All(), SizeIs(1));
}

TEST_F(RetryTest, AttemptsAreTheMostThatThereAre) {
  Fail(kGetInvoice, 100, kAway);
  StartRoute(ToBilling(kThrice));
  const auto answer = Get();
  EXPECT_THAT(answer, IsError(503, 14));
  EXPECT_THAT(answer.body, testing::HasSubstr("away"));
  EXPECT_EQ(billing_.CallCount(), 3u);
  EXPECT_TRUE(Reaches(Calls("GetInvoice", "UNAVAILABLE", "live"), 1));
}

TEST_F(RetryTest, OnlyTheCodesThatAreListedAreTriedAgain) {
  for (const auto& [code, calls] : {std::pair(grpc::StatusCode::UNAVAILABLE, std::size_t{1}),
                                    std::pair(grpc::StatusCode::ABORTED, std::size_t{2}),
                                    std::pair(grpc::StatusCode::INTERNAL, std::size_t{1})}) {
    SCOPED_TRACE(code);
    Fail(kGetInvoice, 1, {.status = {code, "no"}});
    StartRoute(ToBilling("retry: {attempts: 3, on: [ABORTED], backoff: {initial: 1ms}}"));
    const std::size_t before = billing_.CallCount();
    Get();
    EXPECT_EQ(billing_.CallCount() - before, calls);
  }
}

TEST_F(RetryTest, APostThatMayHaveBeenServedIsNotSentAgain) {
  Fail(kCreateInvoice, 1, kAway);
  StartRoute(ToBilling(kThrice));
  EXPECT_THAT(Post(), IsError(503, 14));
  EXPECT_EQ(billing_.CallCount(), 1u);
  EXPECT_EQ(Metric(Retries("billing")), 0);

  FailLegacy(1, 503);
  StartRoute(ToLegacy(kThrice));
  EXPECT_EQ(Post().body, "no");
  EXPECT_EQ(legacy_.RequestCount(), 1u);
}

TEST_F(RetryTest, APostThatIsMarkedIdempotentIs) {
  for (const auto level : {MethodOptions::IDEMPOTENT, MethodOptions::NO_SIDE_EFFECTS}) {
    SCOPED_TRACE(level);
    Fail(kCreateInvoice, 1, kAway);
    Start({.route = ToBilling(kThrice), .descriptors = MarkedDescriptors(level)});
    const std::size_t before = billing_.CallCount();
    EXPECT_THAT(Post(R"({"discount":2})"), IsJson(kBillingInvoice));
    const auto calls = billing_.Calls();
    ASSERT_EQ(calls.size(), before + 2);
    EXPECT_EQ(calls[before].requests, calls[before + 1].requests);

    FailLegacy(1, 503);
    Start({.route = ToLegacy(kThrice), .descriptors = MarkedDescriptors(level)});
    const std::size_t requests = legacy_.RequestCount();
    EXPECT_EQ(Post(R"({"discount":2})").body, kLegacyInvoice);
    ASSERT_EQ(legacy_.RequestCount(), requests + 2);
    for (std::size_t i : {requests, requests + 1}) {
      EXPECT_EQ(legacy_.Requests()[i].body, R"({"discount":2})");
    }
  }
}

// Nobody listens, and then somebody does.
TEST_F(RetryTest, APostThatNeverReachedTheUpstreamIsSentAgain) {
  constexpr char kPatient[] = "retry: {attempts: 4, backoff: {initial: 700ms, max: 700ms}}";
  legacy_.Stop();
  StartRoute(ToLegacy(kPatient));
  HttpClient client = proxy_->Connect();
  client.Send("POST", "/v1/customers/c/invoices", {}, R"({"discount":2})");
  EXPECT_TRUE(WaitUntil([&] { return Metric(BackendRequests("legacy", 503)) >= 1; }));
  legacy_.Start();
  EXPECT_EQ(client.ReadResponse().body, kLegacyInvoice);
  EXPECT_EQ(legacy_.RequestCount(), 1u);
  EXPECT_EQ(legacy_.Requests()[0].body, R"({"discount":2})");
  EXPECT_GE(Metric(Retries("legacy")), 1);

  billing_.Stop();
  StartRoute(ToBilling("retry: {attempts: 3, backoff: {initial: 1ms, max: 1ms}}"));
  EXPECT_THAT(Post(), IsError(503, 14));
  EXPECT_EQ(Metric(Retries("billing")), 2);
}

TEST_F(RetryTest, PushbackSaysWhen) {
  UnaryReply later = kAway;
  later.trailing_metadata = {{"grpc-retry-pushback-ms", "300"}};
  Fail(kGetInvoice, 1, later);
  StartRoute(ToBilling(kThrice));
  const auto start = steady_clock::now();
  EXPECT_THAT(Get(), IsJson(kBillingInvoice));
  EXPECT_GE(steady_clock::now() - start, milliseconds(300));
  EXPECT_EQ(billing_.CallCount(), 2u);
}

TEST_F(RetryTest, PushbackSaysNeverOrTooLate) {
  for (const char* wait : {"-1", "soon", "60000"}) {
    SCOPED_TRACE(wait);
    UnaryReply never = kAway;
    never.trailing_metadata = {{"grpc-retry-pushback-ms", wait}};
    Fail(kGetInvoice, 1, never);
    StartRoute(ToBilling(kThrice));
    const std::size_t before = billing_.CallCount();
    const auto start = steady_clock::now();
    EXPECT_THAT(Get(), IsError(503, 14));
    EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(5));
    EXPECT_EQ(billing_.CallCount(), before + 1);
  }
}

TEST_F(RetryTest, RetryAfterSaysWhen) {
  auto left = std::make_shared<std::atomic<int>>(1);
  legacy_.Answer([left](const PlainRequest&) {
    if (left->fetch_sub(1) > 0)
      return PlainReply{.status = 503, .more_headers = "Retry-After: 1\r\n"};
    return PlainReply{.body = kLegacyInvoice};
  });
  StartRoute(ToLegacy(kThrice));
  const auto start = steady_clock::now();
  EXPECT_EQ(Get().body, kLegacyInvoice);
  EXPECT_GE(steady_clock::now() - start, std::chrono::seconds(1));
  EXPECT_EQ(legacy_.RequestCount(), 2u);
}

TEST_F(RetryTest, TheBudgetBoundsThemWhenAllFails) {
  for (const bool http : {false, true}) {
    SCOPED_TRACE(http ? "HTTP" : "gRPC");
    Fail(kGetInvoice, 10'000, kAway);
    FailLegacy(10'000, 503);
    const std::string retry =
        "retry: {attempts: 3, budget_percent: 20, backoff: {initial: 1ms, max: 1ms}}";
    StartRoute(http ? ToLegacy(retry) : ToBilling(retry));
    HttpClient client = proxy_->Connect();
    for (int i = 0; i < 200; ++i) EXPECT_EQ(client.Get(kInvoice).status, 503);
    const double retries = Metric(Retries(http ? "legacy" : "billing"));
    // Three at once, and then every fifth: some fewer when a second of the ten has gone meanwhile.
    EXPECT_LE(retries, 40);
    EXPECT_GE(retries, 20);
    const std::size_t calls = http ? legacy_.RequestCount() : billing_.CallCount();
    EXPECT_EQ(calls, 200 + static_cast<std::size_t>(retries));
  }
}

TEST_F(RetryTest, ATryThatIsTooSlowIsCutAndTriedAgain) {
  std::atomic<int> calls{0};
  billing_.OnStream(kGetInvoice, [&](UpstreamStream& stream) {
    stream.Read();
    if (++calls == 1) {
      stream.WaitCancelled();
      return grpc::Status(grpc::StatusCode::CANCELLED, "");
    }
    stream.Write(InvoiceOf("billing"));
    return grpc::Status::OK;
  });
  constexpr char kShortTries[] =
      "retry: {attempts: 2, per_try_timeout: 200ms, on: [DEADLINE_EXCEEDED]}";
  StartRoute(ToBilling(kShortTries));
  EXPECT_THAT(Get(), IsJson(kBillingInvoice));
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(Metric(BackendRequests("billing", 504)), 1);

  std::atomic<int> requests{0};
  const RawServer slow([&](RawServer::Connection& connection) {
    connection.ReadHead();
    if (++requests == 1) connection.AwaitClose();
    connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  Start({.route = ToLegacy(kShortTries), .legacy_url = "http://" + slow.address()});
  EXPECT_EQ(Get().body, "ok");
  EXPECT_EQ(requests, 2);
}

TEST_F(RetryTest, AllTriesTogetherHaveTheTimeoutOfTheRoute) {
  constexpr char kEndless[] =
      "timeout: 700ms, retry: {attempts: 10, per_try_timeout: 200ms, on: [DEADLINE_EXCEEDED], "
      "backoff: {initial: 1ms, max: 1ms}}";
  billing_.HoldReplies();
  legacy_.Hold();
  for (const auto& route : {ToBilling(kEndless), ToLegacy(kEndless)}) {
    SCOPED_TRACE(route);
    StartRoute(route);
    const auto start = steady_clock::now();
    EXPECT_THAT(Get(), IsError(504, 4));
    const auto taken = steady_clock::now() - start;
    EXPECT_GE(taken, milliseconds(650));
    EXPECT_LT(taken, milliseconds(1500));
  }
  EXPECT_EQ(billing_.CallCount(), 4u);
  EXPECT_EQ(legacy_.RequestCount(), 4u);
  billing_.Release();
  legacy_.Release();
}

TEST_F(RetryTest, AFailedHttpAnswerIsTriedAgain) {
  for (const int status : {502, 503}) {
    SCOPED_TRACE(status);
    FailLegacy(2, status);
    StartRoute(ToLegacy(kThrice));
    const std::size_t before = legacy_.RequestCount();
    const auto answer = Get();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, kLegacyInvoice);
    EXPECT_EQ(legacy_.RequestCount(), before + 3);
    EXPECT_EQ(Metric(Retries("legacy")), 2);
    EXPECT_TRUE(Reaches(BackendRequests("legacy", 200), 1));
    EXPECT_EQ(Metric(BackendRequests("legacy", status)), 2);
  }
}

// What the last try brought is passed on as it is, headers and body.
TEST_F(RetryTest, TheLastHttpAnswerIsTheClients) {
  FailLegacy(10, 503);
  StartRoute(ToLegacy(kThrice));
  const auto answer = Get();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "no");
  EXPECT_EQ(legacy_.RequestCount(), 3u);
}

TEST_F(RetryTest, NothingIsTriedAgainAfterTheFirstByteOfTheAnswer) {
  const RawServer cut([](RawServer::Connection& connection) {
    connection.ReadHead();
    connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  Start({.route = ToLegacy(kThrice), .legacy_url = "http://" + cut.address()});
  HttpClient client = proxy_->Connect();
  client.Send("GET", kInvoice);
  try {
    const auto answer = client.ReadResponse();
    EXPECT_FALSE(answer.status == 200 && answer.complete) << answer.body;
  } catch (const ClientError&) {
  }
  EXPECT_EQ(cut.request_count(), 1u);

  billing_.OnStream(kWatchInvoices, [](UpstreamStream& stream) {
    stream.Read();
    stream.Write(InvoiceOf("a"));
    return kAway.status;
  });
  StartRoute(ToBilling(kThrice));
  EXPECT_FALSE(Get(kWatch).complete);
  EXPECT_EQ(billing_.CallCount(), 1u);
}

TEST_F(RetryTest, AClientThatLeavesEndsTheWaitForTheNextTry) {
  Fail(kGetInvoice, 10, kAway);
  StartRoute(ToBilling("retry: {attempts: 10, backoff: {initial: 10s, max: 10s}}"));
  HttpClient client = proxy_->Connect();
  client.Send("GET", kInvoice);
  ASSERT_TRUE(billing_.WaitForCalls(1));
  client.Close();
  EXPECT_THAT(log_.Next(), Says(R"({"flags": ["client_left"]})"));
  EXPECT_EQ(billing_.CallCount(), 1u);
}

// The place that the failed try had is the next one's.
TEST_F(RetryTest, ATryNeedsNoMorePlacesThanOne) {
  for (const bool http : {false, true}) {
    SCOPED_TRACE(http ? "HTTP" : "gRPC");
    Fail(kGetInvoice, 1, kAway);
    FailLegacy(1, 503);
    const std::string more = std::string(kThrice) + ", circuit_breaker: {max_concurrent: 1}";
    StartRoute(http ? ToLegacy(more) : ToBilling(more));
    EXPECT_EQ(Get().status, 200);
  }
}

TEST_F(RetryTest, EveryTryHasASpan) {
  FakeUpstream collector;
  constexpr char kExport[] = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  collector.OnUnary(kExport, UnaryReply{});
  for (const bool http : {false, true}) {
    SCOPED_TRACE(http ? "HTTP" : "gRPC");
    Fail(kGetInvoice, 1, kAway);
    FailLegacy(1, 503);
    const std::size_t before = collector.CallCount();
    const std::size_t calls_before = billing_.CallCount();
    Start({.route = http ? ToLegacy(kThrice) : ToBilling(kThrice),
           .more_telemetry =
               fmt::format(", tracing: {{otlp_endpoint: \"http://{}\"}}", collector.target())});
    EXPECT_EQ(Get().status, 200);
    proxy_->Stop();

    std::vector<Span> clients;
    std::vector<std::string> servers;
    const auto exports = collector.Calls();
    for (std::size_t i = before; i < exports.size(); ++i) {
      opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest request;
      ASSERT_TRUE(request.ParseFromString(exports[i].requests.at(0)));
      for (const Span& span : request.resource_spans(0).scope_spans(0).spans()) {
        if (span.kind() == Span::SPAN_KIND_CLIENT) clients.push_back(span);
        if (span.kind() == Span::SPAN_KIND_SERVER) servers.push_back(span.span_id());
      }
    }
    ASSERT_THAT(servers, SizeIs(1));
    ASSERT_THAT(clients, SizeIs(2));
    EXPECT_NE(clients[0].span_id(), clients[1].span_id());
    for (const Span& span : clients) EXPECT_EQ(span.parent_span_id(), servers[0]);
    // Each call says which span it is.
    if (http) continue;
    const auto calls = billing_.Calls();
    EXPECT_NE(FindMetadata(calls.at(calls_before).metadata, "traceparent"),
              FindMetadata(calls.at(calls_before + 1).metadata, "traceparent"));
  }
}

}  // namespace
}  // namespace puente::test

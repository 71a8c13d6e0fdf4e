// Spans (design section 5): what a collector gets, and what the upstream is told.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proxy/telemetry/tracing/otlp/trace_service.pb.h"
#include "tests/integration/invoice_proxy.h"
#include "tests/integration/streams_proxy.h"
#include "tests/support/web_socket_client.h"
#include "transcoder/hex.h"

namespace puente::test {
namespace {

namespace otlp = opentelemetry::proto;
using otlp::trace::v1::Span;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

constexpr char kExport[] = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr char kTraceId[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kClientSpan[] = "00f067aa0ba902b7";
const std::string kTrace = fmt::format("00-{}-{}-01", kTraceId, kClientSpan);
const std::string kUnsampled = fmt::format("00-{}-{}-00", kTraceId, kClientSpan);

std::string Hex(const std::string& bytes) {
  return ToHex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

template <class Pairs>
std::map<std::string, std::string> Texts(const Pairs& pairs) {
  std::map<std::string, std::string> texts;
  for (const auto& pair : pairs) {
    const auto& value = pair.value();
    texts[pair.key()] =
        value.has_string_value() ? value.string_value() : std::to_string(value.int_value());
  }
  return texts;
}

testing::Matcher<std::map<std::string, std::string>> HasAll(
    const std::vector<std::pair<const std::string, std::string>>& expected) {
  return testing::IsSupersetOf(expected);
}

// An OTLP receiver on grpc++.
class Collector {
 public:
  Collector() { receiver_.OnUnary(kExport, UnaryReply{}); }

  // The configuration that exports to it; `more` are further keys of telemetry.tracing, and
  // `telemetry` of telemetry.
  std::string Config(const std::string& more = {}, const std::string& telemetry = {}) const {
    return fmt::format("telemetry: {{{}tracing: {{otlp_endpoint: \"http://{}\"{}}}}}\n", telemetry,
                       receiver_.target(), more);
  }

  std::vector<otlp::collector::trace::v1::ExportTraceServiceRequest> Requests() const {
    std::vector<otlp::collector::trace::v1::ExportTraceServiceRequest> requests;
    for (const RecordedCall& call : receiver_.Calls()) {
      for (const std::string& bytes : call.requests) {
        EXPECT_TRUE(requests.emplace_back().ParseFromString(bytes));
      }
    }
    return requests;
  }

  std::vector<Span> Spans() const {
    std::vector<Span> spans;
    for (const auto& request : Requests()) {
      for (const auto& resource : request.resource_spans()) {
        for (const auto& scope : resource.scope_spans()) {
          spans.insert(spans.end(), scope.spans().begin(), scope.spans().end());
        }
      }
    }
    return spans;
  }

  FakeUpstream& receiver() { return receiver_; }

 private:
  FakeUpstream receiver_;
};

Span SpanOfKind(const std::vector<Span>& spans, Span::SpanKind kind) {
  const auto found =
      std::ranges::find_if(spans, [kind](const Span& span) { return span.kind() == kind; });
  EXPECT_NE(found, spans.end()) << "no span of kind " << kind;
  return found == spans.end() ? Span() : *found;
}
Span ServerSpan(const std::vector<Span>& spans) {
  return SpanOfKind(spans, Span::SPAN_KIND_SERVER);
}
Span ClientSpan(const std::vector<Span>& spans) {
  return SpanOfKind(spans, Span::SPAN_KIND_CLIENT);
}

// A traced proxy before an upstream with invoices.
class Tracing : public testing::Test {
 protected:
  void Start(const std::string& more = {}, const std::string& telemetry = {}) {
    api_.emplace(collector_.Config(more, telemetry));
  }
  HttpResponse Get(const std::string& target, const HeaderList& headers = {}) {
    return api_->proxy.Get(target, headers);
  }
  Metadata SeenByUpstream() { return api_->upstream.Calls().at(0).metadata; }
  // All that was exported until the proxy's end.
  std::vector<Span> Spans() {
    api_->proxy.Stop();
    return collector_.Spans();
  }

  Collector collector_;
  std::optional<InvoiceProxy> api_;
};

TEST_F(Tracing, ClientProxyAndUpstreamAreOneTrace) {
  Start();
  EXPECT_EQ(Get("/v1/invoices/7", {{"traceparent", kTrace}, {"tracestate", "a=b"}}).status, 200);
  const auto seen = FindMetadata(SeenByUpstream(), "traceparent");
  const auto state = FindMetadata(SeenByUpstream(), "tracestate");
  const auto spans = Spans();
  ASSERT_THAT(spans, SizeIs(2));
  const Span server = ServerSpan(spans);
  const Span client = ClientSpan(spans);
  EXPECT_EQ(Hex(server.trace_id()), kTraceId);
  EXPECT_EQ(Hex(client.trace_id()), kTraceId);
  EXPECT_EQ(Hex(server.parent_span_id()), kClientSpan);
  EXPECT_EQ(client.parent_span_id(), server.span_id());
  EXPECT_EQ(seen, fmt::format("00-{}-{}-01", kTraceId, Hex(client.span_id())));
  EXPECT_EQ(state, "a=b");
  EXPECT_EQ(server.trace_state(), "a=b");
  EXPECT_LE(server.start_time_unix_nano(), client.start_time_unix_nano());
  EXPECT_LE(client.start_time_unix_nano(), client.end_time_unix_nano());
  EXPECT_LE(client.end_time_unix_nano(), server.end_time_unix_nano() + 1000);
}

TEST_F(Tracing, SpansHaveTheNamesAndAttributesOfTheConventions) {
  Start();
  const std::uint16_t port = api_->proxy.port();
  Get("/v1/invoices/7", {{"User-Agent", "curl/8"}, {"X-Request-Id", "r-1"}});
  const std::uint16_t upstream_port = api_->upstream.port();
  const auto spans = Spans();
  const Span server = ServerSpan(spans);
  EXPECT_EQ(server.name(), "GET /v1/invoices/{id}");
  EXPECT_THAT(Texts(server.attributes()), HasAll({{"http.request.method", "GET"},
                                                  {"http.route", "/v1/invoices/{id}"},
                                                  {"url.scheme", "http"},
                                                  {"url.path", "/v1/invoices/7"},
                                                  {"server.address", "127.0.0.1"},
                                                  {"server.port", std::to_string(port)},
                                                  {"client.address", "127.0.0.1"},
                                                  {"network.protocol.version", "1.1"},
                                                  {"user_agent.original", "curl/8"},
                                                  {"puente.request_id", "r-1"}}));
  const Span client = ClientSpan(spans);
  EXPECT_EQ(client.name(), "billing.v1.BillingService/GetInvoice");
  EXPECT_THAT(Texts(client.attributes()),
              HasAll({{"rpc.system.name", "grpc"},
                      {"rpc.system", "grpc"},
                      {"rpc.service", "billing.v1.BillingService"},
                      {"rpc.method", "billing.v1.BillingService/GetInvoice"},
                      {"server.address", "127.0.0.1"},
                      {"server.port", std::to_string(upstream_port)},
                      {"puente.upstream", "examples"}}));
}

TEST_F(Tracing, ResourceAndScopeSayWhoTraces) {
  Start(", service_name: edge");
  Get("/v1/invoices/7");
  Spans();
  const auto requests = collector_.Requests();
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_THAT(Texts(requests[0].resource_spans(0).resource().attributes()),
              AllOf(Contains(Pair("service.name", "edge")), Contains(Key("service.version")),
                    Contains(Key("service.instance.id")), Contains(Key("host.name"))));
  EXPECT_EQ(requests[0].resource_spans(0).scope_spans(0).scope().name(), "puente");
}

TEST_F(Tracing, AMalformedParentBeginsANewTrace) {
  Start();
  for (const char* bad : {"garbage", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", ""}) {
    EXPECT_EQ(Get("/v1/invoices/7", {{"traceparent", bad}, {"tracestate", "a=b"}}).status, 200);
  }
  EXPECT_EQ(FindMetadata(SeenByUpstream(), "tracestate"), std::nullopt);
  std::vector<std::string> ids;
  for (const Span& span : Spans()) {
    if (span.kind() != Span::SPAN_KIND_SERVER) continue;
    EXPECT_EQ(span.parent_span_id(), "");
    ids.push_back(span.trace_id());
  }
  std::ranges::sort(ids);
  EXPECT_EQ(std::ranges::unique(ids).size(), 0u);
  EXPECT_THAT(ids, SizeIs(4));
}

TEST_F(Tracing, WhatTheClientDoesNotSampleIsNotExported) {
  Start();
  EXPECT_EQ(Get("/v1/invoices/7", {{"traceparent", kUnsampled}}).status, 200);
  const auto seen = FindMetadata(SeenByUpstream(), "traceparent").value_or("");
  EXPECT_THAT(seen, testing::MatchesRegex(fmt::format("00-{}-[0-9a-f]{{16}}-00", kTraceId)));
  EXPECT_THAT(Spans(), IsEmpty());
}

TEST_F(Tracing, TheRatioIsForTracesThatBeginHere) {
  Start(", sample_ratio: 0");
  Get("/v1/invoices/7");
  Get("/v1/invoices/7", {{"traceparent", kTrace}});
  const auto spans = Spans();
  EXPECT_THAT(spans, SizeIs(2));
  EXPECT_EQ(Hex(ServerSpan(spans).trace_id()), kTraceId);
}

TEST_F(Tracing, ErrorsOfTheUpstreamAreTold) {
  Start();
  api_->upstream.OnUnary(kGetInvoice, UnaryReply{{grpc::StatusCode::UNAVAILABLE, "s3cret"}});
  EXPECT_EQ(Get("/v1/invoices/7").status, 503);
  api_->upstream.OnUnary(kGetInvoice, UnaryReply{{grpc::StatusCode::NOT_FOUND, "s3cret"}});
  EXPECT_EQ(Get("/v1/invoices/7").status, 404);
  const auto spans = Spans();
  ASSERT_THAT(spans, SizeIs(4));
  std::map<std::string, const Span*> by_status;
  for (const Span& span : spans) {
    const auto texts = Texts(span.attributes());
    const bool is_server = span.kind() == Span::SPAN_KIND_SERVER;
    by_status[texts.at(is_server ? "http.response.status_code" : "rpc.response.status_code")] =
        &span;
    EXPECT_THAT(span.DebugString(), Not(HasSubstr("s3cret")));
  }
  const auto code = [&](const std::string& status) {
    return by_status.at(status)->status().code();
  };
  EXPECT_EQ(code("503"), otlp::trace::v1::Status::STATUS_CODE_ERROR);
  EXPECT_EQ(code("404"), otlp::trace::v1::Status::STATUS_CODE_UNSET);
  EXPECT_EQ(code("UNAVAILABLE"), otlp::trace::v1::Status::STATUS_CODE_ERROR);
  EXPECT_EQ(code("NOT_FOUND"), otlp::trace::v1::Status::STATUS_CODE_ERROR);
  EXPECT_EQ(Texts(by_status.at("503")->attributes()).at("error.type"), "503");
  EXPECT_EQ(Texts(by_status.at("NOT_FOUND")->attributes()).at("error.type"), "NOT_FOUND");
  EXPECT_EQ(Texts(by_status.at("404")->attributes()).count("error.type"), 0u);
}

TEST_F(Tracing, WhatFindsNoRouteHasAServerSpanOnly) {
  Start();
  EXPECT_EQ(Get("/nothing/here").status, 404);
  auto client = api_->proxy.Connect();
  EXPECT_EQ(client.Request("BREW", "/v1/invoices/7").status, 405);
  const auto spans = Spans();
  ASSERT_THAT(spans, SizeIs(2));
  EXPECT_EQ(spans[0].name(), "GET");
  EXPECT_THAT(Texts(spans[0].attributes()), Not(Contains(Key("http.route"))));
  EXPECT_EQ(spans[1].name(), "HTTP");
  EXPECT_THAT(Texts(spans[1].attributes()),
              AllOf(Contains(Pair("http.request.method", "_OTHER")),
                    Contains(Pair("http.request.method_original", "BREW"))));
}

TEST_F(Tracing, WhatIsRedactedIsInNoSpan) {
  Start({},
        "access_log: {path: /dev/null, redact_query: [view], redact_headers: [user-agent], "
        "redact_path_variables: [id]}, ");
  Get("/v1/invoices/s3cret?view=s3cret&sig=s3cret", {{"User-Agent", "s3cret"}});
  const auto spans = Spans();
  for (const Span& span : spans) EXPECT_THAT(span.DebugString(), Not(HasSubstr("s3cret")));
  EXPECT_THAT(Texts(ServerSpan(spans).attributes()),
              AllOf(Contains(Pair("url.path", "/v1/invoices/REDACTED")),
                    Contains(Pair("url.query", "view=REDACTED&sig=REDACTED")),
                    Contains(Pair("user_agent.original", "REDACTED"))));
}

TEST_F(Tracing, ACollectorThatIsAwayChangesNothingForClients) {
  collector_.receiver().Stop();
  Start();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Get("/v1/invoices/7").status, 200);
  EXPECT_EQ(api_->proxy.Admin("/readyz").status, 200);
}

TEST_F(Tracing, ExemplarsNameTracesThatAreExported) {
  Start(", sample_ratio: 0");
  Get("/v1/invoices/7");
  const HeaderList accept = {{"Accept", "application/openmetrics-text; version=1.0.0"}};
  const auto scrape = [&] {
    return HttpClient::Connect(api_->proxy.admin_port()).Get("/metrics", accept);
  };
  EXPECT_THAT(scrape().body, Not(HasSubstr("trace_id")));
  Get("/v1/invoices/7", {{"traceparent", kTrace}});
  // A request is counted when its answer has left.
  ASSERT_TRUE(WaitUntil([&] {
    const std::string text = scrape().body;
    return text.find("http_server_request_duration_seconds_bucket") != std::string::npos &&
           text.find(kTraceId, text.find("http_server")) != std::string::npos;
  }));
  const auto answer = scrape();
  EXPECT_EQ(answer.Header("Content-Type"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  const std::string exemplar = fmt::format(" # [{{]trace_id=\"{}\"[}}] ", kTraceId);
  for (const char* histogram :
       {"http_server_request_duration_seconds_bucket", "grpc_request_duration_seconds_bucket",
        "puente_backend_request_duration_seconds_bucket",
        "puente_transcode_duration_seconds_bucket"}) {
    EXPECT_THAT(answer.body,
                testing::ContainsRegex(fmt::format("{}[^\n]*{}", histogram, exemplar)));
  }
  EXPECT_THAT(answer.body, testing::EndsWith("# EOF\n"));
}

// A variable of this process, for as long as it lives.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~ScopedVariable() { ::unsetenv(name_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* name_;
};

TEST_F(Tracing, B3IsAcceptedAndSentWhenAskedFor) {
  const ScopedVariable propagators("OTEL_PROPAGATORS", "b3multi");
  Start();
  Get("/v1/invoices/7", {{"X-B3-TraceId", kTraceId},
                         {"X-B3-SpanId", kClientSpan},
                         {"X-B3-Sampled", "1"},
                         {"X-B3-ParentSpanId", "05e3ac9a4f6e3b90"}});
  const Metadata seen = SeenByUpstream();
  const auto spans = Spans();
  ASSERT_THAT(spans, SizeIs(2));
  EXPECT_EQ(Hex(ServerSpan(spans).parent_span_id()), kClientSpan);
  EXPECT_EQ(FindMetadata(seen, "x-b3-traceid"), kTraceId);
  EXPECT_EQ(FindMetadata(seen, "x-b3-spanid"), Hex(ClientSpan(spans).span_id()));
  EXPECT_EQ(FindMetadata(seen, "x-b3-sampled"), "1");
  EXPECT_EQ(FindMetadata(seen, "x-b3-parentspanid"), std::nullopt);  // of a span that is not ours
  EXPECT_EQ(FindMetadata(seen, "traceparent"), std::nullopt);
}

TEST_F(Tracing, TheEnvironmentAloneTurnsItOn) {
  const ScopedVariable endpoint("OTEL_EXPORTER_OTLP_ENDPOINT",
                                "http://" + collector_.receiver().target());
  const ScopedVariable name("OTEL_SERVICE_NAME", "from-env");
  const ScopedVariable sampler("OTEL_TRACES_SAMPLER", "always_on");
  api_.emplace();
  Get("/v1/invoices/7", {{"traceparent", kUnsampled}});
  EXPECT_THAT(Spans(), SizeIs(2));
  EXPECT_THAT(Texts(collector_.Requests().at(0).resource_spans(0).resource().attributes()),
              Contains(Pair("service.name", "from-env")));
}

TEST_F(Tracing, BaggageIsPassedOn) {
  Start();
  Get("/v1/invoices/7", {{"baggage", "tenant=acme,user=7;ttl=1"}});
  EXPECT_EQ(FindMetadata(SeenByUpstream(), "baggage"), "tenant=acme,user=7;ttl=1");
}

TEST(TracingStreams, MessagesAreEventsOfTheCall) {
  Collector collector;
  StreamsProxy api(collector.Config());
  api.upstream.OnStream(kTalk, EchoAll);
  const auto answer = api.proxy.Post(kTalkPath, R"([{"text":"a"},{"text":"b"}])");
  EXPECT_EQ(answer.status, 200);
  api.proxy.Stop();
  const auto spans = collector.Spans();
  const Span client = ClientSpan(spans);
  ASSERT_EQ(client.events_size(), 4);
  int sent = 0;
  int received = 0;
  for (const auto& event : client.events()) {
    EXPECT_EQ(event.name(), "rpc.message");
    const auto texts = Texts(event.attributes());
    int& count = texts.at("rpc.message.type") == "SENT" ? sent : received;
    EXPECT_EQ(texts.at("rpc.message.id"), std::to_string(++count));
    EXPECT_GT(std::stoi(texts.at("rpc.message.uncompressed_size")), 0);
  }
  EXPECT_EQ(sent, 2);
  EXPECT_EQ(received, 2);
  EXPECT_EQ(ServerSpan(spans).events_size(), 0);
}

TEST(TracingStreams, OneThatBreaksInTheMiddleIsAnError) {
  Collector collector;
  StreamsProxy api(collector.Config());
  api.upstream.OnStream(kWatchNotes, [](UpstreamStream& stream) {
    stream.Write(NoteOf("a"));
    return grpc::Status(grpc::StatusCode::DATA_LOSS, "s3cret");
  });
  EXPECT_EQ(api.proxy.Get(kWatchPath, {{"Accept", "application/x-ndjson"}}).status, 200);
  api.proxy.Stop();
  const Span server = ServerSpan(collector.Spans());
  EXPECT_EQ(server.status().code(), otlp::trace::v1::Status::STATUS_CODE_ERROR);
  EXPECT_EQ(Texts(server.attributes()).at("error.type"), "DATA_LOSS");
  EXPECT_EQ(Texts(server.attributes()).at("http.response.status_code"), "200");
}

TEST(TracingBehindProxies, TheClientIsWhomATrustedProxySpeaksFor) {
  Collector collector;
  InvoiceProxy api(collector.Config() + "trusted_proxies: [127.0.0.0/8]\n");
  api.proxy.Get("/v1/invoices/7", {{"X-Forwarded-For", "203.0.113.9"}});
  api.proxy.Stop();
  EXPECT_THAT(Texts(ServerSpan(collector.Spans()).attributes()),
              HasAll({{"client.address", "203.0.113.9"}, {"network.peer.address", "127.0.0.1"}}));
}

TEST_F(Tracing, WhatClientsSendIsCut) {
  Start();
  Get("/v1/invoices/7?page=" + std::string(5000, 'x'), {{"User-Agent", std::string(5000, 'y')}});
  for (const Span& span : Spans()) EXPECT_LT(span.ByteSizeLong(), 4000u);
}

TEST(TracingStreams, AWebSocketIsOneRequest) {
  Collector collector;
  StreamsProxy api(collector.Config());
  api.upstream.OnStream(kTalk, EchoAll);
  {
    auto socket = WebSocketClient::Connect(api.proxy.port(), kTalkPath);
    socket.SendText(R"({"text":"a"})");
    EXPECT_THAT(socket.ReadText(), HasSubstr("a"));
    socket.SendClose(1000);
    socket.FinishClose();
  }
  ASSERT_TRUE(api.WaitUntilIdle());
  api.proxy.Stop();
  const auto spans = collector.Spans();
  ASSERT_THAT(spans, SizeIs(2));
  EXPECT_EQ(Texts(ServerSpan(spans).attributes()).at("http.response.status_code"), "101");
  EXPECT_EQ(ClientSpan(spans).name(), "streams.v1.Notes/Talk");
}

}  // namespace
}  // namespace puente::test

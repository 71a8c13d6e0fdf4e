#include "proxy/telemetry/tracing/otlp_http_exporter.h"

#include <gmock/gmock.h>
#include <google/rpc/status.pb.h>

#include <future>

#include "proxy/telemetry/tracing/otlp/trace_service.pb.h"
#include "tests/proxy/http_collector.h"
#include "tests/proxy/sample_span.h"
#include "tests/support/gzip_text.h"

namespace puente {
namespace {

using namespace std::chrono_literals;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;
using Clock = std::chrono::steady_clock;
using test::ExportTwo;
using test::HttpCollector;
using test::SampleResource;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

OtlpSettings SettingsFor(std::uint16_t port) {
  OtlpSettings settings;
  settings.protocol = OtlpSettings::Protocol::kHttp;
  settings.url = {.host = "127.0.0.1", .port = port, .path = "/v1/traces"};
  return settings;
}

ExportResult ExportTwo(const OtlpSettings& settings) {
  OtlpHttpExporter exporter(settings, SampleResource());
  return ExportTwo(exporter);
}

HttpCollector::Script Always(const std::string& answer) {
  return [answer](std::size_t) { return answer; };
}

// `first` for the first request, success for the others.
HttpCollector::Script AtFirst(const std::string& first) {
  return
      [first](std::size_t number) { return number == 0 ? first : HttpCollector::Answer("200 OK"); };
}

const HttpCollector::Script kNoAnswer = [](std::size_t) -> std::optional<std::string> {
  return std::nullopt;
};

int SpanCount(const std::string& body) {
  ExportTraceServiceRequest request;
  if (!request.ParseFromString(body) || request.resource_spans_size() != 1) return -1;
  return request.resource_spans(0).scope_spans(0).spans_size();
}

TEST(OtlpHttpExporterTest, SpansAndHeadersArriveOverOneConnection) {
  HttpCollector collector(Always(HttpCollector::Answer("200 OK")));
  OtlpSettings settings = SettingsFor(collector.port());
  settings.headers = {{"x-token", "abc"}};
  OtlpHttpExporter exporter(settings, SampleResource());
  for (int i = 0; i < 3; ++i) {
    const ExportResult result = ExportTwo(exporter);
    EXPECT_EQ(result.rejected, 0u);
    EXPECT_EQ(result.error, "");
  }
  EXPECT_EQ(collector.ConnectionCount(), 1u);
  const auto requests = collector.Requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].method_string(), "POST");
  EXPECT_EQ(requests[0].target(), "/v1/traces");
  EXPECT_EQ(requests[0]["content-type"], "application/x-protobuf");
  EXPECT_EQ(requests[0]["host"], "127.0.0.1:" + std::to_string(collector.port()));
  EXPECT_EQ(requests[0]["x-token"], "abc");
  EXPECT_THAT(std::string(requests[0]["user-agent"]), HasSubstr("puente/"));
  EXPECT_EQ(SpanCount(requests[2].body()), 2);
}

TEST(OtlpHttpExporterTest, Gzip) {
  HttpCollector collector(Always(HttpCollector::Answer("200 OK")));
  OtlpSettings settings = SettingsFor(collector.port());
  settings.gzip = true;
  OtlpHttpExporter exporter(settings, SampleResource());
  EXPECT_EQ(ExportTwo(exporter).error, "");
  EXPECT_EQ(ExportTwo(exporter).error, "");
  for (const auto& request : collector.Requests()) {
    EXPECT_EQ(request["content-encoding"], "gzip");
    EXPECT_EQ(SpanCount(test::GunzipAll(request.body())), 2);
  }
}

TEST(OtlpHttpExporterTest, SpansThatWereRejectedAreCounted) {
  ExportTraceServiceResponse response;
  response.mutable_partial_success()->set_rejected_spans(1);
  response.mutable_partial_success()->set_error_message("too long");
  HttpCollector collector(Always(HttpCollector::Answer("200 OK", response.SerializeAsString())));
  const ExportResult result = ExportTwo(SettingsFor(collector.port()));
  EXPECT_EQ(result.rejected, 1u);
  EXPECT_EQ(result.error, "too long");
}

TEST(OtlpHttpExporterTest, OnlyWhatMayEndBetterIsTriedAgain) {
  struct Case {
    std::string status;
    std::string headers;
    std::size_t requests;
  };
  const Case cases[] = {
      {"429 Too Many Requests", "Retry-After: 0\r\n", 2},
      {"502 Bad Gateway", "Retry-After: 0\r\n", 2},
      {"503 Service Unavailable", "", 2},
      {"503 Service Unavailable", "Retry-After: 3600\r\n", 1},
      {"504 Gateway Timeout", "Retry-After: 0\r\n", 2},
      {"500 Internal Server Error", "Retry-After: 0\r\n", 1},
      {"401 Unauthorized", "", 1},
      {"307 Temporary Redirect", "Location: /elsewhere\r\n", 1},
  };
  google::rpc::Status why;
  why.set_message("for a reason");
  for (const Case& c : cases) {
    SCOPED_TRACE(c.status + c.headers);
    HttpCollector collector(
        AtFirst(HttpCollector::Answer(c.status, why.SerializeAsString(), c.headers)));
    const ExportResult result = ExportTwo(SettingsFor(collector.port()));
    EXPECT_EQ(collector.Requests().size(), c.requests);
    EXPECT_EQ(result.rejected, c.requests == 1 ? 2u : 0u);
    if (c.requests == 1) {
      EXPECT_EQ(result.error, "HTTP status " + c.status.substr(0, 3) + ": for a reason");
    }
  }
}

TEST(OtlpHttpExporterTest, AConnectionThatWasKeptAndClosedIsReplaced) {
  HttpCollector collector(Always(HttpCollector::Answer("200 OK")));
  OtlpSettings settings = SettingsFor(collector.port());
  settings.timeout = 2s;
  OtlpHttpExporter exporter(settings, SampleResource());
  EXPECT_EQ(ExportTwo(exporter).error, "");
  collector.CloseConnections();
  const auto begin = Clock::now();
  EXPECT_EQ(ExportTwo(exporter).error, "");
  EXPECT_LT(Clock::now() - begin, 400ms) << "without a pause";
  EXPECT_EQ(collector.ConnectionCount(), 2u);
}

TEST(OtlpHttpExporterTest, AnAnswerThatEndsTheConnectionIsRespected) {
  HttpCollector collector(Always(HttpCollector::Answer("200 OK", "", "Connection: close\r\n")));
  OtlpHttpExporter exporter(SettingsFor(collector.port()), SampleResource());
  EXPECT_EQ(ExportTwo(exporter).error, "");
  EXPECT_EQ(ExportTwo(exporter).error, "");
  EXPECT_EQ(collector.ConnectionCount(), 2u);
}

TEST(OtlpHttpExporterTest, AConnectionThatBreaksIsTriedAgain) {
  HttpCollector collector(AtFirst(""));
  EXPECT_EQ(ExportTwo(SettingsFor(collector.port())).error, "");
  EXPECT_EQ(collector.Requests().size(), 2u);
}

TEST(OtlpHttpExporterTest, AnAnswerIsBounded) {
  HttpCollector collector(Always(HttpCollector::Answer("200 OK", std::string(65537, 'x'))));
  OtlpSettings settings = SettingsFor(collector.port());
  settings.timeout = 300ms;
  EXPECT_EQ(ExportTwo(settings).error, "the collector's answer is too large");
}

TEST(OtlpHttpExporterTest, WhatIsNoHttpFails) {
  HttpCollector collector(Always("SSH-2.0-OpenSSH\r\n\r\n"));
  OtlpSettings settings = SettingsFor(collector.port());
  settings.timeout = 300ms;
  EXPECT_EQ(ExportTwo(settings).rejected, 2u);
}

TEST(OtlpHttpExporterTest, ACollectorThatIsAwayOrHangsTakesNoLongerThanTheTimeout) {
  std::uint16_t free_port = 0;
  {
    HttpCollector away(kNoAnswer);
    free_port = away.port();
  }
  HttpCollector hanging(kNoAnswer);
  for (const std::uint16_t port : {free_port, hanging.port()}) {
    OtlpSettings settings = SettingsFor(port);
    settings.timeout = 800ms;
    const auto begin = Clock::now();
    const ExportResult result = ExportTwo(settings);
    EXPECT_LT(Clock::now() - begin, 4s);
    EXPECT_EQ(result.rejected, 2u);
    EXPECT_NE(result.error, "");
  }
}

TEST(OtlpHttpExporterTest, AHostThatIsNotThereFails) {
  OtlpSettings settings = SettingsFor(4318);
  settings.url.host = "collector.invalid";
  settings.timeout = 300ms;
  const ExportResult result = ExportTwo(settings);
  EXPECT_EQ(result.rejected, 2u);
  EXPECT_THAT(result.error, AllOf(Not(""), Not(HasSubstr("invalid"))));
}

TEST(OtlpHttpExporterTest, AHostMayBeAName) {
  HttpCollector collector(Always(HttpCollector::Answer("200 OK")));
  OtlpSettings settings = SettingsFor(collector.port());
  settings.url.host = "localhost";
  EXPECT_EQ(ExportTwo(settings).error, "");
}

TEST(OtlpHttpExporterTest, CancelEndsAnExport) {
  HttpCollector collector(kNoAnswer);
  OtlpSettings settings = SettingsFor(collector.port());
  settings.timeout = 60s;
  OtlpHttpExporter exporter(settings, SampleResource());
  auto result = std::async(std::launch::async, [&] { return ExportTwo(exporter); });
  ASSERT_TRUE(collector.WaitForRequests(1));
  exporter.Cancel();
  ASSERT_EQ(result.wait_for(10s), std::future_status::ready);
  EXPECT_EQ(result.get().rejected, 2u);
  EXPECT_EQ(ExportTwo(exporter).error, "the export was cancelled");
  EXPECT_EQ(collector.ConnectionCount(), 1u);
}

}  // namespace
}  // namespace puente

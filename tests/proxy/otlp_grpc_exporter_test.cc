#include "proxy/telemetry/tracing/otlp_grpc_exporter.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <atomic>
#include <ctime>
#include <future>

#include "proxy/file_contents.h"
#include "proxy/telemetry/tracing/otlp/trace_service.pb.h"
#include "tests/proxy/sample_span.h"
#include "tests/support/fake_upstream.h"

namespace puente {
namespace {

using namespace std::chrono_literals;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using test::ExportTwo;
using test::FakeUpstream;
using test::FindMetadata;
using test::SampleResource;
using test::TestCertificates;
using test::UnaryReply;
using testing::HasSubstr;

constexpr char kMethod[] = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

OtlpSettings SettingsFor(std::uint16_t port) {
  OtlpSettings settings;
  settings.url = {.host = "127.0.0.1", .port = port};
  return settings;
}

ExportResult ExportTwo(const OtlpSettings& settings) {
  OtlpGrpcExporter exporter(settings, SampleResource());
  return ExportTwo(exporter);
}

std::string RetryDetails(milliseconds delay) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_nanos(static_cast<int>(delay.count()) * 1'000'000);
  google::rpc::Status status;
  status.add_details()->PackFrom(info);
  return status.SerializeAsString();
}

// Answers with `first` once, and after it with success.
FakeUpstream::UnaryScript FailingOnce(grpc::Status first) {
  return [first = std::move(first),
          calls = std::make_shared<std::atomic<int>>(0)](const test::UnaryRequest&) -> UnaryReply {
    return calls->fetch_add(1) == 0 ? UnaryReply{.status = first} : UnaryReply{};
  };
}

TEST(OtlpGrpcExporterTest, SpansAndHeadersArrive) {
  FakeUpstream collector;
  collector.OnUnary(kMethod, UnaryReply{});
  OtlpSettings settings = SettingsFor(collector.port());
  settings.headers = {{"x-token", "abc"}};
  const ExportResult result = ExportTwo(settings);
  EXPECT_EQ(result.rejected, 0u);
  EXPECT_EQ(result.error, "");
  const auto calls = collector.Calls();
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(FindMetadata(calls[0].metadata, "x-token"), "abc");
  EXPECT_THAT(FindMetadata(calls[0].metadata, "user-agent").value_or(""), HasSubstr("puente/"));
  ASSERT_TRUE(calls[0].deadline);
  ExportTraceServiceRequest request;
  ASSERT_TRUE(request.ParseFromString(calls[0].requests.at(0)));
  EXPECT_EQ(request.resource_spans(0).scope_spans(0).spans_size(), 2);
}

TEST(OtlpGrpcExporterTest, WhatIsCompressedArrives) {
  FakeUpstream collector;
  collector.OnUnary(kMethod, UnaryReply{});
  OtlpSettings settings = SettingsFor(collector.port());
  settings.gzip = true;
  EXPECT_EQ(ExportTwo(settings).error, "");
  ExportTraceServiceRequest request;
  EXPECT_TRUE(request.ParseFromString(collector.Calls().at(0).requests.at(0)));
  EXPECT_EQ(request.resource_spans_size(), 1);
}

TEST(OtlpGrpcExporterTest, SpansThatWereRejectedAreCounted) {
  FakeUpstream collector;
  ExportTraceServiceResponse response;
  response.mutable_partial_success()->set_rejected_spans(1);
  response.mutable_partial_success()->set_error_message("too long");
  collector.OnUnary(kMethod, UnaryReply::Message(response));
  const ExportResult result = ExportTwo(SettingsFor(collector.port()));
  EXPECT_EQ(result.rejected, 1u);
  EXPECT_EQ(result.error, "too long");
}

TEST(OtlpGrpcExporterTest, OnlyWhatMayEndBetterIsTriedAgain) {
  struct Case {
    grpc::Status first;
    std::size_t calls;
  };
  const Case cases[] = {
      {{grpc::StatusCode::UNAVAILABLE, "later"}, 2},
      {{grpc::StatusCode::ABORTED, "later", RetryDetails(1ms)}, 2},
      {{grpc::StatusCode::CANCELLED, "later", RetryDetails(1ms)}, 2},
      {{grpc::StatusCode::DEADLINE_EXCEEDED, "later", RetryDetails(1ms)}, 2},
      {{grpc::StatusCode::OUT_OF_RANGE, "later", RetryDetails(1ms)}, 2},
      {{grpc::StatusCode::DATA_LOSS, "later", RetryDetails(1ms)}, 2},
      {{grpc::StatusCode::RESOURCE_EXHAUSTED, "later", RetryDetails(1ms)}, 2},
      {{grpc::StatusCode::RESOURCE_EXHAUSTED, "no"}, 1},
      {{grpc::StatusCode::UNAUTHENTICATED, "no"}, 1},
      {{grpc::StatusCode::INVALID_ARGUMENT, "no", RetryDetails(1ms)}, 1},
      {{grpc::StatusCode::INTERNAL, "no"}, 1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(fmt::format("{} {}", static_cast<int>(c.first.error_code()), c.calls));
    FakeUpstream collector;
    collector.OnUnary(kMethod, FailingOnce(c.first));
    const ExportResult result = ExportTwo(SettingsFor(collector.port()));
    EXPECT_EQ(collector.CallCount(), c.calls);
    EXPECT_EQ(result.rejected, c.calls == 1 ? 2u : 0u);
    EXPECT_THAT(result.error, c.calls == 1 ? HasSubstr(": no") : HasSubstr(""));
  }
}

TEST(OtlpGrpcExporterTest, ADelayBeyondTheTimeoutIsTheEnd) {
  FakeUpstream collector;
  collector.OnUnary(kMethod, FailingOnce({grpc::StatusCode::RESOURCE_EXHAUSTED, "much later",
                                          RetryDetails(900ms)}));
  OtlpSettings settings = SettingsFor(collector.port());
  settings.timeout = 500ms;
  EXPECT_THAT(ExportTwo(settings).error, HasSubstr("RESOURCE_EXHAUSTED: much later"));
  EXPECT_EQ(collector.CallCount(), 1u);
}

TEST(OtlpGrpcExporterTest, ACollectorThatIsAwayTakesNoLongerThanTheTimeout) {
  FakeUpstream collector;
  OtlpSettings settings = SettingsFor(collector.port());
  collector.Stop();
  settings.timeout = 1200ms;
  const auto begin = Clock::now();
  const ExportResult result = ExportTwo(settings);
  EXPECT_LT(Clock::now() - begin, 5s);
  EXPECT_EQ(result.rejected, 2u);
  EXPECT_THAT(result.error, HasSubstr("UNAVAILABLE"));
}

TEST(OtlpGrpcExporterTest, ACollectorThatComesBackIsFound) {
  FakeUpstream collector;
  collector.OnUnary(kMethod, UnaryReply{});
  OtlpGrpcExporter exporter(SettingsFor(collector.port()), SampleResource());
  EXPECT_EQ(ExportTwo(exporter).error, "");
  collector.Stop();
  auto result = std::async(std::launch::async, [&] { return ExportTwo(exporter); });
  collector.Start();
  EXPECT_EQ(result.get().error, "");
  EXPECT_EQ(collector.CallCount(), 2u);
}

// Waiting for an answer must take no time of the CPU: not this thread's, nor that of any other.
TEST(OtlpGrpcExporterTest, ACollectorThatHangsCostsTheTimeoutAndNoCpu) {
  FakeUpstream collector;
  collector.OnUnary(kMethod, UnaryReply{});
  collector.HoldReplies();
  OtlpSettings settings = SettingsFor(collector.port());
  settings.timeout = 1500ms;
  const std::clock_t cpu = std::clock();
  const auto begin = Clock::now();
  const ExportResult result = ExportTwo(settings);
  EXPECT_GE(Clock::now() - begin, 1400ms);
  EXPECT_LT(Clock::now() - begin, 6s);
  EXPECT_LT(static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC, 0.7);
  EXPECT_THAT(result.error, HasSubstr("DEADLINE_EXCEEDED"));
  EXPECT_TRUE(collector.WaitForCancelled(1));
}

TEST(OtlpGrpcExporterTest, CancelEndsACallAndAPause) {
  FakeUpstream collector;
  collector.OnUnary(kMethod, UnaryReply{});
  collector.HoldReplies();
  OtlpSettings settings = SettingsFor(collector.port());
  settings.timeout = 60s;
  OtlpGrpcExporter exporter(settings, SampleResource());
  auto result = std::async(std::launch::async, [&] { return ExportTwo(exporter); });
  ASSERT_TRUE(collector.WaitForCalls(1));
  exporter.Cancel();
  ASSERT_EQ(result.wait_for(10s), std::future_status::ready);
  EXPECT_EQ(result.get().rejected, 2u);
  EXPECT_EQ(ExportTwo(exporter).error, "the export was cancelled");
  EXPECT_EQ(collector.CallCount(), 1u);
}

TEST(OtlpGrpcExporterTest, Tls) {
  TestCertificates certificates;
  FakeUpstream collector(
      {.certificate = certificates.server, .client_ca = certificates.authority.file()});
  collector.OnUnary(kMethod, UnaryReply{});
  const auto read = [](const std::string& file) { return ReadFile(file).value_or(""); };
  OtlpSettings good = SettingsFor(collector.port());
  good.timeout = 700ms;
  good.url.tls = true;
  good.tls = {.ca = read(certificates.ca),
              .certificate = read(certificates.client_with_dns.certificate),
              .private_key = read(certificates.client_with_dns.private_key)};
  OtlpSettings other_ca = good;
  other_ca.tls.ca = read(certificates.other_authority.file());
  OtlpSettings other_name = good;
  other_name.tls.server_name = "collector.example";
  OtlpSettings own_name = good;
  own_name.tls.server_name = "localhost";
  OtlpSettings no_certificate = good;
  no_certificate.tls.certificate.clear();
  no_certificate.tls.private_key.clear();
  EXPECT_EQ(ExportTwo(good).error, "");
  EXPECT_EQ(ExportTwo(own_name).error, "");
  EXPECT_EQ(ExportTwo(other_ca).rejected, 2u);
  EXPECT_EQ(ExportTwo(other_name).rejected, 2u);
  EXPECT_EQ(ExportTwo(no_certificate).rejected, 2u);
  EXPECT_EQ(collector.CallCount(), 2u);
}

}  // namespace
}  // namespace puente

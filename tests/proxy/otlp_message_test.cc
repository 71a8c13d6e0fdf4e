#include "proxy/telemetry/tracing/otlp_message.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include "proxy/telemetry/tracing/otlp/trace_service.pb.h"
#include "proxy/version.h"
#include "tests/proxy/sample_span.h"

namespace puente {
namespace {

using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;
namespace trace = opentelemetry::proto::trace::v1;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::SampleResource;
using test::SampleSpan;
using testing::HasSubstr;

ExportTraceServiceRequest Parse(const std::string& bytes) {
  ExportTraceServiceRequest request;
  EXPECT_TRUE(request.ParseFromString(bytes));
  return request;
}

trace::Span Printed(const Span& span) {
  const auto request = Parse(PrintOtlpRequest({&span, 1}, SampleResource()));
  return request.resource_spans(0).scope_spans(0).spans(0);
}

TEST(OtlpMessageTest, ARequestHasTheResourceTheScopeAndAllSpans) {
  const std::vector<Span> spans = {SampleSpan("one"), SampleSpan("two")};
  const auto request = Parse(PrintOtlpRequest(
      spans, std::vector<ResourceAttribute>{{"service.name", "test"}, {"process.pid", 7}}));
  ASSERT_EQ(request.resource_spans_size(), 1);
  const auto& group = request.resource_spans(0);
  ASSERT_EQ(group.resource().attributes_size(), 2);
  EXPECT_EQ(group.resource().attributes(0).key(), "service.name");
  EXPECT_EQ(group.resource().attributes(0).value().string_value(), "test");
  EXPECT_EQ(group.resource().attributes(1).value().int_value(), 7);
  ASSERT_EQ(group.scope_spans_size(), 1);
  EXPECT_EQ(group.scope_spans(0).scope().name(), "puente");
  EXPECT_EQ(group.scope_spans(0).scope().version(), kVersion);
  ASSERT_EQ(group.scope_spans(0).spans_size(), 2);
  EXPECT_EQ(group.scope_spans(0).spans(1).name(), "two");
}

TEST(OtlpMessageTest, ASpanHasAllThatItHas) {
  Span span = SampleSpan("GET /v1/invoices/{id}");
  span.parent_id.fill(0x09);
  span.parent_is_remote = true;
  span.trace_state = "a=b";
  span.kind = Span::Kind::kClient;
  span.attributes = {{"http.route", "/v1/invoices/{id}"},
                     {"http.response.status_code", std::int64_t{503}}};
  span.events = {{span.start + milliseconds(1), "message", {{"message.id", std::int64_t{1}}}}};
  span.dropped_events = 3;
  span.status = Span::Status::kError;
  span.status_message = "away";
  const trace::Span printed = Printed(span);
  EXPECT_EQ(printed.trace_id(), std::string(16, '\x4b'));
  EXPECT_EQ(printed.span_id(), std::string(8, '\x07'));
  EXPECT_EQ(printed.parent_span_id(), std::string(8, '\x09'));
  EXPECT_EQ(printed.trace_state(), "a=b");
  EXPECT_EQ(printed.kind(), trace::Span::SPAN_KIND_CLIENT);
  EXPECT_EQ(printed.start_time_unix_nano(), 1'000'000'000u);
  EXPECT_EQ(printed.end_time_unix_nano(), 1'005'000'000u);
  ASSERT_EQ(printed.attributes_size(), 2);
  EXPECT_EQ(printed.attributes(0).value().string_value(), "/v1/invoices/{id}");
  EXPECT_EQ(printed.attributes(1).value().int_value(), 503);
  ASSERT_EQ(printed.events_size(), 1);
  EXPECT_EQ(printed.events(0).name(), "message");
  EXPECT_EQ(printed.events(0).time_unix_nano(), 1'001'000'000u);
  EXPECT_EQ(printed.events(0).attributes(0).key(), "message.id");
  EXPECT_EQ(printed.dropped_events_count(), 3u);
  EXPECT_EQ(printed.status().code(), trace::Status::STATUS_CODE_ERROR);
  EXPECT_EQ(printed.status().message(), "away");
  EXPECT_EQ(printed.flags(), 0x301u);
}

TEST(OtlpMessageTest, ARootHasNoParentAndAnUnsetStatusIsLeftOut) {
  const trace::Span printed = Printed(SampleSpan("root"));
  EXPECT_EQ(printed.parent_span_id(), "");
  EXPECT_FALSE(printed.has_status());
  EXPECT_EQ(printed.kind(), trace::Span::SPAN_KIND_SERVER);
  EXPECT_EQ(printed.flags(), 0x101u);
}

TEST(OtlpMessageTest, TextThatIsNoUtf8IsMendedSoThatTheBatchIsNotLost) {
  Span span = SampleSpan("a\xff");
  span.attributes = {{"user_agent.original", "\xc3\x28"}};
  const trace::Span printed = Printed(span);
  EXPECT_EQ(printed.name(), "a\xef\xbf\xbd");
  EXPECT_EQ(printed.attributes(0).value().string_value(), "\xef\xbf\xbd(");
}

// Field 16 is fixed32: its tag is (16 << 3 | 5), a varint of two bytes.
TEST(OtlpMessageTest, FlagsAreOnTheWireAsFixed32) {
  const Span span = SampleSpan("a");
  EXPECT_THAT(PrintOtlpRequest({&span, 1}, {}), HasSubstr(std::string("\x85\x01\x01\x01\0\0", 6)));
}

TEST(OtlpMessageTest, AnAnswerTellsWhatWasRejected) {
  struct Case {
    std::int64_t rejected;
    std::string message;
    ExportResult expected;
  };
  const Case cases[] = {
      {0, "", {0, ""}},
      {2, "too old", {2, "too old"}},
      {0, "slow down", {0, "slow down"}},
      {1, "", {1, "the collector rejected spans and did not say why"}},
      {99, "all", {5, "all"}},
      {-1, "", {0, ""}},
  };
  for (const Case& c : cases) {
    ExportTraceServiceResponse response;
    response.mutable_partial_success()->set_rejected_spans(c.rejected);
    response.mutable_partial_success()->set_error_message(c.message);
    const ExportResult result = ReadOtlpResponse(response.SerializeAsString(), 5);
    EXPECT_EQ(result.rejected, c.expected.rejected) << c.message;
    EXPECT_EQ(result.error, c.expected.error);
  }
  for (const std::string_view bytes : {"", "\xff\xff"}) {
    EXPECT_EQ(ReadOtlpResponse(bytes, 5).rejected, 0u);
    EXPECT_EQ(ReadOtlpResponse(bytes, 5).error, "");
  }
}

TEST(OtlpMessageTest, AStatusTellsWhyAndWhenToTryAgain) {
  google::rpc::Status status;
  status.set_message("too\nmuch");
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(2);
  info.mutable_retry_delay()->set_nanos(1);
  status.add_details()->PackFrom(info);
  const OtlpStatus read = ReadOtlpStatus(status.SerializeAsString());
  EXPECT_THAT(read.message, testing::Not(HasSubstr("\n")));
  EXPECT_EQ(read.retry_delay, milliseconds(2001));
  info.mutable_retry_delay()->set_seconds(-5);
  info.mutable_retry_delay()->set_nanos(-1);
  status.mutable_details(0)->PackFrom(info);
  EXPECT_EQ(ReadOtlpStatus(status.SerializeAsString()).retry_delay, milliseconds(0));
  EXPECT_EQ(ReadOtlpStatus("\xff").retry_delay, std::nullopt);
  EXPECT_EQ(ReadOtlpStatus("").message, "");
}

}  // namespace
}  // namespace puente

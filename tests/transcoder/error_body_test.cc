// Errors as JSON: design section 4, rule 3.
#include "transcoder/error_body.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/transcoder/codec_fixture.h"

namespace puente {
namespace {

ErrorBodyOptions Options(ErrorFormat format = ErrorFormat::kStatus, int max_depth = 100) {
  return {.format = format, .pool = &testing::CodecDescriptors()->pool(), .max_depth = max_depth};
}

std::string Print(const Error& error, int max_depth = 100) {
  return PrintErrorBody(error, Options(ErrorFormat::kStatus, max_depth));
}

std::string PrintStatus(const google::rpc::Status& status, int max_depth = 100) {
  return Print({.code = Code::kNotFound,
                .message = "fallback",
                .status_details = status.SerializeAsString()},
               max_depth);
}

TEST(ErrorBody, HasCodeAndMessage) {
  EXPECT_EQ(Print({Code::kNotFound, "no such \"book\"\n"}),
            R"({"code":5,"message":"no such \"book\"\n"})");
  EXPECT_EQ(Print({Code::kUnavailable, ""}), R"({"code":14,"message":""})");
}

TEST(ErrorBody, DetailsArePrintedByTheirTypes) {
  google::rpc::Status status;
  status.set_code(9);
  status.set_message("from upstream");
  google::rpc::BadRequest bad_request;
  auto& violation = *bad_request.add_field_violations();
  violation.set_field("a.b");
  violation.set_description("too long");
  status.add_details()->PackFrom(bad_request);
  google::protobuf::Duration delay;
  delay.set_seconds(5);
  status.add_details()->PackFrom(delay);
  EXPECT_EQ(PrintStatus(status),
            R"({"code":5,"message":"from upstream","details":[)"
            R"({"@type":"type.googleapis.com/google.rpc.BadRequest",)"
            R"("fieldViolations":[{"field":"a.b","description":"too long"}]},)"
            R"({"@type":"type.googleapis.com/google.protobuf.Duration","value":"5s"}]})");
}

TEST(ErrorBody, AStatusWithoutMessageLeavesTheErrors) {
  EXPECT_EQ(PrintStatus({}), R"({"code":5,"message":"fallback"})");
}

TEST(ErrorBody, DetailsDegradeOneByOne) {
  google::rpc::Status status;
  auto& unknown = *status.add_details();
  unknown.set_type_url("x/no.Such");
  unknown.set_value("\x01");
  auto& broken = *status.add_details();
  broken.set_type_url("x/puente.codec.Inner");
  broken.set_value("\x0a");
  google::protobuf::Timestamp late;
  late.set_seconds(std::int64_t{1} << 60);
  status.add_details()->PackFrom(late);
  codec::Inner inner;
  inner.set_id("a");
  status.add_details()->PackFrom(inner);
  EXPECT_EQ(
      PrintStatus(status),
      R"({"code":5,"message":"fallback","details":[{"@type":"x/no.Such","value":"AQ=="},)"
      R"({"@type":"x/puente.codec.Inner","value":"Cg=="},)"
      R"({"@type":"type.googleapis.com/google.protobuf.Timestamp","value":"CICAgICAgICAEA=="},)"
      R"({"@type":"type.googleapis.com/puente.codec.Inner","id":"a"}]})");
}

TEST(ErrorBody, DeepDetailsDegrade) {
  google::rpc::Status status;
  codec::Inner inner;
  inner.mutable_next()->mutable_next();
  status.add_details()->PackFrom(inner);
  const std::string whole =
      R"({"code":5,"message":"fallback","details":[)"
      R"({"@type":"type.googleapis.com/puente.codec.Inner","next":{"next":{}}}]})";
  EXPECT_EQ(PrintStatus(status, 5), whole);
  EXPECT_EQ(PrintStatus(status, 4),
            R"({"code":5,"message":"fallback","details":[)"
            R"({"@type":"type.googleapis.com/puente.codec.Inner","value":"GgIaAA=="}]})");
}

TEST(ErrorBody, WhatIsNoStatusIsLeftOut) {
  for (const std::string bytes : {"\xff\xff\xff", "\x12\x7f", "garbage", "\x1a\x02\x0a\x7f"}) {
    EXPECT_EQ(Print({.code = Code::kInternal, .message = "m", .status_details = bytes}),
              R"({"code":13,"message":"m"})");
  }
}

TEST(ErrorBody, IsAlwaysUtf8) {
  EXPECT_EQ(Print({Code::kInternal,
                   "a\xff\xC3\xA9\xC3"
                   "b"}),
            "{\"code\":13,\"message\":\"a\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD"
            "b\"}");
  EXPECT_EQ(Print({.code = Code::kInternal,
                   .message = "m",
                   .status_details = std::string("\x12\x01\xff\x1a\x03\x0a\x01\xfe", 8)}),
            "{\"code\":13,\"message\":\"\xEF\xBF\xBD\",\"details\":[{\"@type\":\"\xEF\xBF\xBD\","
            "\"value\":\"\"}]}");
}

struct FormatCase {
  ErrorFormat format;
  std::string type;
  std::string body;     // of NotFoundWithDetails
  std::string bare;     // of an error without details
  std::string in_band;  // of NotFoundWithDetails
};

Error NotFoundWithDetails() {
  google::rpc::Status status;
  status.set_message("gone \"away\"");
  google::protobuf::Duration delay;
  delay.set_seconds(5);
  status.add_details()->PackFrom(delay);
  auto& unknown = *status.add_details();
  unknown.set_type_url("x/no.Such");
  unknown.set_value("\x01");
  return {.code = Code::kNotFound, .status_details = status.SerializeAsString()};
}

constexpr char kDetails[] =
    R"("details":[{"@type":"type.googleapis.com/google.protobuf.Duration","value":"5s"},)"
    R"({"@type":"x/no.Such","value":"AQ=="}])";

std::vector<FormatCase> FormatCases() {
  const std::string details = kDetails;
  const std::string status = R"({"code":5,"message":"gone \"away\"",)" + details + "}";
  const std::string aip =
      R"({"code":404,"message":"gone \"away\"","status":"NOT_FOUND",)" + details + "}";
  const std::string problem =
      R"({"type":"about:blank","title":"Not Found","status":404,"detail":"gone \"away\"",)"
      R"("code":"NOT_FOUND",)" +
      details + "}";
  return {
      {ErrorFormat::kStatus, "application/json", status, R"({"code":12,"message":"m"})", status},
      {ErrorFormat::kAip193, "application/json", "{\"error\":" + aip + "}",
       R"({"error":{"code":405,"message":"m","status":"UNIMPLEMENTED"}})", aip},
      {ErrorFormat::kProblem, "application/problem+json", problem,
       R"({"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"m",)"
       R"("code":"UNIMPLEMENTED"})",
       problem},
  };
}

TEST(ErrorBody, HasThreeFormats) {
  for (const FormatCase& c : FormatCases()) {
    SCOPED_TRACE(c.body);
    EXPECT_EQ(ErrorContentType(c.format), c.type);
    EXPECT_EQ(PrintErrorBody(NotFoundWithDetails(), Options(c.format)), c.body);
    EXPECT_EQ(PrintErrorBody({Code::kUnimplemented, "m", 405}, Options(c.format)), c.bare);
    EXPECT_EQ(PrintInBandError(NotFoundWithDetails(), Options(c.format)), c.in_band);
  }
}

TEST(ErrorBody, ACodeOutsideOfTheTableHasAName) {
  EXPECT_EQ(PrintErrorBody({static_cast<Code>(42), "m"}, Options(ErrorFormat::kAip193)),
            R"({"error":{"code":500,"message":"m","status":"UNKNOWN"}})");
}

// What stands around a detail counts, also what the framing of a stream puts there.
TEST(ErrorBody, DetailsThatAreTooDeepDegradeInAllFormats) {
  google::rpc::Status status;
  codec::Inner inner;
  inner.mutable_next()->mutable_next();
  status.add_details()->PackFrom(inner);
  const Error error{.code = Code::kNotFound, .status_details = status.SerializeAsString()};
  for (const ErrorFormat format :
       {ErrorFormat::kStatus, ErrorFormat::kAip193, ErrorFormat::kProblem}) {
    const int depth = format == ErrorFormat::kAip193 ? 6 : 5;
    const auto whole = ::testing::HasSubstr(R"("next":{"next":{}})");
    const auto degraded = ::testing::HasSubstr(R"("value":"GgIaAA==")");
    EXPECT_THAT(PrintErrorBody(error, Options(format, depth)), whole);
    EXPECT_THAT(PrintErrorBody(error, Options(format, depth - 1)), degraded);
    EXPECT_THAT(PrintInBandError(error, Options(format, 6)), whole);
    EXPECT_THAT(PrintInBandError(error, Options(format, 5)), degraded);
  }
}

TEST(ErrorBody, BrokenTextIsMendedInAllFormats) {
  for (const ErrorFormat format :
       {ErrorFormat::kStatus, ErrorFormat::kAip193, ErrorFormat::kProblem}) {
    EXPECT_THAT(PrintErrorBody({Code::kInternal, "a\xff\n\"z"}, Options(format)),
                ::testing::HasSubstr("\"a\xEF\xBF\xBD\\n\\\"z\""));
  }
}

}  // namespace
}  // namespace puente

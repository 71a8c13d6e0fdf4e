// Errors as JSON: design section 4, rule 3.
#include "transcoder/error_body.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/transcoder/codec_fixture.h"

namespace puente {
namespace {

std::string Print(const Error& error, int max_depth = 100) {
  return PrintErrorBody(error, testing::CodecDescriptors()->pool(), max_depth);
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

}  // namespace
}  // namespace puente

// What an upstream's errors become: design section 4, rules 2 and 3.
#include <google/protobuf/duration.pb.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using grpc::Status;
using grpc::StatusCode;
using testing::HasSubstr;
using testing::Not;

constexpr char kCreate[] = "/v1/customers/c-1/invoices";

class Errors : public testing::Test {
 protected:
  // What GET becomes when the upstream answers it with `reply`.
  HttpResponse Answer(UnaryReply reply) {
    upstream_.OnUnary(kGetInvoice, std::move(reply));
    return client_.Get(kInvoice);
  }

  FakeUpstream upstream_;
  ProxyUnderTest proxy_{upstream_.target()};
  HttpClient client_ = proxy_.Connect();
};

TEST_F(Errors, HaveTheHttpStatusOfTheirCode) {
  const std::pair<int, int> kTable[] = {
      {1, 499}, {2, 500},  {3, 400},  {4, 504},  {5, 404},  {6, 409},  {7, 403},  {8, 429},
      {9, 400}, {10, 409}, {11, 400}, {12, 501}, {13, 500}, {14, 503}, {15, 500}, {16, 401}};
  for (const auto& [code, http_status] : kTable) {
    SCOPED_TRACE(code);
    const HttpResponse response =
        Answer({.status = {static_cast<StatusCode>(code), "no \"luck\""}});
    EXPECT_THAT(response, IsError(http_status, code));
    EXPECT_EQ(response.body, fmt::format(R"({{"code":{},"message":"no \"luck\""}})", code));
  }
  EXPECT_EQ(Answer(UnaryReply::Message(InvoiceOf("a"))).status, 200);
}

TEST_F(Errors, OutsideOfTheTableAre500) {
  for (const int code : {17, 31}) {  // a larger one is none of the values that the type has
    SCOPED_TRACE(code);
    const HttpResponse response = Answer({.status = {static_cast<StatusCode>(code), "odd"}});
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(response.body, HasSubstr(R"("message":"odd")"));
  }
}

TEST_F(Errors, MessageIsDecodedAndMadeUtf8) {
  const std::pair<std::string, std::string> kTable[] = {
      {"100% \u00fc\u20ac\U0001f600\n", "100% \u00fc\u20ac\U0001f600\\n"},
      {"%41%zz%", "%41%zz%"},
      {"a\xff\xc3z", "a\ufffd\ufffdz"},
      {"", ""},
      {"</script>\"\\\x01", R"(</script>\"\\\u0001)"}};
  for (const auto& [message, json] : kTable) {
    EXPECT_EQ(Answer({.status = {StatusCode::NOT_FOUND, message}}).body,
              R"({"code":5,"message":")" + json + R"("})");
  }
}

TEST_F(Errors, CarryDetailsOfKnownUnknownAndBrokenTypes) {
  google::rpc::Status status;
  status.set_code(5);
  status.set_message("whole message");
  google::rpc::ResourceInfo info;
  info.set_resource_name("inv-1");
  status.add_details()->PackFrom(info);
  auto& unknown = *status.add_details();
  unknown.set_type_url("type.example.com/no.Such");
  unknown.set_value("\1\2");
  auto& broken = *status.add_details();
  broken.set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  broken.set_value("\xff");
  EXPECT_EQ(Answer({.status = {StatusCode::NOT_FOUND, "short", status.SerializeAsString()}}).body,
            R"({"code":5,"message":"whole message","details":[)"
            R"({"@type":"type.googleapis.com/google.rpc.ResourceInfo","resourceName":"inv-1"},)"
            R"({"@type":"type.example.com/no.Such","value":"AQI="},)"
            R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","value":"/w=="}]})");
}

TEST_F(Errors, DetailsThatAreNoStatusAreLeftOut) {
  EXPECT_EQ(Answer({.status = {StatusCode::ABORTED, "again", "\xff\xff"}}).body,
            R"({"code":10,"message":"again"})");
}

TEST_F(Errors, OfAStreamBeforeItsFirstMessageCarryDetails) {
  google::rpc::Status status;
  google::protobuf::Duration delay;
  delay.set_seconds(2);
  status.add_details()->PackFrom(delay);
  upstream_.OnStream(kWatchInvoices, [&](UpstreamStream&) {
    return Status(StatusCode::FAILED_PRECONDITION, "not yet", status.SerializeAsString());
  });
  const HttpResponse response = client_.Get(kWatch);
  EXPECT_THAT(response, IsError(400, 9));
  EXPECT_EQ(response.body,
            R"({"code":9,"message":"not yet","details":[)"
            R"({"@type":"type.googleapis.com/google.protobuf.Duration","value":"2s"}]})");
}

TEST_F(Errors, ResponseThatDoesNotParseIs500) {
  for (const std::string bytes : {"\xff",
                                  "\x0a\x05"
                                  "ab",
                                  "\x0a\x01\xff"}) {
    EXPECT_THAT(Answer({.bytes = bytes}), IsError(500, 13)) << testing::PrintToString(bytes);
  }
}

TEST_F(Errors, UnaryAnswerWithoutAMessageIs500) {
  upstream_.OnStream(kGetInvoice, [](UpstreamStream&) { return Status::OK; });
  EXPECT_THAT(client_.Get(kInvoice), IsError(500, 13));
}

TEST_F(Errors, MethodThatTheUpstreamDoesNotHaveIs501) {
  EXPECT_THAT(client_.Get("/v1/invoices"), IsError(501, 12));
}

TEST_F(Errors, BadRequestNeverReachesTheUpstreamAndIsNotEchoed) {
  const std::string kBodies[] = {R"({"s3cret")",
                                 R"({"labels": {"a": s3cret}})",
                                 R"({"id": "s3cret", "id": "s3cret"})",
                                 R"({"discount": "s3cret"})",
                                 R"({"status": "s3cret"})",
                                 R"({"createdAt": "s3cret"})",
                                 R"({"checksum": "s3cret!"})",
                                 R"({"lines": [{"quantity": "s3cret"}]})",
                                 "[\"s3cret\"]",
                                 R"({"id": "s3cret"} s3cret)",
                                 "\xff s3cret"};
  for (const std::string& body : kBodies) {
    const HttpResponse response = client_.Post(kCreate, body);
    EXPECT_THAT(response, IsError(400, 3)) << body;
    EXPECT_THAT(response.body, Not(HasSubstr("s3cret"))) << body;
  }
  for (const char* target : {"/v1/invoices?pageSize=s3cret", "/v1/invoices?status=s3cret",
                             "/v1/invoices?pageSize=1&pageSize=s3cret"}) {
    const HttpResponse response = client_.Get(target);
    EXPECT_THAT(response, IsError(400, 3)) << target;
    EXPECT_THAT(response.body, Not(HasSubstr("s3cret"))) << target;
  }
  EXPECT_EQ(upstream_.CallCount(), 0u);
}

TEST_F(Errors, OtherMediaTypeIs415) {
  EXPECT_THAT(client_.Post(kCreate, "<a/>", {{"Content-Type", "application/xml"}}),
              IsError(415, 3));
  EXPECT_EQ(upstream_.CallCount(), 0u);
}

}  // namespace
}  // namespace puente::test

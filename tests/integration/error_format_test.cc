// `transcoding.error_format`: design section 4, rule 3.
#include <google/protobuf/duration.pb.h>

#include <ostream>

#include "google/rpc/status.pb.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;
using testing::Optional;

struct Format {
  std::string name;
  std::string content_type;
  std::string no_route;      // 404
  std::string wrong_method;  // 405
  std::string upstream;      // DetailedStatus
};

void PrintTo(const Format& format, std::ostream* out) { *out << format.name; }

constexpr char kDetails[] =
    R"("details":[{"@type":"type.googleapis.com/google.protobuf.Duration","value":"2s"},)"
    R"({"@type":"type.example.com/no.Such","value":"AQI="}])";

std::vector<Format> Formats() {
  const std::string details = kDetails;
  return {
      {"STATUS", "application/json", R"({"code":5,"message":")", R"({"code":12,"message":")",
       R"({"code":9,"message":"not yet",)" + details + "}"},
      {"AIP193", "application/json", R"({"error":{"code":404,"message":")",
       R"({"error":{"code":405,"message":")",
       R"({"error":{"code":400,"message":"not yet","status":"FAILED_PRECONDITION",)" + details +
           "}}"},
      {"PROBLEM", "application/problem+json",
       R"({"type":"about:blank","title":"Not Found","status":404,"detail":")",
       R"({"type":"about:blank","title":"Method Not Allowed","status":405,"detail":")",
       R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"not yet",)"
       R"("code":"FAILED_PRECONDITION",)" +
           details + "}"},
  };
}

// One detail is readable, the other's type is not known.
grpc::Status DetailedStatus() {
  google::rpc::Status status;
  google::protobuf::Duration delay;
  delay.set_seconds(2);
  status.add_details()->PackFrom(delay);
  auto& unknown = *status.add_details();
  unknown.set_type_url("type.example.com/no.Such");
  unknown.set_value("\1\2");
  return {StatusCode::FAILED_PRECONDITION, "not yet", status.SerializeAsString()};
}

class ErrorFormats : public testing::TestWithParam<Format> {
 protected:
  void ExpectError(const HttpResponse& response, int status, const std::string& begin) {
    EXPECT_EQ(response.status, status);
    EXPECT_THAT(response.Header("Content-Type"), Optional(GetParam().content_type));
    EXPECT_THAT(response.body, testing::StartsWith(begin));
    EXPECT_TRUE(response.complete);
  }

  FakeUpstream upstream_;
  ProxyUnderTest proxy_{upstream_.target(), "transcoding: {error_format: " + GetParam().name + "}"};
};

TEST_P(ErrorFormats, HoldForTheProxysOwnErrors) {
  ExpectError(proxy_.Get("/no/such/path"), 404, GetParam().no_route);
  ExpectError(proxy_.Connect().Request("PUT", kInvoice), 405, GetParam().wrong_method);
  EXPECT_THAT(proxy_.Connect().Request("PUT", kInvoice).Header("Allow"),
              Optional(std::string("GET, HEAD, OPTIONS")));
}

TEST_P(ErrorFormats, HoldForMalformedHttp) {
  HttpClient client = proxy_.Connect();
  client.SendRaw("GET / HTTP/1.1\r\n\r\n");
  ExpectError(client.ReadResponse("GET"), 400, "{");
}

TEST_P(ErrorFormats, HoldForTheUpstreamsAndTheirDetails) {
  upstream_.OnUnary(kGetInvoice, UnaryReply{.status = DetailedStatus()});
  const HttpResponse response = proxy_.Get(kInvoice);
  ExpectError(response, 400, "{");
  EXPECT_EQ(response.body, GetParam().upstream);
}

TEST_P(ErrorFormats, HoldForAStreamBeforeItsFirstMessage) {
  upstream_.OnStream(kWatchInvoices, [](UpstreamStream&) { return DetailedStatus(); });
  const HttpResponse response = proxy_.Get(kWatch);
  ExpectError(response, 400, "{");
  EXPECT_EQ(response.body, GetParam().upstream);
}

TEST_P(ErrorFormats, A401HasAChallenge) {
  upstream_.OnUnary(kGetInvoice, UnaryReply{.status = {StatusCode::UNAUTHENTICATED, "who?"}});
  const HttpResponse bare = proxy_.Get(kInvoice);
  ExpectError(bare, 401, "{");
  EXPECT_THAT(bare.Header("WWW-Authenticate"), Optional(std::string("Bearer")));

  upstream_.OnUnary(kGetInvoice,
                    UnaryReply{.status = {StatusCode::UNAUTHENTICATED, "who?"},
                               .trailing_metadata = {{"www-authenticate", "Basic realm=\"a\""}}});
  const HttpResponse own = proxy_.Get(kInvoice);
  EXPECT_THAT(own.Header("WWW-Authenticate"), Optional(std::string("Basic realm=\"a\"")));
  EXPECT_EQ(own.Count("WWW-Authenticate"), 1u);
}

INSTANTIATE_TEST_SUITE_P(All, ErrorFormats, testing::ValuesIn(Formats()),
                         [](const auto& info) { return info.param.name; });

// The admin listener speaks to operators, whatever clients are spoken to in.
TEST(ErrorFormatOfAdmin, IsAlwaysAStatus) {
  const FakeUpstream upstream;
  const ProxyUnderTest proxy(upstream.target(), "transcoding: {error_format: PROBLEM}");
  EXPECT_THAT(proxy.Admin("/no/such/endpoint"), IsError(404, 5));
}

}  // namespace
}  // namespace puente::test

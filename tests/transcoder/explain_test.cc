#include "transcoder/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include "tests/transcoder/route_fixture.h"

namespace puente::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kApi = R"(
syntax = "proto3"; package bill;
import "google/api/annotations.proto";
import "google/api/httpbody.proto";
service Bills {
  rpc Get(GetRequest) returns (Bill) { option (google.api.http) = {
    get: "/v1/bills/{id}" additional_bindings { get: "/v1/old/{filter.name=a/*}" } }; }
  rpc Make(MakeRequest) returns (Bill) { option (google.api.http) = {
    post: "/v1/bills" body: "bill" }; }
  rpc Send(stream Bill) returns (Bill) { option (google.api.http) = {
    post: "/v1/bills/{id}:send" body: "*" }; }
  rpc Store(stream google.api.HttpBody) returns (Bill) { option (google.api.http) = {
    post: "/v1/files" body: "*" }; }
}
enum Color { NONE = 0; RED = 1; }
message Filter { string name = 1; int64 units = 2; }
message GetRequest {
  int32 id = 1; Filter filter = 2; repeated Color colors = 3; map<string, int32> counts = 4;
}
message Bill { int32 id = 1; string title = 2; }
message MakeRequest { Bill bill = 1; bool dry_run = 2; }
)";

struct Request {
  std::string method = "GET";
  std::string target;
  std::string body = {};
  std::vector<HeaderView> headers = {};
  CodecOptions options = {};
};

class ExplainTest : public ::testing::Test {
 protected:
  Explanation Of(const Request& request) const {
    return Explain(table_, set_, request.options,
                   {.http_method = request.method,
                    .target = request.target,
                    .headers = request.headers,
                    .origin = {.peer_address = "127.0.0.1", .scheme = "http"},
                    .body = request.body,
                    .max_body_bytes = 1000});
  }

  // "400 message", or what would be sent.
  std::string Outcome(const Request& request) const {
    const Explanation explanation = Of(request);
    if (explanation.error) {
      return fmt::format("{} {}", explanation.error->HttpStatus(), explanation.error->message);
    }
    std::vector<std::string> messages;
    for (const auto& message : explanation.messages) messages.push_back(message.json);
    return fmt::format("{}", fmt::join(messages, " "));
  }

  static std::string Show(const ExplainedParameter& parameter) {
    constexpr const char* kOutcomes[] = {"bound", "let pass", "refused"};
    return fmt::format("{}={} [{}] [{}] {}: {}", parameter.name, parameter.value, parameter.field,
                       parameter.type, kOutcomes[static_cast<int>(parameter.outcome)],
                       parameter.problem);
  }

  static std::vector<std::string> Show(const std::vector<ExplainedParameter>& parameters) {
    std::vector<std::string> lines;
    for (const auto& parameter : parameters) lines.push_back(Show(parameter));
    return lines;
  }

  const std::shared_ptr<const DescriptorSet> set_ = LoadProto(kApi);
  const RouteTable table_ = *RouteTable::Build(*CompileRoutes(*set_, {}));
};

TEST_F(ExplainTest, WhatBindsWhere) {
  const Explanation explanation =
      Of({.target = "/v1/bills/7?filter.units=5&colors=RED&colors=1&counts[a%20b]=2"});
  ASSERT_FALSE(explanation.error) << explanation.error->message;
  EXPECT_EQ(explanation.route->grpc_path, "/bill.Bills/Get");
  EXPECT_THAT(Show(explanation.variables), ElementsAre("id=7 [id] [int32] bound: "));
  EXPECT_THAT(Show(explanation.query),
              ElementsAre("filter.units=5 [filter.units] [int64] bound: ",
                          "colors=RED [colors] [repeated bill.Color] bound: ",
                          "colors=1 [colors] [repeated bill.Color] bound: ",
                          "counts[a b]=2 [counts[a b]] [map<string, int32>] bound: "));
  ASSERT_THAT(explanation.messages, SizeIs(1));
  EXPECT_EQ(explanation.messages[0].json,
            R"({"id":7,"filter":{"units":"5"},"colors":["RED","RED"],"counts":{"a b":2}})");
  EXPECT_THAT(explanation.messages[0].text, HasSubstr("filter {\n  units: 5\n}\n"));
}

TEST_F(ExplainTest, AnAdditionalBinding) {
  const Explanation explanation = Of({.target = "/v1/old/a/b"});
  EXPECT_EQ(explanation.route->path.text, "/v1/old/{filter.name=a/*}");
  EXPECT_THAT(Show(explanation.variables),
              ElementsAre("filter.name=a/b [filter.name] [string] bound: "));
}

// Also behind the first one that is refused.
TEST_F(ExplainTest, EveryParameterThatIsRefused) {
  const Explanation explanation = Of({.target = "/v1/bills/x?nothing=1&filter.units=y&id=2"});
  ASSERT_TRUE(explanation.error);
  EXPECT_EQ(explanation.error->HttpStatus(), 400);
  EXPECT_THAT(explanation.messages, IsEmpty());
  EXPECT_THAT(
      Show(explanation.variables),
      ElementsAre(
          "id=x [id] [int32] refused: path variable \"id\": expected a number of type int32"));
  EXPECT_THAT(
      Show(explanation.query),
      ElementsAre("nothing=1 [] [] refused: unknown query parameter \"nothing\": there is no such "
                  "field",
                  "filter.units=y [filter.units] [int64] refused: query parameter "
                  "\"filter.units\": expected a number of type int64",
                  "id=2 [] [] refused: unknown query parameter \"id\": the field is bound by the "
                  "path"));
}

TEST_F(ExplainTest, ParametersThatAreLetPass) {
  CodecOptions options;
  options.unknown_query = UnknownInput::kIgnore;
  options.ignored_query_parameters = {"utm"};
  const Explanation explanation = Of({.target = "/v1/bills/7?x=1&utm=2", .options = options});
  EXPECT_FALSE(explanation.error);
  EXPECT_THAT(Show(explanation.query),
              ElementsAre("x=1 [] [] let pass: unknown query parameter \"x\": there is no such "
                          "field",
                          "utm=2 [] [] let pass: it is one of "
                          "transcoding.json.ignored_query_parameters"));
  EXPECT_EQ(explanation.dropped.in_query, 1);
}

TEST_F(ExplainTest, NoMoreParametersThanTheLimit) {
  CodecOptions options;
  options.max_query_parameters = 2;
  const Explanation explanation =
      Of({.target = "/v1/bills/7?colors=1&&colors=1&colors=1", .options = options});
  EXPECT_EQ(explanation.error->message, "more than 2 query parameters");
  EXPECT_THAT(explanation.query, SizeIs(2));
}

TEST_F(ExplainTest, Outcomes) {
  const std::vector<HeaderView> lines = {{"content-type", "application/x-ndjson"}};
  const std::vector<HeaderView> image = {{"content-type", "image/png"}};
  const std::vector<HeaderView> twice = {{"content-type", "a/b"}, {"Content-Type", "a/b"}};
  const std::pair<Request, const char*> kCases[] = {
      {{"POST", "/v1/bills?dryRun=true", R"({"title":"a"})"},
       R"({"bill":{"title":"a"},"dryRun":true})"},
      {{"POST", "/v1/bills", ""}, R"({"bill":{}})"},
      {{"POST", "/v1/bills", R"({"titel":"a"})"}, "400 bill: unknown field \"titel\" in bill.Bill"},
      {{"POST", "/v1/bills", "{"}, "400 "},
      {{"POST", "/v1/bills", "{}", image}, "415 "},
      {{"POST", "/v1/bills", "{}", twice}, "400 header 'content-type' is there twice"},
      {{"POST", "/v1/bills", std::string(1001, ' ')}, "413 "},
      {{"POST", "/v1/bills/7:send", R"([{"title":"a"},{}])"}, R"({"id":7,"title":"a"} {"id":7})"},
      {{"POST", "/v1/bills/7:send", "{}\n{}", lines}, R"({"id":7} {"id":7})"},
      {{"POST", "/v1/bills/7:send", ""}, ""},
      {{"POST", "/v1/bills/7:send", "[{},{}"}, "400 "},
      {{"POST", "/v1/bills/7:send", R"([{},{"x":1}])"},
       "400 message 2: body: unknown field \"x\" in bill.Bill"},
      {{"POST", "/v1/bills/7:send", "{}", image}, "415 "},
      {{"POST", "/v1/files", "abc", image}, R"({"contentType":"image/png","data":"YWJj"})"},
      {{"GET", "/v1/bills/7", "", {{"x-a", "\x01"}}}, "400 "},
      {{"GET", "/v1/bills/7", "", {{"grpc-timeout", "soon"}}}, "400 "},
      {{"GET", "v1"}, "400 the request target does not begin with '/'"},
      {{"GET", "/v1/%zz"}, "400 "},
      {{"GET", "/v1/../x"}, "400 "},
      {{"HEAD", "/v1/bills/7"}, R"({"id":7})"},
      {{"TRACE", "/v1/bills/7"}, "405 "},
      {{"DELETE", "/v1/bills/7"}, "405 "},
      {{"GET", "/v1/nothing"}, "404 "},
      {{"POST", "/bill.Bills/Get", R"({"id":7})"}, R"({"id":7})"},
  };
  for (const auto& [request, outcome] : kCases) {
    const std::string actual = Outcome(request);
    const bool is_start = std::string_view(outcome).ends_with(' ');
    EXPECT_EQ(is_start ? actual.substr(0, 4) : actual, outcome)
        << request.method << " " << request.target << ": " << actual;
  }
}

TEST_F(ExplainTest, MetadataAndTimeout) {
  const Explanation explanation =
      Of({.target = "/v1/bills/7",
          .headers = {{"Authorization", "Bearer x"}, {"Host", "h"}, {"grpc-timeout", "100m"}}});
  EXPECT_THAT(explanation.metadata, ElementsAre(Header{"authorization", "Bearer x"},
                                                Header{"x-forwarded-for", "127.0.0.1"},
                                                Header{"x-forwarded-proto", "http"}));
  EXPECT_EQ(explanation.client_timeout, std::chrono::milliseconds(100));
}

TEST_F(ExplainTest, NearMissesWhereThereIsNoRoute) {
  const Explanation explanation = Of({.target = "/v1/bill/7"});
  EXPECT_EQ(explanation.error->HttpStatus(), 404);
  EXPECT_EQ(explanation.route, nullptr);
  ASSERT_FALSE(explanation.near_misses.empty());
  EXPECT_EQ(explanation.near_misses[0].why, "`bill` should be `bills`");
}

TEST_F(ExplainTest, OptionsIsAnsweredWithoutACall) {
  const Explanation explanation = Of({.method = "OPTIONS", .target = "/v1/bills/7"});
  EXPECT_FALSE(explanation.error);
  EXPECT_EQ(explanation.route, nullptr);
  EXPECT_THAT(explanation.allowed, ElementsAre("GET", "HEAD", "OPTIONS"));
}

}  // namespace
}  // namespace puente::testing

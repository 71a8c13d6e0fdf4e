// Rule 3: every failure is a google.rpc.Status.
#include <fmt/format.h>

#include "google/rpc/error_details.pb.h"
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

std::vector<RuleCase> CodeCases() {
  const int statuses[] = {0,   499, 500, 400, 504, 404, 409, 403, 429,
                          400, 409, 400, 501, 500, 503, 500, 401};
  std::vector<RuleCase> cases;
  for (int code = 1; code <= 16; ++code) {
    cases.push_back({fmt::format("Code{}Is{}", code, statuses[code]), Get("/v1/things/p"),
                     Failed(statuses[code], code)
                         .Answers(fmt::format(R"({{"code":{},"message":"why"}})", code)),
                     FailsWith(code, "why")});
    cases.push_back({fmt::format("Code{}Is{}BeforeAStream", code, statuses[code]),
                     Get("/v1/rooms/r/lines"),
                     Failed(statuses[code], code)
                         .Answers(fmt::format(R"({{"code":{},"message":"why"}})", code)),
                     FailsWith(code, "why")});
  }
  cases.push_back({"Code0Is200", Get("/v1/things/p"), Answers(R"({"id":"p"})")});
  cases.push_back({"Code17Is500", Get("/v1/things"), Expect{.status = 500}, FailsWith(17, "why")});
  // The largest that grpc::StatusCode can hold.
  cases.push_back({"Code31Is500", Get("/v1/things"), Expect{.status = 500}, FailsWith(31)});
  return cases;
}
PUENTE_RULE_SUITE(Rule03Codes, CodeCases);

const std::string kLeaf = R"(details { [type.googleapis.com/rules.v1.Leaf] { id: "x" } })";
const std::string kLeafJson = R"({"@type":"type.googleapis.com/rules.v1.Leaf","id":"x"})";
const std::string kWait =
    "details { [type.googleapis.com/google.protobuf.Duration] { seconds: 2 } }";
const std::string kWaitJson =
    R"({"@type":"type.googleapis.com/google.protobuf.Duration","value":"2s"})";
const std::string kUnknown =
    R"(details { type_url: "type.example.com/no.Such" value: "\001\002" })";
const std::string kUnknownJson = R"({"@type":"type.example.com/no.Such","value":"AQI="})";
const std::string kBroken =
    R"(details { type_url: "type.googleapis.com/rules.v1.Leaf" value: "\377" })";
const std::string kBrokenJson = R"({"@type":"type.googleapis.com/rules.v1.Leaf","value":"/w=="})";

RuleCase WithDetails(const std::string& name, const std::string& status, const std::string& json) {
  const std::string body = json.empty() ? R"({"code":9,"message":"why"})"
                                        : R"({"code":9,"message":"why","details":[)" + json + "]}";
  return {name, Get("/v1/things/p"), Failed(400, 9).Answers(body),
          FailsWith(9, "why").Details(R"(code: 9 message: "why" )" + status)};
}

std::vector<RuleCase> DetailCases() {
  const std::string info = google::rpc::ErrorInfo::descriptor()->full_name();
  return {
      WithDetails("NoDetailsAreLeftOut", "", ""),
      WithDetails("AMessageOfTheApi", kLeaf, kLeafJson),
      WithDetails("AWellKnownType", kWait, kWaitJson),
      WithDetails("AnErrorInfo",
                  "details { [type.googleapis.com/" + info + R"(] { reason: "R" domain: "d" } })",
                  R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
                  R"("reason":"R","domain":"d"})"),
      WithDetails("AnUnknownTypeIsBase64", kUnknown, kUnknownJson),
      WithDetails("AnUnknownTypeLeavesTheOthersReadable", kLeaf + kUnknown + kWait,
                  kLeafJson + "," + kUnknownJson + "," + kWaitJson),
      WithDetails("ABrokenOneLeavesTheOthersReadable", kBroken + kLeaf,
                  kBrokenJson + "," + kLeafJson),
      WithDetails("AnUnknownTypeWithoutValue",
                  R"(details { type_url: "type.example.com/no.Such" })",
                  R"({"@type":"type.example.com/no.Such","value":""})"),
      WithDetails("TheSameTypeTwice", kLeaf + kLeaf, kLeafJson + "," + kLeafJson),
      {"BrokenDetailsDoNotHideTheError", Get("/v1/things/p"),
       Failed(400, 9).Answers(R"({"code":9,"message":"why"})"),
       FailsWith(9, "why").RawDetails("\xff\xff\xff")},
      {"DetailsBeforeAStream", Get("/v1/rooms/r/lines"),
       Failed(400, 9).Answers(R"({"code":9,"message":"why","details":[)" + kLeafJson + "]}"),
       FailsWith(9, "why").Details(R"(code: 9 message: "why" )" + kLeaf)},
      {"AnEmptyMessage", Get("/v1/things/p"), Failed(404, 5).Answers(R"({"code":5,"message":""})"),
       FailsWith(5)},
      {"AMessageOfManyBytes", Get("/v1/things/p"),
       Failed(404, 5).Answers("{\"code\":5,\"message\":\"caf\u00e9 100% \\\"x\\\" a\\nb\"}"),
       FailsWith(5, "caf\u00e9 100% \"x\" a\nb")},
      {"GrpcStatusIsNoHeader", Get("/v1/things/p"),
       Failed(404, 5).NoHeader("grpc-status").NoHeader("grpc-message"), FailsWith(5, "why")},
      {"DetailsAreNoHeader", Get("/v1/things/p"),
       Failed(400, 9).NoHeader("grpc-status-details-bin"),
       FailsWith(9, "why").Details("code: 9 " + kLeaf)},
  };
}
PUENTE_RULE_SUITE(Rule03Details, DetailCases);

const ProxySetup kAip{"error_format: AIP193"};
const ProxySetup kProblem{"error_format: PROBLEM"};

Expect Body(int status, const std::string& body) {
  return Answers(body).Status(status).Typed("application/json");
}
Expect ProblemBody(int status, const std::string& body) {
  return Answers(body).Status(status).Typed("application/problem+json");
}

std::vector<RuleCase> FormatCases() {
  const Reply detailed = FailsWith(9, "why").Details(R"(code: 9 message: "why" )" + kLeaf);
  return {
      {"Aip193", Get("/v1/things/p"),
       Body(404, R"({"error":{"code":404,"message":"why","status":"NOT_FOUND"}})"),
       FailsWith(5, "why"), kAip},
      {"Aip193WithDetails", Get("/v1/things/p"),
       Body(400, R"({"error":{"code":400,"message":"why","status":"FAILED_PRECONDITION",)"
                 R"("details":[)" +
                     kLeafJson + "]}}"),
       detailed, kAip},
      {"Aip193OfCancelled", Get("/v1/things/p"),
       Body(499, R"({"error":{"code":499,"message":"why","status":"CANCELLED"}})"),
       FailsWith(1, "why"), kAip},
      {"Problem", Get("/v1/things/p"),
       ProblemBody(404, R"({"type":"about:blank","title":"Not Found","status":404,)"
                        R"("detail":"why","code":"NOT_FOUND"})"),
       FailsWith(5, "why"), kProblem},
      {"ProblemWithDetails", Get("/v1/things/p"),
       ProblemBody(400, R"({"type":"about:blank","title":"Bad Request","status":400,)"
                        R"("detail":"why","code":"FAILED_PRECONDITION","details":[)" +
                            kLeafJson + "]}"),
       detailed, kProblem},
      {"ProblemBeforeAStream", Get("/v1/rooms/r/lines").With("Accept", "text/event-stream"),
       ProblemBody(503, R"({"type":"about:blank","title":"Service Unavailable","status":503,)"
                        R"("detail":"why","code":"UNAVAILABLE"})"),
       FailsWith(14, "why"), kProblem},
  };
}
PUENTE_RULE_SUITE(Rule03Formats, FormatCases);

std::vector<RuleCase> ChallengeCases() {
  return {
      {"A401HasAChallenge", Get("/v1/things/p"),
       Failed(401, 16).Header("WWW-Authenticate", "Bearer"), FailsWith(16, "who are you?")},
      {"A401OfAStreamHasAChallenge", Get("/v1/rooms/r/lines"),
       Failed(401, 16).Header("WWW-Authenticate", "Bearer"), FailsWith(16, "who are you?")},
      {"TheUpstreamsOwnChallengeGoesOn", Get("/v1/things/p"),
       Failed(401, 16).Header("WWW-Authenticate", "Basic realm=\"a\""),
       FailsWith(16).Trailing("www-authenticate", "Basic realm=\"a\"")},
      {"A403HasNone", Get("/v1/things/p"), Failed(403, 7).NoHeader("WWW-Authenticate"),
       FailsWith(7)},
  };
}
PUENTE_RULE_SUITE(Rule03Challenges, ChallengeCases);

std::vector<RuleCase> AnyCases() {
  const auto packed = [](const std::string& name, const std::string& any, const std::string& json) {
    return RuleCase{name, Get("/v1/things"), Answers(R"({"packed":)" + json + "}"),
                    Replies({"packed { " + any + " }"})};
  };
  return {
      packed("AKnownTypeIsReadable", R"([type.googleapis.com/rules.v1.Leaf] { id: "x" })",
             kLeafJson),
      packed("AWellKnownTypeHasAValue",
             "[type.googleapis.com/google.protobuf.Int64Value] { value: 3 }",
             R"({"@type":"type.googleapis.com/google.protobuf.Int64Value","value":"3"})"),
      packed("AnUnknownTypeIsBase64", R"(type_url: "type.example.com/no.Such" value: "\001\002")",
             kUnknownJson),
      packed("AnUnknownTypeInsideOfAKnownOne",
             R"([type.googleapis.com/rules.v1.Thing] { packed { )"
             R"(type_url: "type.example.com/no.Such" value: "\001\002" } })",
             R"({"@type":"type.googleapis.com/rules.v1.Thing","packed":)" + kUnknownJson + "}"),
      {"AnUnknownTypeInAStream", Get("/v1/rooms/r/lines").With("Accept", "application/x-ndjson"),
       Answers("{\"text\":\"a\"}\n{\"error\":{\"code\":9,\"message\":\"why\",\"details\":[" +
               kUnknownJson + "]}}\n"),
       Replies({R"(text: "a")"}).ThenFails(9, "why").Details("code: 9 message: 'why' " + kUnknown)},
  };
}
PUENTE_RULE_SUITE(Rule03UnknownAnys, AnyCases);

}  // namespace
}  // namespace puente::test

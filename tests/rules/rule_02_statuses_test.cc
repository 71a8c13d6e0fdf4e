// Rule 2: what the proxy answers of its own, and under which status.
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

Send Call(const std::string& method, const std::string& target) { return {method, target}; }

std::vector<RuleCase> RouteCases() {
  return {
      {"UnknownPathIs404", Get("/v1/nowhere"), Refused(404, 5)},
      {"UnknownPathIs404ForEveryMethod", Post("/v1/nowhere", "{}"), Refused(404, 5)},
      {"UnknownPathIs404WhateverTheBody", Post("/v1/nowhere", "{qzx"), Refused(404, 5)},
      {"APathThatGoesOnIs404", Get("/v1/things/p/q/r"), Refused(404, 5)},
      {"APathThatEndsEarlyIs404", Get("/v1"), Refused(404, 5)},
      {"APathIsCaseSensitive", Get("/V1/things"), Refused(404, 5)},
      {"ASlashAtTheEndIsAnotherPath", Get("/v1/things/p/leaf/"), Refused(404, 5)},
      {"ASlashAtTheEndMayBeIgnored", Get("/v1/things/p/"), Sees(R"(id: "p")"),
       ProxySetup{"trailing_slash: IGNORE"}},
      {"AnUnknownPathIsNotRepeated", Get("/v1/qzx"), Refused(404, 5)},
      {"WrongMethodIs405", Call("DELETE", "/v1/things"),
       Refused(405, 12).Header("Allow", "GET, HEAD, OPTIONS, POST")},
      {"AllowNamesAllMethodsOfThePath", Call("POST", "/v1/things/p"),
       Refused(405, 12).Header("Allow", "DELETE, GET, HEAD, OPTIONS, PUT")},
      {"AllowHasNoHeadWithoutGet", Get("/v1/changes/p"),
       Refused(405, 12).Header("Allow", "OPTIONS, PATCH, POST, PUT")},
      {"AllowNamesCustomMethods", Call("DELETE", "/v1/c/x"),
       Refused(405, 12).Header("Allow", "GET, HEAD, OPTIONS, PURGE")},
      {"AllowKnowsVerbs", Call("PUT", "/v1/m:search"),
       Refused(405, 12).Header("Allow", "GET, HEAD, OPTIONS")},
      {"AnUnknownMethodIs405", Call("BREW", "/v1/things"),
       Refused(405, 12).Header("Allow", "GET, HEAD, OPTIONS, POST")},
      {"MethodsAreCaseSensitive", Call("get", "/v1/things"), Refused(405, 12)},
      {"AnAutomaticRouteIsForPost", Get("/rules.v1.Bare/Call"),
       Refused(405, 12).Header("Allow", "OPTIONS, POST")},
  };
}
PUENTE_RULE_SUITE(Rule02Routes, RouteCases);

std::vector<RuleCase> HeadAndOptionsCases() {
  return {
      {"HeadIsDerivedFromGet", Call("HEAD", "/v1/things/p"),
       Sees(R"(id: "p")").Answers("").Typed("application/json")},
      {"HeadHasTheLengthOfGet", Call("HEAD", "/v1/things/p"),
       Answers("").Header("Content-Length", "10")},
      {"HeadBindsTheQuery", Call("HEAD", "/v1/things?text=a"), Sees(R"(text: "a")").Answers("")},
      {"HeadOfAnErrorHasItsStatus", Call("HEAD", "/v1/things/p"), Answers("").Status(404),
       FailsWith(5, "gone")},
      {"HeadOfAStream", Call("HEAD", "/v1/rooms/r/lines"), Answers("")},
      {"HeadOfAnUnknownPath", Call("HEAD", "/v1/nowhere"), Answers("").Status(404).NotReached()},
      {"HeadIsNotDerivedFromPost", Call("HEAD", "/v1/changes/p"),
       Answers("").Status(405).Header("Allow", "OPTIONS, PATCH, POST, PUT").NotReached()},
      {"OptionsIs204WithAllow", Call("OPTIONS", "/v1/things/p"),
       Answers("").Status(204).Header("Allow", "DELETE, GET, HEAD, OPTIONS, PUT").NotReached()},
      {"OptionsOfAnUnknownPathIs404", Call("OPTIONS", "/v1/nowhere"), Refused(404, 5)},
      {"OptionsOfTheServer", RawGet("OPTIONS * HTTP/1.1\nHost: a"),
       Answers("").Status(204).NotReached()},
      {"OptionsHasNoCorsHeadersUnlessConfigured",
       Call("OPTIONS", "/v1/things").With("Origin", "https://a.example"),
       Answers("").Status(204).NoHeader("Access-Control-Allow-Origin").NotReached()},
  };
}
PUENTE_RULE_SUITE(Rule02HeadAndOptions, HeadAndOptionsCases);

const std::string kLong(300, 'a');
const ProxySetup kSmallHead{"", "limits: {max_header_bytes: 256}"};
const ProxySetup kSmallBody{"", "limits: {max_request_body_bytes: 64}"};
const ProxySetup kFewHeaders{"", "limits: {max_headers: 5}"};
const ProxySetup kHasty{"", "limits: {header_timeout: 0.05s}"};
const ProxySetup kSmallAnswer{"", "limits: {max_response_body_bytes: 64}"};

std::vector<RuleCase> LimitCases() {
  return {
      {"TooLargeABodyIs413", Post("/v1/things", "\"" + kLong + "\""), Refused(413, 8), kSmallBody},
      {"TooLargeAChunkedBodyIs413",
       RawBytes("POST /v1/things HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n12c\r\n" +
                    kLong + "\r\n0\r\n\r\n",
                "POST"),
       Refused(413, 8), kSmallBody},
      {"ABodyOfTheLimitIsTaken",
       Post("/v1/things", R"({"text":")" + std::string(53, 'a') + R"("})"),
       Sees("text: \"" + std::string(53, 'a') + "\""), kSmallBody},
      {"TooLargeABodyOnAnUnknownPathIs404", Post("/v1/nowhere", kLong), Refused(404, 5),
       kSmallBody},
      {"TooLongAUrlIs414", Get("/v1/things/" + kLong), Refused(414, 3), kSmallHead},
      {"TooLongAUrlIs414OnUnknownPaths", Get("/" + kLong), Refused(414, 3), kSmallHead},
      {"TooLargeAHeaderIs431", Get("/v1/things").With("X-Long", kLong), Refused(431, 3),
       kSmallHead},
      {"TooManyHeadersAre431",
       RawGet("GET /v1/things HTTP/1.1\nHost: a\nA: 1\nB: 1\nC: 1\nD: 1\nE: 1"), Refused(431, 3),
       kFewHeaders},
      {"AsManyHeadersAsAllowed", RawGet("GET /v1/things HTTP/1.1\nHost: a\nA: 1\nB: 1\nC: 1\nD: 1"),
       Sees(""), kFewHeaders},
      {"TooSlowAHeadIs408", RawBytes("GET /v1/things HTTP/1.1\r\nHost: a\r\n"), Refused(408, 4),
       kHasty},
      {"TooLargeAnAnswerIs500", Get("/v1/things"), Failed(500, 13),
       Replies({"text: \"" + kLong + "\""}), kSmallAnswer},
      {"AnAnswerWithinTheLimit", Get("/v1/things"), Answers(R"({"text":"a"})"),
       Replies({R"(text: "a")"}), kSmallAnswer},
  };
}
PUENTE_RULE_SUITE(Rule02Limits, LimitCases);

std::vector<RuleCase> MediaTypeCases() {
  const auto typed = [](const std::string& type) {
    return Post("/v1/things", R"({"text":"a"})").Typed(type);
  };
  const auto no_type = [](const std::string& body) {
    return RawBytes("POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n" + body,
                    "POST");
  };
  const std::string seen = R"(text: "a")";
  return {
      {"PlainTextIs415", typed("text/plain"), Refused(415, 3)},
      {"XmlIs415", typed("application/xml"), Refused(415, 3)},
      {"MultipartIs415", typed("multipart/form-data; boundary=x"), Refused(415, 3)},
      {"OctetsAre415", typed("application/octet-stream"), Refused(415, 3)},
      {"GrpcIs415", typed("application/grpc"), Refused(415, 3)},
      {"ATypeThatOnlyBeginsLikeJsonIs415", typed("application/jsonp"), Refused(415, 3)},
      {"ATypeThatOnlyContainsJsonIs415", typed("text/json-ish"), Refused(415, 3)},
      {"AnUnknownTypeIsNotRepeated", typed("application/qzx"), Refused(415, 3)},
      {"JsonIsTaken", typed("application/json"), Sees(seen)},
      {"JsonInUtf8IsTaken", typed("application/json; charset=UTF-8"), Sees(seen)},
      {"JsonIsTakenInAnyCase", typed("Application/JSON;charset=utf-8"), Sees(seen)},
      {"AStructuredSuffixIsTaken", typed("application/vnd.acme.v1+json"), Sees(seen)},
      {"MergePatchIsTaken", typed("application/merge-patch+json"), Sees(seen)},
      {"NoTypeIsJson", no_type(R"({"text":"a"})"), Sees(seen)},
      {"NoTypeAndNoBody", no_type(""), Sees("")},
      {"TwoTypesAre400", typed("application/json").Typed("application/json"), Refused(400, 3)},
  };
}
PUENTE_RULE_SUITE(Rule02MediaTypes, MediaTypeCases);

}  // namespace
}  // namespace puente::test

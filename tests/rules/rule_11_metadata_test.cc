// Rule 11: metadata become headers.
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

RuleCase Hidden(const std::string& key) {
  std::string name = "Hides";
  for (const char c : key) name += c == '-' ? '_' : c;
  return {name, Get("/v1/things"), Answers("{}").NoHeader(key), WithMetadata({{key, "1"}})};
}

std::vector<RuleCase> HeaderCases() {
  const Send get = Get("/v1/things");
  return {
      {"InitialMetadata", get, Answers("{}").Header("x-tag", "i"), WithMetadata({{"x-tag", "i"}})},
      {"TrailingMetadata", get, Answers("{}").Header("x-late", "t"),
       Reply{}.Trailing("x-late", "t")},
      {"ALocation", get, Answers("{}").Header("location", "/v1/things/1"),
       WithMetadata({{"location", "/v1/things/1"}})},
      {"BinaryMetadataAreBase64", get, Answers("{}").Header("x-raw-bin", "AP8="),
       WithMetadata({{"x-raw-bin", std::string("\0\xff", 2)}})},
      {"TrailingMetadataOfAnError", get, Failed(404, 5).Header("x-late", "t"),
       FailsWith(5).Trailing("x-late", "t")},
      {"InitialMetadataOfAStream", Get("/v1/rooms/r/lines"), Expect{}.Header("x-tag", "i"),
       WithMetadata({{"x-tag", "i"}})},
      {"TrailingMetadataOfAStreamAreNoHeaders", Get("/v1/rooms/r/lines"),
       Expect{}.NoHeader("x-late"), Reply{}.Trailing("x-late", "t")},
      {"AClientStreamsTrailingMetadata", Post("/v1/rooms/r/lines:send", "[{}]"),
       Expect{}.Header("x-late", "t"), Reply{}.Trailing("x-late", "t")},
      {"TheTypeOfGrpcIsHidden", get, Answers("{}").Typed("application/json")},
      {"TheStatusOfGrpcIsHidden", get,
       Answers("{}").NoHeader("grpc-status").NoHeader("grpc-message")},
      {"TheContentLengthIsOurs", get, Answers("{}").Header("Content-Length", "2"),
       WithMetadata({{"content-length", "77"}})},
      Hidden("transfer-encoding"),
      Hidden("keep-alive"),
      Hidden("proxy-connection"),
      Hidden("trailer"),
      Hidden("upgrade"),
      Hidden("te"),
  };
}
PUENTE_RULE_SUITE(Rule11Metadata, HeaderCases);

RuleCase Status(const std::string& name, const std::string& value, int status) {
  return {name, Get("/v1/things"), Answers("{}").Status(status).NoHeader("x-http-code"),
          WithMetadata({{"x-http-code", value}})};
}

std::vector<RuleCase> StatusCases() {
  return {
      Status("Created", "201", 201),
      Status("Accepted", "202", 202),
      Status("NonAuthoritative", "203", 203),
      Status("SeeOther", "303", 303),
      {"NoContentHasNoBody", Get("/v1/things"), Answers("").Status(204).NoHeader("Content-Length"),
       WithMetadata({{"x-http-code", "204"}})},
      {"ItMayComeBehind", Get("/v1/things"), Answers("{}").Status(201),
       Reply{}.Trailing("x-http-code", "201")},
      {"ItMayComeWithALocation", Post("/v1/things", "{}"),
       Answers("{}").Status(201).Header("location", "/v1/things/1"),
       WithMetadata({{"x-http-code", "201"}, {"location", "/v1/things/1"}})},
      {"ItDoesNotOverrideAnError", Get("/v1/things"), Failed(404, 5),
       FailsWith(5).Trailing("x-http-code", "200")},
      {"ItHoldsForAClientStream", Post("/v1/rooms/r/lines:send", "[{}]"), Expect{.status = 201},
       WithMetadata({{"x-http-code", "201"}})},
      {"ItHoldsForAStream", Get("/v1/rooms/r/lines"), Expect{.status = 203},
       WithMetadata({{"x-http-code", "203"}})},
      {"ItHoldsForAnHttpBody", Get("/v1/files/a"), Answers("x").Status(203),
       Replies({"data: 'x'"}).Initial("x-http-code", "203")},
      Status("AWordIsIgnored", "created", 200),
      Status("AnInterimOneIsIgnored", "101", 200),
      Status("AnImpossibleOneIsIgnored", "1000", 200),
      Status("ATrailingLetterIsIgnored", "201x", 200),
      Status("ANegativeOneIsIgnored", "-201", 200),
      Status("AnEmptyOneIsIgnored", "", 200),
  };
}
PUENTE_RULE_SUITE(Rule11HttpCode, StatusCases);

}  // namespace
}  // namespace puente::test

// Rule 6: what answers are printed as, and what google.api.HttpBody makes of a body.
#include "tests/rules/json_cases.h"
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

const ProxySetup kProtoNames{"json: {preserve_proto_field_names: true}"};
const ProxySetup kNumbers{"json: {print_enums_as_ints: true, int64_as_number: true}"};
const ProxySetup kDefaults{"json: {always_print_fields_with_no_presence: true}"};

std::vector<RuleCase> PrintCases() {
  return {
      Prints("NothingIsAnEmptyObject", "", "{}"),
      Prints("DefaultsAreLeftOut", "i32: 0 text: '' flag: false color: COLOR_UNSPECIFIED", "{}"),
      Prints("AnOptionalDefaultIsThere", "maybe: 0", R"({"maybe":0})"),
      Prints("AOneofsDefaultIsThere", "name: ''", R"({"name":""})"),
      Prints("LongsAreStrings", "i64: -5 u64: 18446744073709551615",
             R"({"i64":"-5","u64":"18446744073709551615"})"),
      Prints("EnumsAreNames", "color: RED", R"({"color":"RED"})"),
      Prints("NamesAreJsonNames", "snake_case: 1 renamed: 2", R"({"snakeCase":1,"otherName":2})"),
      Prints("ControlsAreEscaped", R"(text: "\001\037\177")", "{\"text\":\"\\u0001\\u001f\x7f\"}"),
      Prints("TextIsUtf8", "text: 'caf\u00e9 \U0001f600'", "{\"text\":\"caf\u00e9 \U0001f600\"}"),
      Prints("BytesAreStandardBase64", R"(raw: "\373\377")", R"({"raw":"+/8="})"),
      Prints("ProtoNames", "snake_case: 1 renamed: 2 i64_box {}",
             R"({"snake_case":1,"renamed":2,"i64_box":"0"})", kProtoNames),
      Prints("EnumsAsNumbers", "color: RED colors: GREEN colors: NEGATIVE",
             R"({"color":1,"colors":[2,-1]})", kNumbers),
      Prints("LongsAsNumbers", "i64: -5 u64: 9007199254740991",
             R"({"i64":-5,"u64":9007199254740991})", kNumbers),
      Prints("LongsBeyondExactnessStayStrings", "i64: -9007199254740993 u64: 9007199254740993",
             R"({"i64":"-9007199254740993","u64":"9007199254740993"})", kNumbers),
      {"ProtoNamesAreStillReadEitherWay", Post("/v1/things", R"({"snakeCase":1,"i64_box":2})"),
       Sees("snake_case: 1 i64_box { value: 2 }").Answers(R"({"snake_case":1,"i64_box":"2"})"),
       kProtoNames},
      {"DefaultsMayBePrinted", Put("/v1/field/leaf", "{}"),
       Answers(R"({"id":"","amount":0,"sizes":[]})"), kDefaults},
      {"DefaultsInsideMayBePrinted", Put("/v1/field/leaf", R"({"next":{"id":"x"}})"),
       Answers(R"({"id":"","amount":0,"next":{"id":"x","amount":0,"sizes":[]},"sizes":[]})"),
       kDefaults},
      {"AnAnswerThatIsNoMessageIs500", Get("/v1/things"), Failed(500, 13), RepliesBytes("\xff")},
      {"AnAnswerOfBrokenTextIs500", Get("/v1/things"), Failed(500, 13),
       RepliesBytes("\x72\x01\xff")},
      {"AnAnswerOfUnknownFieldsIsPrintedWithout", Get("/v1/things"), Answers(R"({"i32":1})"),
       RepliesBytes("\x08\x01\xc0\x3e\x01")},
  };
}
PUENTE_RULE_SUITE(Rule06Answers, PrintCases);

Send Upload(const std::string& method, const std::string& target, const std::string& type,
            const std::string& body) {
  return Send{method, target, body}.Typed(type);
}

std::vector<RuleCase> HttpBodyCases() {
  const std::string bytes("\0\xff{\n", 4);
  return {
      {"ABodyOfAnyType", Upload("POST", "/v1/files:raw", "image/png", bytes),
       Sees(R"(content_type: "image/png" data: "\000\377{\n")").Answers(bytes).Typed("image/png")},
      {"ABodyOfJsonIsNotRead", Upload("POST", "/v1/files:raw", "application/json", "{not json"),
       Sees(R"(content_type: "application/json" data: "{not json")").Answers("{not json")},
      {"AFormIsNotRead",
       Upload("POST", "/v1/files:raw", "application/x-www-form-urlencoded", "a=b"),
       Sees(R"(content_type: "application/x-www-form-urlencoded" data: "a=b")").Answers("a=b")},
      {"ATypeWithParameters", Upload("POST", "/v1/files:raw", "text/plain; charset=utf-8", "a"),
       Sees(R"(content_type: "text/plain; charset=utf-8" data: "a")")
           .Answers("a")
           .Typed("text/plain; charset=utf-8")},
      {"ABodyWithoutType",
       RawBytes("POST /v1/files:raw HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na", "POST"),
       Sees(R"(data: "a")").Answers("a")},
      {"AnAnswer", Get("/v1/files/a"), Answers("<p>").Typed("text/html"),
       Replies({R"(content_type: "text/html" data: "<p>")"})},
      {"AnEmptyAnswer", Get("/v1/files/a"), Answers("").Typed("text/html"),
       Replies({R"(content_type: "text/html")"})},
      {"AnAnswersErrorIsJson", Get("/v1/files/a"), Failed(404, 5, "gone"), FailsWith(5, "gone")},
      {"AnAnswerDoesNotAskForAccept", Get("/v1/files/a").With("Accept", "application/x-ndjson"),
       Answers("<p>").Typed("text/html"), Replies({R"(content_type: "text/html" data: "<p>")"})},
      {"HeadOfAnAnswer", Send{"HEAD", "/v1/files/a"},
       Answers("").Typed("text/html").Header("Content-Length", "3"),
       Replies({R"(content_type: "text/html" data: "<p>")"})},
      {"AField", Upload("PUT", "/v1/files/n?overwrite=true", "image/png", bytes),
       Sees(R"(name: "n" overwrite: true )"
            R"(file { content_type: "image/png" data: "\000\377{\n" })")
           .Answers(bytes)
           .Typed("image/png")},
      {"AFieldBesideABadQuery", Upload("PUT", "/v1/files/n?colour=qzx", "image/png", "x"),
       Refused(400, 3, "colour")},
      {"AFieldInsideOfJson",
       Post("/v1/files/n:json", R"({"file":{"contentType":"text/plain","data":"aGk="}})"),
       Sees(R"(name: "n" file { content_type: "text/plain" data: "hi" })")
           .Answers(R"({"name":"n","file":{"contentType":"text/plain","data":"aGk="}})")
           .Typed("application/json")},
      {"JsonIsStillReadWhereTheBodyIsEverything",
       Post("/v1/files/n:json", R"({"file":{"data":"!qzx"}})"), Refused(400, 3, "file.data")},
      {"TextIs415WhereTheBodyIsEverything", Upload("POST", "/v1/files/n:json", "text/plain", "hi"),
       Refused(415, 3)},
      {"AFieldByQuery", Get("/v1/files/n:json?file.content_type=a/b&file.data=aGk"),
       Sees(R"(name: "n" file { content_type: "a/b" data: "hi" })")},
      {"AFieldMayNotBeNamedInTheQuery",
       Upload("PUT", "/v1/files/n?file.data=qzx", "image/png", "x"), Refused(400, 3, "file.data")},
  };
}
PUENTE_RULE_SUITE(Rule06HttpBody, HttpBodyCases);

}  // namespace
}  // namespace puente::test

// Rule 1: path before body before query, under any of a field's names.
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

std::vector<RuleCase> PathCases() {
  return {
      {"PathWinsOverBody", Put("/v1/things/p", R"({"id":"b","text":"t"})"),
       Sees(R"(id: "p" text: "t")")},
      {"PathWinsOverBodyByJsonName", Put("/v1/renamed/1", R"({"otherName":2,"text":"t"})"),
       Sees(R"(renamed: 1 text: "t")")},
      {"PathWinsOverBodyByProtoName", Put("/v1/renamed/1", R"({"renamed":2,"text":"t"})"),
       Sees(R"(renamed: 1 text: "t")")},
      {"PathWinsOverNullInTheBody", Put("/v1/things/p", R"({"id":null})"), Sees(R"(id: "p")")},
      {"PathWinsOverADefaultInTheBody", Put("/v1/things/p", R"({"id":""})"), Sees(R"(id: "p")")},
      {"PathWinsInsideOfAMessage", Put("/v1/leaves/p", R"({"leaf":{"id":"b","amount":2}})"),
       Sees(R"(leaf { id: "p" amount: 2 })")},
      {"PathWinsOverANullMessage", Put("/v1/leaves/p", R"({"leaf":null})"),
       Sees(R"(leaf { id: "p" })")},
      {"PathWinsInsideOfTheBodysField", Put("/v1/things/t/leaves/p", R"({"id":"b","amount":2})"),
       Sees(R"(id: "t" leaf { id: "p" amount: 2 })")},
      {"PathWinsOverAnotherMemberOfItsOneof", Put("/v1/names/p", R"({"number":2,"text":"t"})"),
       Sees(R"(name: "p" text: "t")")},
      {"PathWinsOverItsOwnMemberOfTheOneof", Put("/v1/names/p", R"({"name":"b"})"),
       Sees(R"(name: "p")")},
      {"PathStandsBesideAnEmptyBody", Put("/v1/things/p", ""), Sees(R"(id: "p")")},
      {"PathStandsBesideTheBodysField", Put("/v1/things/p/leaf", R"({"id":"b"})"),
       Sees(R"(id: "p" leaf { id: "b" })")},
      {"AQueryMayNotNameAPathField", Get("/v1/things/p?id=qzx"),
       Refused(400, 3, R"(query parameter \"id\")")},
      {"AQueryMayNotNameAPathFieldByJsonName", Get("/v1/renamed/1?otherName=77"),
       Refused(400, 3, R"(query parameter \"otherName\")").Hides("77")},
      {"AQueryMayNotNameAPathFieldByProtoName", Get("/v1/renamed/1?renamed=77"),
       Refused(400, 3, R"(query parameter \"renamed\")").Hides("77")},
      {"AQueryMayNotNameANestedPathField", Get("/v1/leaves/p?leaf.id=qzx"),
       Refused(400, 3, R"(query parameter \"leaf.id\")")},
      {"AQueryMayNameASiblingOfANestedPathField", Get("/v1/leaves/p?leaf.amount=2"),
       Sees(R"(leaf { id: "p" amount: 2 })")},
      {"AQueryMayNotSetAnotherMemberOfAPathsOneof", Get("/v1/names/p?number=77"),
       Refused(400, 3, "number").Hides("77")},
      {"AnEqualValueIsNoExcuse", Get("/v1/things/p?id=p"),
       Refused(400, 3, R"(query parameter \"id\")")},
  };
}
PUENTE_RULE_SUITE(Rule01PathFields, PathCases);

std::vector<RuleCase> QueryCases() {
  return {
      {"AQueryBindsWhatPathAndBodyLeave", Put("/v1/things/p/leaf?text=q&i32=3", R"({"id":"b"})"),
       Sees(R"(id: "p" text: "q" i32: 3 leaf { id: "b" })")},
      {"AQueryMayNotNameTheBodysField", Put("/v1/things/p/leaf?leaf=qzx", "{}"),
       Refused(400, 3, R"(query parameter \"leaf\")")},
      {"AQueryMayNotNameAFieldInsideTheBody", Put("/v1/things/p/leaf?leaf.amount=77", "{}"),
       Refused(400, 3, R"(query parameter \"leaf.amount\")").Hides("77")},
      {"AQueryMayNotAddToTheBodysList", Put("/v1/field/tags?tags=qzx", R"(["a"])"),
       Refused(400, 3, R"(query parameter \"tags\")")},
      {"AQueryIsUnknownWhereTheBodyIsEverything", Post("/v1/things?text=qzx", "{}"),
       Refused(400, 3, R"(query parameter \"text\")")},
      {"AnUnknownNameIsRefused", Get("/v1/things?colour=qzx"),
       Refused(400, 3, R"(query parameter \"colour\")")},
      {"AnUnknownNestedNameIsRefused", Get("/v1/things?leaf.colour=qzx"),
       Refused(400, 3, R"(query parameter \"leaf.colour\")")},
      {"AFieldOfAScalarIsUnknown", Get("/v1/things?text.length=77"),
       Refused(400, 3, R"(query parameter \"text.length\")").Hides("77")},
      {"AnUnknownNameWithoutValueIsRefused", Get("/v1/things?colour"),
       Refused(400, 3, R"(query parameter \"colour\")")},
      {"NamesAreCaseSensitive", Get("/v1/things?Text=qzx"),
       Refused(400, 3, R"(query parameter \"Text\")")},
      {"ANameThatIsNotPlainIsNotRepeated", Get("/v1/things?%22qzx%22=1"),
       Refused(400, 3, "query parameter number 1")},
      {"TheLaterOneIsNamed", Get("/v1/things?text=a&colour=qzx"),
       Refused(400, 3, R"(query parameter \"colour\")")},
      {"AnEmptyQueryIsNone", Get("/v1/things?"), Sees("")},
      {"EmptyParametersAreNone", Get("/v1/things?&&text=a&"), Sees(R"(text: "a")")},
  };
}
PUENTE_RULE_SUITE(Rule01Queries, QueryCases);

const ProxySetup kWarn{"json: {unknown_query: WARN, unknown_fields: WARN}"};
const ProxySetup kIgnore{"json: {unknown_query: IGNORE, unknown_fields: IGNORE}"};
const ProxySetup kIgnored{"json: {ignored_query_parameters: [utm_source, text, \"a b\"]}"};

std::vector<RuleCase> LenientCases() {
  return {
      {"WarnLetsAnUnknownNamePass", Get("/v1/things?colour=red&text=t"),
       Sees(R"(text: "t")").Counts("query", 1), kWarn},
      {"IgnoreLetsAnUnknownNamePass", Get("/v1/things?colour=red&text=t&a.b=c"),
       Sees(R"(text: "t")").Counts("query", 2), kIgnore},
      {"ThePathStillWinsWhereTheQueryIsIgnored", Get("/v1/things/p?id=q"),
       Sees(R"(id: "p")").Counts("query", 1), kIgnore},
      {"TheBodyStillWinsWhereTheQueryIsIgnored",
       Put("/v1/things/p/leaf?leaf.id=q&leaf.amount=7", R"({"id":"b"})"),
       Sees(R"(id: "p" leaf { id: "b" })").Counts("query", 2), kIgnore},
      {"AWholeBodyStillWinsWhereTheQueryIsIgnored", Post("/v1/things?text=q&i32=1", "{}"),
       Sees("").Counts("query", 2), kWarn},
      {"ABadValueOfAKnownFieldIsRefusedAllTheSame", Get("/v1/things?i32=qzx"),
       Refused(400, 3, R"(query parameter \"i32\")"), kIgnore},
      {"WarnLetsAnUnknownBodyFieldPass", Post("/v1/things", R"({"colour":"red","text":"t"})"),
       Sees(R"(text: "t")").Counts("body", 1), kWarn},
      {"IgnoreLetsUnknownBodyFieldsPass",
       Post("/v1/things", R"({"colour":{"a":[1,{}]},"leaf":{"no":null,"id":"i"}})"),
       Sees(R"(leaf { id: "i" })").Counts("body", 2), kIgnore},
      {"AKnownFieldIsNotCounted", Get("/v1/things?text=t"), Sees(R"(text: "t")").Counts("query", 0),
       kWarn},
      {"UnknownFieldsMustStillBeJson", Post("/v1/things", R"({"colour":qzx})"), Refused(400, 3),
       kIgnore},
      {"AnIgnoredParameterIsNoError", Get("/v1/things?utm_source=x&i32=1"),
       Sees("i32: 1").Counts("query", 0), kIgnored},
      {"AnIgnoredParameterIsIgnoredThoughItNamesAField", Get("/v1/things?text=x"), Sees(""),
       kIgnored},
      {"AnIgnoredParameterIsKnownByItsDecodedName", Get("/v1/things?utm%5Fsource=x&a+b=y"),
       Sees(""), kIgnored},
      {"AnotherParameterIsStillRefused", Get("/v1/things?utm_medium=x"), Refused(400, 3), kIgnored},
      {"AnIgnoredParameterMayComeTwice", Get("/v1/things?utm_source=x&utm_source=y"), Sees(""),
       kIgnored},
  };
}
PUENTE_RULE_SUITE(Rule01Lenience, LenientCases);

std::vector<RuleCase> FormCases() {
  return {
      {"AFormBindsFields", PostForm("/v1/things", "text=a+b&i32=3&leaf.id=x"),
       Sees(R"(text: "a b" i32: 3 leaf { id: "x" })")},
      {"AFormFieldThatIsUnknownIsRefused", PostForm("/v1/things", "colour=qzx"),
       Refused(400, 3, "colour")},
      {"APathWinsOverAForm",
       Put("/v1/things/p", "text=t").Typed("application/x-www-form-urlencoded"),
       Sees(R"(id: "p" text: "t")")},
      {"AFormFieldThatNamesAPathFieldIsRefused",
       Put("/v1/things/p", "id=qzx").Typed("application/x-www-form-urlencoded"),
       Refused(400, 3, R"(\"id\")")},
      {"AFormFieldThatNamesAPathFieldIsIgnoredAndCounted",
       Put("/v1/things/p", "id=q&text=t").Typed("application/x-www-form-urlencoded"),
       Sees(R"(id: "p" text: "t")").Counts("query", 1), kIgnore},
      {"AnUnknownFormFieldIsIgnoredAndCounted", PostForm("/v1/things", "colour=red&text=t"),
       Sees(R"(text: "t")").Counts("query", 1), kWarn},
      {"AnEmptyFormIsAnEmptyMessage", PostForm("/v1/things", ""), Sees("")},
      {"TheListOfIgnoredParametersIsNotForForms", PostForm("/v1/things", "utm_source=x"),
       Refused(400, 3, "utm_source"), kIgnored},
      {"AFormIsTheBodysField",
       Put("/v1/things/p/leaf", "id=b&amount=2").Typed("application/x-www-form-urlencoded"),
       Sees(R"(id: "p" leaf { id: "b" amount: 2 })")},
  };
}
PUENTE_RULE_SUITE(Rule01Forms, FormCases);

std::vector<RuleCase> UnaskedBodyCases() {
  return {
      {"ABodyNobodyAskedForIsNotBound", Post("/v1/things/p:touch", R"({"text":"b"})"),
       Sees(R"(id: "p")").Counts("body", 1)},
      {"ABodyNobodyAskedForNeedNotBeJson", Post("/v1/things/p:touch", "{not json"),
       Sees(R"(id: "p")")},
      {"ABodyNobodyAskedForMayBeOfAnyType",
       Post("/v1/things/p:touch", "<a/>").Typed("application/xml"), Sees(R"(id: "p")")},
      {"ABodyOfAGetIsDropped", Send{"GET", "/v1/things/p?text=q", R"({"text":"b"})"},
       Sees(R"(id: "p" text: "q")").Counts("body", 1)},
      {"ABodyOfADeleteIsDropped", Send{"DELETE", "/v1/things/p", R"({"text":"b"})"},
       Sees(R"(id: "p")")},
      {"AFormNobodyAskedForIsNotBound", PostForm("/v1/things/p:touch", "text=b"),
       Sees(R"(id: "p")")},
      {"ABodyNobodyAskedForIsBounded", Post("/v1/things/p:touch", std::string(65, 'a')),
       Refused(413, 8), ProxySetup{"", "limits: {max_request_body_bytes: 64}"}},
      {"ARouteWithoutBodyBindsTheQuery", Post("/v1/things/p:touch?leaf.id=q", ""),
       Sees(R"(id: "p" leaf { id: "q" })").Counts("body", 0)},
  };
}
PUENTE_RULE_SUITE(Rule01UnaskedBodies, UnaskedBodyCases);

}  // namespace
}  // namespace puente::test

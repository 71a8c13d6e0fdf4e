// Rule 13: what is wrong with routes is found when they are loaded, all of it at once.
#include <gtest/gtest.h>

#include "tests/rules/load_check.h"
#include "tests/rules/rule_case.h"

namespace puente::test {
namespace {

struct LoadParam {
  std::string codec;
  LoadCase rule;
};
void PrintTo(const LoadParam& param, std::ostream* out) { PrintTo(param.rule, out); }

LoadCase Alone(const std::string& name, const std::string& rule, const std::string& says) {
  return {name, Rpc("A", rule), {{"api.v1.Api.A", says}}};
}
LoadCase Good(const std::string& name, const std::string& methods) { return {name, methods}; }
LoadCase Twice(const std::string& name, const std::string& one, const std::string& two) {
  return {name, Rpc("A", one) + Rpc("B", two), {{"api.v1.Api.A", "api.v1.Api.B"}}};
}

std::vector<LoadCase> GoodCases() {
  const auto pair = [](const std::string& name, const std::string& one, const std::string& two) {
    return Good(name, Rpc("A", one) + Rpc("B", two));
  };
  return {
      pair("OneTemplateForTwoMethods", R"(get: "/v1/{id}")", R"(delete: "/v1/{id}")"),
      pair("TwoCollections", R"(get: "/v1/{name=a/*}")", R"(get: "/v1/{name=b/*}")"),
      pair("ALiteralBesideAStar", R"(get: "/v1/a")", R"(get: "/v1/{id}")"),
      pair("AStarBesideADoubleStar", R"(get: "/v1/{id}")", R"(get: "/v1/{id=**}")"),
      pair("AVerbBesideNone", R"(get: "/v1/{id}")", R"(get: "/v1/{id}:a")"),
      pair("TwoVerbs", R"(get: "/v1/{id}:a")", R"(get: "/v1/{id}:b")"),
      pair("EveryMethodBesideOne", R"(custom: {kind: "*" path: "/v1/{id}"})", R"(get: "/v1/{id}")"),
      Good("AVariableOfATimestamp", Rpc("A", R"(get: "/v1/{at}")")),
      Good("AVariableOfAWrapper", Rpc("A", R"(get: "/v1/{box}")")),
      Good("AVariableOfANestedField", Rpc("A", R"(get: "/v1/{inner.inner.id}")")),
      Good("AVariableOfAOneof", Rpc("A", R"(get: "/v1/{left}")")),
      Good("AListAsTheBody", Rpc("A", R"(post: "/v1" body: "tags" response_body: "inners")")),
      Good("AMapAsTheBody", Rpc("A", R"(post: "/v1" body: "labels")")),
      Good("TheRoot", Rpc("A", R"(get: "/")")),
      Good("AMethodWithItsOwnAutomaticRoute", Rpc("A", R"(post: "/api.v1.Api/A" body: "*")")),
  };
}

std::vector<LoadCase> DuplicateCases() {
  return {
      Twice("TheSameTemplate", R"(get: "/v1/{id}")", R"(get: "/v1/{id}")"),
      Twice("OtherVariables", R"(get: "/v1/{id}")", R"(get: "/v1/{name}")"),
      Twice("AVariableBesideAStar", R"(get: "/v1/{id}/a")", R"(get: "/v1/*/a")"),
      Twice("AVariableWithItsStar", R"(get: "/v1/{id}")", R"(get: "/v1/{id=*}")"),
      Twice("AVariableOfLiterals", R"(get: "/v1/{name=a/*}")", R"(get: "/v1/a/{id}")"),
      Twice("TwoDoubleStars", R"(get: "/v1/{id=**}")", R"(get: "/v1/**")"),
      Twice("OneVerb", R"(post: "/v1/{id}:a")", R"(post: "/v1/{name}:a")"),
      Twice("AnEscapedLiteral", R"(get: "/v1/a")", R"(get: "/v1/%61")"),
      Twice("OfLiterals", R"(get: "/v1/a/b")", R"(get: "/v1/a/b")"),
      Twice("AnAdditionalBinding", R"(get: "/v1/{id}")",
            R"(get: "/v1/b" additional_bindings {get: "/v1/{name}"})"),
      Twice("TwoAdditionalBindings", R"(get: "/a" additional_bindings {get: "/v1/{name}"})",
            R"(get: "/b" additional_bindings {get: "/v1/{id}"})"),
      Twice("AnotherMethodsAutomaticRoute", R"(post: "/api.v1.Api/B" body: "*")",
            R"(get: "/v1/b")"),
      Twice("TwoCustomMethods", R"(custom: {kind: "PURGE" path: "/v1/{id}"})",
            R"(custom: {kind: "PURGE" path: "/v1/{name}"})"),
      Twice("ACustomGetBesideAGet", R"(custom: {kind: "GET" path: "/v1/{id}"})",
            R"(get: "/v1/{name}")"),
      {"OfOneMethod",
       Rpc("A", R"(get: "/v1/{id}" additional_bindings {get: "/v1/{name}"})"),
       {{"api.v1.Api.A", "/v1/{id}", "/v1/{name}"}}},
      {"EachNamesBothTemplates",
       Rpc("A", R"(get: "/v1/{id}")") + Rpc("B", R"(get: "/v1/{name}")"),
       {{"api.v1.Api.A", "/v1/{id}", "api.v1.Api.B", "/v1/{name}"}}},
  };
}

std::vector<LoadCase> FieldCases() {
  return {
      Alone("AnUnknownVariable", R"(get: "/v1/{nobody}")", "nobody"),
      Alone("AnUnknownNestedVariable", R"(get: "/v1/{inner.nobody}")", "nobody"),
      Alone("AFieldOfAScalar", R"(get: "/v1/{id.length}")", "id"),
      Alone("AVariableByItsJsonNameOnly", R"(get: "/v1/{Id}")", "Id"),
      Alone("AVariableOfAMessage", R"(get: "/v1/{inner}")", "inner"),
      Alone("AVariableOfAMap", R"(get: "/v1/{labels}")", "labels"),
      Alone("AVariableOfAList", R"(get: "/v1/{tags}")", "tags"),
      Alone("AVariableInsideOfAList", R"(get: "/v1/{inners.id}")", "inners"),
      Alone("AVariableInsideOfAMap", R"(get: "/v1/{labels.key}")", "labels"),
      Alone("AVariableOfAStruct", R"(get: "/v1/{document}")", "document"),
      Alone("AVariableTwice", R"(get: "/v1/{id}/{id}")", "id"),
      Alone("TwoMembersOfAOneof", R"(get: "/v1/{left}/{right}")", "choice"),
      Alone("AVariableAndABodyOfAOneof", R"(post: "/v1/{left}" body: "right")", "choice"),
      Alone("ATraceMethod", R"(custom: {kind: "TRACE" path: "/v1"})", "TRACE"),
      Alone("AConnectMethod", R"(custom: {kind: "CONNECT" path: "/v1"})", "CONNECT"),
      Alone("AnUnknownBody", R"(post: "/v1" body: "nobody")", "nobody"),
      Alone("ANestedBody", R"(post: "/v1" body: "inner.id")", "inner.id"),
      Alone("AnUnknownResponseBody", R"(get: "/v1" response_body: "nobody")", "nobody"),
      Alone("ANestedResponseBody", R"(get: "/v1" response_body: "inner.id")", "inner.id"),
      Alone("AResponseBodyOfTheRequest", R"(get: "/v1" response_body: "tags")", "tags"),
      Alone("AnUnknownVariableOfAnAdditionalBinding",
            R"(get: "/v1" additional_bindings {get: "/v2/{nobody}"})", "/v2/{nobody}"),
      Alone("BindingsInsideOfBindings",
            R"(get: "/v1" additional_bindings {get: "/v2" additional_bindings {get: "/v3"}})",
            "additional_bindings"),
      {"AllOfThemAtOnce",
       Rpc("A", R"(get: "/v1/{nobody}")") + Rpc("B", R"(post: "/v2" body: "none")") +
           Rpc("C", R"(get: "/v3/{")") + Rpc("D", R"(get: "/v4/{id}")") +
           Rpc("E", R"(get: "/v4/{name}")"),
       {{"api.v1.Api.A", "/v1/{nobody}"},
        {"api.v1.Api.B", "/v2", "none"},
        {"api.v1.Api.C", "/v3/{"},
        {"api.v1.Api.D", "api.v1.Api.E"}}},
      {"TwoOfOneRoute",
       Rpc("A", R"(post: "/v1/{nobody}" body: "none")"),
       {{"api.v1.Api.A", "nobody"}, {"api.v1.Api.A", "none"}}},
      {"AnUnknownService",
       Rpc("A", R"(get: "/v1")"),
       {{"services", "api.v1.Nobody"}},
       "services: [api.v1.Nobody]"},
  };
}

std::vector<LoadCase> TemplateCases() {
  const std::pair<const char*, const char*> templates[] = {
      {"WithoutSlash", "v1/a"},
      {"WithASlashAtTheEnd", "/v1/a/"},
      {"WithAnEmptySegment", "/v1//a"},
      {"OfTwoSlashes", "//"},
      {"WithAnOpenVariable", "/v1/{id"},
      {"WithAnEmptyVariable", "/v1/{}"},
      {"WithAnEmptyPattern", "/v1/{id=}"},
      {"WithANestedVariable", "/v1/{name=a/{id}}"},
      {"WithTextBehindAVariable", "/v1/{id}a"},
      {"WithTextBeforeAVariable", "/v1/a{id}"},
      {"WithTwoVariablesInASegment", "/v1/{id}{name}"},
      {"WithAVariableOfADigit", "/v1/{1}"},
      {"WithAStarInAWord", "/v1/a*"},
      {"WithThreeStars", "/v1/***"},
      {"WithAStarBehindADoubleStar", "/v1/**/*"},
      {"WithTwoDoubleStars", "/v1/{id=**}/{name=**}"},
      {"WithAnEmptyVerb", "/v1/a:"},
      {"WithAVerbAlone", "/v1/:a"},
      {"WithAVerbInAVariable", "/v1/{id=a:b}:c/d"},
      {"WithAQuery", "/v1/a?b"},
      {"WithASpace", "/v1/a b"},
      {"WithABadEscape", "/v1/%zz"},
      {"WithADotSegment", "/v1/../a"},
      {"WithAClosingBrace", "/v1/id}"},
  };
  std::vector<LoadCase> cases;
  for (const auto& [name, text] : templates) {
    cases.push_back(
        {name, Rpc("A", std::string("get: \"") + text + "\""), {{"api.v1.Api.A", text, "column"}}});
  }
  return cases;
}

class Rule13Load : public testing::TestWithParam<LoadParam> {};
TEST_P(Rule13Load, Finds) { CheckLoad(GetParam().codec, GetParam().rule); }

std::vector<LoadParam> LoadParams(const std::vector<LoadCase>& cases) {
  std::vector<LoadParam> params;
  for (const std::string& codec : Codecs()) {
    for (const LoadCase& rule : cases) params.push_back({codec, rule});
  }
  return params;
}

std::string NameOfLoad(const testing::TestParamInfo<LoadParam>& info) {
  return info.param.rule.name + "_" + info.param.codec;
}
INSTANTIATE_TEST_SUITE_P(Nothing, Rule13Load, testing::ValuesIn(LoadParams(GoodCases())),
                         NameOfLoad);
INSTANTIATE_TEST_SUITE_P(Duplicates, Rule13Load, testing::ValuesIn(LoadParams(DuplicateCases())),
                         NameOfLoad);
INSTANTIATE_TEST_SUITE_P(Fields, Rule13Load, testing::ValuesIn(LoadParams(FieldCases())),
                         NameOfLoad);
INSTANTIATE_TEST_SUITE_P(Templates, Rule13Load, testing::ValuesIn(LoadParams(TemplateCases())),
                         NameOfLoad);

}  // namespace
}  // namespace puente::test

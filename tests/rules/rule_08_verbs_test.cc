// Rule 8: a custom verb belongs to its own route.
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

std::vector<RuleCase> VerbCases() {
  return {
      {"AVerbIsItsRoutes", Post("/v1/m/x:archive", ""), Calls("Archive", R"(a: "x")")},
      {"AVerbBehindALiteral", Get("/v1/m:search"), Calls("Search", "")},
      {"AVerbWithAColon", Post("/v1/m/x:archive:now", ""), Calls("ArchiveNow", R"(a: "x")")},
      {"AVerbBehindADoubleStar", Get("/v1/w/a/b:list"), Calls("DeepList", R"(rest: "a/b")")},
      {"AVerbBehindAnEmptyDoubleStar", Get("/v1/w:list"), Calls("DeepList", "")},
      {"AVerbIsTheLastOne", Post("/v1/m/a:b:archive", ""), Calls("Archive", R"(a: "a:b")")},
      {"AVerbBehindAVerb", Post("/v1/m/x:archive:archive", ""),
       Calls("Archive", R"(a: "x:archive")")},
      {"AVerbIsCaseSensitive", Post("/v1/m/x:Archive", ""), Calls("Save", R"(a: "x:Archive")")},
      {"AVerbMayBeEncoded", Post("/v1/m/x:%61rchive", ""), Calls("Archive", R"(a: "x")")},
      {"AnEncodedColonIsNoVerb", Post("/v1/m/x%3Aarchive", ""), Calls("Save", R"(a: "x:archive")")},
      {"AnEncodedColonInLowerCaseIsNoVerb", Post("/v1/m/x%3aarchive", ""),
       Calls("Save", R"(a: "x:archive")")},
      {"AnEncodedColonBehindALiteralIsNoVerb", Get("/v1/m%3Asearch"), Refused(404, 5)},
      {"AVerbNeedsItsSegment", Post("/v1/m/:archive", ""), Calls("Save", R"(a: ":archive")")},
      {"AVerbAloneIsNoSegment", Post("/v1/things/:touch", ""), Refused(405, 12)},
      {"AnUnknownVerbIsText", Post("/v1/m/x:forget", ""), Calls("Save", R"(a: "x:forget")")},
      {"AnEmptyVerbIsText", Post("/v1/m/x:", ""), Calls("Save", R"(a: "x:")")},
      {"AColonInFrontIsText", Post("/v1/m/:x", ""), Calls("Save", R"(a: ":x")")},
      {"AnotherMethodsVerbIsText", Get("/v1/m/x:archive"), Calls("Star", R"(a: "x:archive")")},
      {"AnotherRoutesVerbIsText", Get("/v1/plain/x:archive"), Calls("Plain", R"(a: "x:archive")")},
      {"AnotherRoutesVerbIsTextForItsMethod", Post("/v1/plain/x:archive", ""),
       Calls("Plain", R"(a: "x:archive")")},
      {"AnotherLiteralsVerbIsText", Get("/v1/plain/x:search"), Calls("Plain", R"(a: "x:search")")},
      {"AVerbInsideOfThePathIsText", Get("/v1/m/x:archive/items/y:archive"),
       Calls("Items", R"(a: "x:archive" b: "y:archive")")},
      {"AVerbIsTextInADoubleStar", Get("/v1/d/a/b:list"), Calls("Deep", R"(rest: "a/b:list")")},
      {"AVerbBehindAnUnknownLiteral", Get("/v1/n:search"), Refused(404, 5)},
      {"AVerbWithAWrongMethodIs405", Send{"DELETE", "/v1/m:search"},
       Refused(405, 12).Header("Allow", "GET, HEAD, OPTIONS")},
      {"AVerbBesideAQuery", Post("/v1/m/x:archive?b=y", ""), Calls("Archive", R"(a: "x" b: "y")")},
      {"AVerbInTheQueryIsText", Post("/v1/m/x?b=:archive", ""),
       Calls("Save", R"(a: "x" b: ":archive")")},
  };
}
PUENTE_RULE_SUITE(Rule08Verbs, VerbCases);

}  // namespace
}  // namespace puente::test

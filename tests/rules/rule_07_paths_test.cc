// Rule 7: percent decoding, and which route a path is.
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

std::vector<RuleCase> DecodingCases() {
  return {
      {"ASingleSegmentDecodesEverything", Get("/v1/m/a%20b%2Fc%25d%3Ae%C3%A9"),
       Calls("Star", "a: \"a b/c%d:e\u00e9\"")},
      {"ASingleSegmentDecodesLowerCaseEscapes", Get("/v1/m/%2f%c3%a9"),
       Calls("Star", "a: \"/\u00e9\"")},
      {"ReservedCharactersStay", Get("/v1/m/!$&'()*+,;=@-._~"),
       Calls("Star", R"(a: "!$&'()*+,;=@-._~")")},
      {"APlusIsAPlus", Get("/v1/m/a+b"), Calls("Star", R"(a: "a+b")")},
      {"AnEncodedPlusIsAPlus", Get("/v1/m/a%2Bb"), Calls("Star", R"(a: "a+b")")},
      {"APathIsDecodedOnce", Get("/v1/m/%2541"), Calls("Star", R"(a: "%41")")},
      {"AnEncodedQuestionMarkIsNoQuery", Get("/v1/m/a%3Fb"), Calls("Star", R"(a: "a?b")")},
      {"AnEncodedHashIsText", Get("/v1/m/a%23b"), Calls("Star", R"(a: "a#b")")},
      {"MultipleSegmentsKeepTheirSlashes", Get("/v1/d/a/b/c"), Calls("Deep", R"(rest: "a/b/c")")},
      {"MultipleSegmentsKeepAnEncodedSlash", Get("/v1/d/a%2Fb/c"),
       Calls("Deep", R"(rest: "a%2Fb/c")")},
      {"MultipleSegmentsHaveItInUpperCase", Get("/v1/d/a%2fb"), Calls("Deep", R"(rest: "a%2Fb")")},
      {"MultipleSegmentsDecodeTheRest", Get("/v1/d/a%20%23%2A/%C3%A9"),
       Calls("Deep", "rest: \"a #*/\u00e9\"")},
      {"MultipleSegmentsDecodeOnce", Get("/v1/d/a%252Fb"), Calls("Deep", R"(rest: "a%2Fb")")},
      {"MultipleSegmentsOfATemplate", Get("/v1/shelves/a%2Fb/books/c%20d"),
       Calls("Book", R"(name: "shelves/a%2Fb/books/c d")")},
      {"ATemplateKeepsItsLiterals", Get("/v1/folders/a%20b"),
       Calls("Folder", R"(name: "folders/a b")")},
      {"AnEncodedSlashDoesNotSeparate", Get("/v1/m/a%2Fitems%2Fb"),
       Calls("Star", R"(a: "a/items/b")")},
      {"AnEncodedSlashDoesNotLead", Get("/v1%2Fm/a"), Refused(404, 5)},
      {"LiteralsMatchDecoded", Get("/v1/%6D/%6Citeral"), Calls("Literal", "")},
      {"ALiteralOfTheTemplateIsDecoded", Get("/v1/two%20words"), Calls("Spaced", "")},
      {"ALiteralsEscapeMayBeWrittenOtherwise", Get("/v1/%74wo%20words"), Calls("Spaced", "")},
      {"APlusIsNoSpaceInALiteral", Get("/v1/two+words"), Refused(404, 5)},
      {"AQuerysPlusIsASpace", Get("/v1/things?text=a+b"), Sees(R"(text: "a b")")},
      {"AQuerysEncodedPlusIsAPlus", Get("/v1/things?text=a%2Bb"), Sees(R"(text: "a+b")")},
      {"AQuerysPlusMayBeLiteral", Get("/v1/things?text=a+b"), Sees(R"(text: "a+b")"),
       ProxySetup{"query_plus: LITERAL"}},
      {"AQuerysNameIsDecoded", Get("/v1/things?te%78t=a"), Sees(R"(text: "a")")},
      {"AQuerysNestedNameIsDecoded", Get("/v1/things?leaf%2Eid=a"), Sees(R"(leaf { id: "a" })")},
      {"AQueryDecodesSlashes", Get("/v1/things?text=%2Fa%252F"), Sees(R"(text: "/a%2F")")},
  };
}
PUENTE_RULE_SUITE(Rule07Decoding, DecodingCases);

std::vector<RuleCase> BadEscapeCases() {
  return {
      {"AnEscapeOfOtherLetters", Get("/v1/m/%zz"), Refused(400, 3)},
      {"AnEscapeCutShort", Get("/v1/m/a%2"), Refused(400, 3)},
      {"APercentAlone", Get("/v1/m/100%"), Refused(400, 3)},
      {"AnEscapeInALiteral", Get("/v1/%mm/a"), Refused(400, 3)},
      {"AnEscapeOnAnUnknownPath", Get("/nowhere/%zz"), Refused(400, 3)},
      {"AnEncodedNul", Get("/v1/m/a%00qzx"), Refused(400, 3)},
      {"AnEncodedNulInManySegments", Get("/v1/d/a/%00"), Refused(400, 3)},
      {"AnEscapeInAQuery", Get("/v1/things?text=%zz"), Refused(400, 3)},
      {"AnEscapeInAQuerysName", Get("/v1/things?te%xt=qzx"), Refused(400, 3)},
      {"AnEncodedNulInAQuery", Get("/v1/things?text=a%00"), Refused(400, 3)},
      {"ATextThatIsNotUtf8", Get("/v1/m/%FF"), Refused(400, 3, R"(path variable \"a\")")},
      {"AQuerysTextThatIsNotUtf8", Get("/v1/things?text=%FF"),
       Refused(400, 3, R"(query parameter \"text\")")},
      {"AnEscapeInAForm", PostForm("/v1/things", "text=%zz"), Refused(400, 3)},
  };
}
PUENTE_RULE_SUITE(Rule07BadEscapes, BadEscapeCases);

std::vector<RuleCase> MatchingCases() {
  return {
      {"TheRoot", Get("/"), Calls("Root", "")},
      {"TheRootWithAQuery", Get("/?a=x"), Calls("Root", R"(a: "x")")},
      {"ALiteralBeforeAStar", Get("/v1/m/literal"), Calls("Literal", "")},
      {"AStarTakesTheRest", Get("/v1/m/literally"), Calls("Star", R"(a: "literally")")},
      {"ALiteralBeforeADoubleStar", Get("/v1/d/known"), Calls("DeepKnown", "")},
      {"AStarBeforeADoubleStar", Get("/v1/d/x/one"), Calls("DeepOne", R"(a: "x")")},
      {"ADoubleStarTakesTheRest", Get("/v1/d/x/two"), Calls("Deep", R"(rest: "x/two")")},
      {"BacktrackingFromALiteral", Get("/v1/m/literal/items/b"),
       Calls("Items", R"(a: "literal" b: "b")")},
      {"BacktrackingToADoubleStar", Get("/v1/d/known/x"), Calls("Deep", R"(rest: "known/x")")},
      {"ALongerPathOfLiterals", Get("/v1/m/literal/items"), Calls("LiteralItems", "")},
      {"BacktrackingForTheMethod", Post("/v1/b/one/two", ""), Calls("WriteTwo", R"(a: "one")")},
      {"TheMoreLiteralOneForItsOwnMethod", Get("/v1/b/one/two"), Calls("ReadOne", R"(b: "two")")},
      {"ALiteralForAnotherMethodOnly", Post("/v1/m/literal", ""), Calls("Save", R"(a: "literal")")},
      {"AllowOfBothTemplates", Send{"PUT", "/v1/b/one/two"},
       Refused(405, 12).Header("Allow", "GET, HEAD, OPTIONS, POST")},
      {"AStarNeedsASegment", Get("/v1/m"), Refused(404, 5)},
      {"AStarNeverMatchesAnEmptySegment", Get("/v1/m/"), Refused(404, 5)},
      {"AStarNeverMatchesAnEmptySegmentInside", Get("/v1/m//items/b"), Refused(404, 5)},
      {"AStarMatchesOneSegmentOnly", Get("/v1/m/a/b"), Refused(404, 5)},
      {"AStarInsideOfAVariableNeedsASegment", Get("/v1/shelves//books/c"), Refused(404, 5)},
      {"ADoubleStarMatchesNothing", Get("/v1/d"), Calls("Deep", "")},
      {"ADoubleStarKeepsAnEmptySegment", Get("/v1/d/a//b"), Calls("Deep", R"(rest: "a//b")")},
      {"ADoubleStarKeepsAnEmptySegmentAtTheEnd", Get("/v1/d/a/"), Calls("Deep", R"(rest: "a/")")},
      {"ADoubleStarBeforeALiteral", Get("/v1/s/a/b/end"), Calls("Suffix", R"(rest: "a/b")")},
      {"ADoubleStarMayHoldTheLiteralItself", Get("/v1/s/end/end"),
       Calls("Suffix", R"(rest: "end")")},
      {"ADoubleStarOfNothingBeforeALiteral", Get("/v1/s/end"), Calls("Suffix", "")},
      {"ALiteralBehindADoubleStarIsNeeded", Get("/v1/s/a/b"), Refused(404, 5)},
      {"AVariableOfManySegments", Get("/v1/shelves/a/books/b"),
       Calls("Book", R"(name: "shelves/a/books/b")")},
      {"AVariableWithADoubleStar", Get("/v1/folders/a/files/b/c"),
       Calls("Files", R"(name: "folders/a/files/b/c")")},
      {"AVariableWithADoubleStarOfNothing", Get("/v1/folders/a/files"),
       Calls("Files", R"(name: "folders/a/files")")},
      {"AVariablesLiteralIsNeeded", Get("/v1/shelf/a/books/b"), Refused(404, 5)},
      {"ACustomMethod", Send{"PURGE", "/v1/c/x"}, Calls("Purge", R"(a: "x")")},
      {"ACustomHead", Send{"HEAD", "/v1/c/x"}, Calls("Head", R"(a: "x")").Answers("")},
      {"ACustomOptions", Send{"OPTIONS", "/v1/c/x"}, Calls("Head", R"(a: "x")")},
      {"GetBesideThem", Get("/v1/c/x"), Calls("Fetch", R"(a: "x")")},
      {"EveryMethod", Send{"BREW", "/v1/any/x"}, Calls("Any", R"(a: "x")")},
      {"EveryMethodPut", Put("/v1/any/x", ""), Calls("Any", R"(a: "x")")},
      {"TheMethodsOwnRouteBeforeThatOfEveryMethod", Get("/v1/any/x"), Calls("AnyGet", R"(a: "x")")},
      {"AnAutomaticRoute", Post("/rules.v1.Bare/Call", R"({"id":"x"})"),
       Calls("Call", R"(id: "x")")},
      {"AnAutomaticRouteOfAnAnnotatedMethod", Post("/rules.v1.Places/Star", R"({"a":"x"})"),
       Calls("Star", R"(a: "x")")},
      {"NoAutomaticRouteWhenTheyAreOff", Post("/rules.v1.Bare/Call", "{}"), Refused(404, 5),
       ProxySetup{"auto_routes: OFF"}},
      {"NoRouteOfAServiceThatIsNotServed", Get("/v1/m/x"), Refused(404, 5),
       ProxySetup{"services: [rules.v1.Things]"}},
  };
}
PUENTE_RULE_SUITE(Rule07Matching, MatchingCases);

}  // namespace
}  // namespace puente::test

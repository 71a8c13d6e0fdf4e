// Rule 6: RFC 8259 to the letter.
#include "tests/rules/json_cases.h"
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

std::vector<RuleCase> SyntaxCases() {
  return {
      Bad("DuplicateKeys", R"({"text":"a","text":"qzx"})", "text"),
      Bad("DuplicateKeysOfAFieldsTwoNames", R"({"otherName":1,"renamed":77})"),
      Bad("DuplicateKeysInSnakeAndCamelCase", R"({"snake_case":1,"snakeCase":77})"),
      Bad("DuplicateKeysOfEqualValue", R"({"i32":1,"i32":1})", "i32"),
      Bad("DuplicateKeysWhereOneIsNull", R"({"i32":null,"i32":1})", "i32"),
      Bad("DuplicateKeysOneEscaped", R"({"text":"a","te\u0078t":"qzx"})", "text"),
      Bad("DuplicateKeysInside", R"({"leaf":{"next":{"id":"a","id":"qzx"}}})", "leaf.next.id"),
      Bad("DuplicateKeysInAStruct", R"({"document":{"a":1,"a":77}})", "document"),
      Bad("DuplicateKeysInAMap", R"({"labels":{"a":"1","a":"qzx"}})", "labels"),
      Bad("DuplicateKeysInAMapOfBools", R"({"switches":{"true":"RED","true":"GREEN"}})",
          "switches"),
      Bad("DuplicateKeysInAnElement", R"({"leaves":[{},{"id":"a","id":"qzx"}]})", "leaves[1].id"),
      Bad("ATrailingCommaInAnObject", R"({"text":"a",})"),
      Bad("ATrailingCommaInAnArray", R"({"numbers":[1,2,]})", "numbers"),
      Bad("ALeadingComma", R"({,"text":"a"})"),
      Bad("TwoCommas", R"({"numbers":[1,,2]})"),
      Bad("NoComma", R"({"text":"a" "i32":1})"),
      Bad("NoColon", R"({"text" "qzx"})"),
      Bad("NoValue", R"({"text":})"),
      Bad("SingleQuotes", R"({'text':'qzx'})"),
      Bad("SingleQuotesOfAValue", R"({"text":'qzx'})"),
      Bad("AKeyWithoutQuotes", R"({text:"qzx"})"),
      Bad("ACommentInALine", "{} // qzx"),
      Bad("AComment", R"({/* qzx */"text":"a"})"),
      Bad("TrailingBytes", R"({"text":"a"}qzx)"),
      Bad("ASecondDocument", "{}{}"),
      Bad("AnOpenObject", R"({"text":"a")"),
      Bad("AnOpenString", R"({"text":"qzx)"),
      Bad("AnOpenArray", R"({"numbers":[1)"),
      Bad("AWrongBracket", R"({"numbers":[1}})"),
      Bad("AClosingBracketAlone", "}"),
      Bad("AByteOrderMark", "\xef\xbb\xbf{}"),
      Bad("AFormFeedAsSpace", "{\f}"),
      Bad("ANonBreakingSpace", "{\u00a0}"),
  };
}
PUENTE_RULE_SUITE(Rule06Syntax, SyntaxCases);

std::vector<RuleCase> TokenCases() {
  const auto number = [](const std::string& name, const std::string& text) {
    return Bad(name, R"({"wide":)" + text + "}", "line 1, column");
  };
  const auto string = [](const std::string& name, const std::string& text) {
    return Bad(name, "{\"text\":\"" + text + "\"}", "text");
  };
  return {
      number("ANumberWithALeadingZero", "01"),
      number("ANumberWithAPlus", "+1"),
      number("ANumberWithoutDigitsBeforeThePoint", ".5"),
      number("ANumberWithoutDigitsBehindThePoint", "1."),
      number("ANumberWithoutExponent", "1e"),
      number("ANumberWithAnUnderscore", "1_000"),
      number("AHexadecimalNumber", "0x10"),
      number("AMinusAlone", "-"),
      number("TwoMinuses", "--1"),
      number("ABareNan", "NaN"),
      number("ABareInfinity", "Infinity"),
      number("ABareMinusInfinity", "-Infinity"),
      Bad("TrueInCapitals", R"({"flag":TRUE})", "line 1, column 9"),
      Bad("AWordThatGoesOn", R"({"flag":trueish})"),
      Bad("NoneIsNotNull", R"({"text":None})", "line 1, column 9"),
      string("InvalidUtf8", "\xff"),
      string("OverlongUtf8", "\xc0\xaf"),
      string("ASurrogateInUtf8", "\xed\xa0\x80"),
      string("UtfBeyondUnicode", "\xf4\x90\x80\x80"),
      string("TruncatedUtf8", "\xe2\x82"),
      string("ATab", "\t"),
      string("ALineBreak", "\n"),
      string("ANulByte", std::string(1, '\0')),
      string("AnUnknownEscape", "\\x41"),
      string("AnEscapeOfTooFewDigits", "\\u12"),
      string("AnEscapeThatIsNotHexadecimal", "\\u12g4"),
      string("ALoneHighSurrogate", "\\ud83d"),
      string("ALoneLowSurrogate", "\\ude00"),
      string("TwoHighSurrogates", "\\ud83d\\ud83d"),
      Bad("InvalidUtf8InAKey", "{\"te\xfft\":1}"),
      Bad("InvalidUtf8InAnIgnoredPlace", "{}\xff"),
      Maps("ASurrogatePair", R"({"text":"\ud83d\ude00"})", "text: \"\U0001f600\"",
           "{\"text\":\"\U0001f600\"}"),
      Maps("EscapesOfAllKinds", R"({"text":"\"\\\/\b\f\n\r\t\u00e9"})",
           R"(text: "\"\\/\b\f\n\r\t\303\251")", "{\"text\":\"\\\"\\\\/\\b\\f\\n\\r\\t\u00e9\"}"),
      Maps("AnEscapedNul", R"({"text":"a\u0000b"})", R"(text: "a\000b")"),
      Maps("EscapesInAKey", R"({"\u0074ext":"a"})", R"(text: "a")", R"({"text":"a"})"),
      Maps("WhiteSpaceEverywhere", " \t\r\n{ \"numbers\" : [ 1 , 2 ] } \n", "numbers: 1 numbers: 2",
           R"({"numbers":[1,2]})"),
  };
}
PUENTE_RULE_SUITE(Rule06Tokens, TokenCases);

std::string Nested(int depth, const std::string& open, const std::string& close) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += open;
  for (int i = 0; i < depth; ++i) text += close;
  return text;
}

std::vector<RuleCase> PlaceCases() {
  return {
      Bad("ATopLevelField", R"({"i32":"qzx"})", "i32"),
      Bad("ANestedField", R"({"leaf":{"next":{"amount":"qzx"}}})", "leaf.next.amount"),
      Bad("AnElement", R"({"numbers":[1,2,"qzx"]})", "numbers[2]"),
      Bad("AFieldOfAnElement", R"({"leaves":[{},{},{"amount":"qzx"}]})", "leaves[2].amount"),
      Bad("AnElementOfAnElement", R"({"leaves":[{"sizes":[1,"qzx"]}]})", "leaves[0].sizes[1]"),
      Bad("AValueOfAMap", R"({"counts":{"1":"qzx"}})", "counts"),
      Bad("AKeyOfAMap", R"({"counts":{"<qzx>":1}})", "counts"),
      Bad("AnUnknownField", R"({"colour":"qzx"})", "colour"),
      Bad("AnUnknownFieldInside", R"({"leaf":{"colour":"qzx"}})", "leaf"),
      Bad("AnUnknownFieldOfAnElement", R"({"leaves":[{"colour":"qzx"}]})", "leaves[0]"),
      {"AFieldOfTheBodysField", Put("/v1/things/p/leaf", R"({"next":{"amount":"qzx"}})"),
       Refused(400, 3, "leaf.next.amount")},
      {"AnEmptyBodyIsAnEmptyObject", Post("/v1/things", ""), Sees("")},
      {"AnEmptyBodyOfAFieldIsAnEmptyObject", Put("/v1/things/p/leaf", ""), Sees("id: 'p' leaf {}")},
      {"AnEmptyBodyMayHaveAnyType", Post("/v1/things", "").Typed("application/json"), Sees("")},
      Bad("AnArrayForTheMessage", "[]"),
      Bad("AStringForTheMessage", R"("qzx")"),
      Bad("ANumberForTheMessage", "77"),
      Bad("AnObjectForAScalar", R"({"i32":{}})", "i32"),
      Bad("AnArrayForAScalar", R"({"text":["qzx"]})", "text"),
      Bad("AScalarForAList", R"({"numbers":77})", "numbers"),
      Bad("AnObjectForAList", R"({"numbers":{}})", "numbers"),
      Bad("AScalarForAMessage", R"({"leaf":"qzx"})", "leaf"),
      Bad("AnArrayForAMessage", R"({"leaf":[{}]})", "leaf"),
      Bad("AnArrayForAMap", R"({"labels":[]})", "labels"),
      Bad("ANullElement", R"({"numbers":[1,null]})", "numbers[1]"),
      Bad("ANullMessageElement", R"({"leaves":[null]})", "leaves[0]"),
      Bad("ANullMapValue", R"({"labels":{"a":null}})", "labels"),
      Bad("TwoMembersOfAOneof", R"({"name":"a","number":77})"),
      Bad("TwoMembersOfAOneofInAnyOrder", R"({"branch":{},"name":"qzx"})"),
      {"TooDeepAnObject", Post("/v1/things", R"({"leaf":)" + Nested(100, R"({"next":)", "}") + "}"),
       Refused(400, 3)},
      {"TooDeepAStruct", Post("/v1/things", R"({"document":{"a":)" + Nested(99, "[", "]") + "}}"),
       Refused(400, 3)},
      {"TooDeepAnIgnoredField", Post("/v1/things", R"({"colour":)" + Nested(100, "[", "]") + "}"),
       Refused(400, 3), ProxySetup{"json: {unknown_fields: IGNORE}"}},
      {"TooManyOpenBrackets", Post("/v1/things", std::string(100000, '[')), Refused(400, 3)},
      {"ALowerLimitOfDepth", Post("/v1/things", R"({"leaf":{"next":{"next":{}}}})"),
       Refused(400, 3), ProxySetup{"", "limits: {max_json_depth: 3}"}},
      {"DeepAsTheLimitAllows", Post("/v1/things", R"({"leaf":{"next":{}}})"),
       Sees("leaf { next {} }"), ProxySetup{"", "limits: {max_json_depth: 3}"}},
  };
}
PUENTE_RULE_SUITE(Rule06Places, PlaceCases);

}  // namespace
}  // namespace puente::test

// Rule 9: values in queries, and which fields they bind.
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

RuleCase Good(const std::string& name, const std::string& query, const std::string& text) {
  return {name, Get("/v1/things?" + query), Sees(text)};
}
// What stands behind the `=` is 77 or qzx, and is not repeated.
RuleCase Bad(const std::string& name, const std::string& query, const std::string& parameter) {
  return {name, Get("/v1/things?" + query), Refused(400, 3, parameter).Hides("77")};
}

std::vector<RuleCase> GoodCases() {
  return {
      Good("Integers", "i32=-1&i64=-2&u32=3&u64=4&s32=-5&s64=-6",
           "i32: -1 i64: -2 u32: 3 u64: 4 s32: -5 s64: -6"),
      Good("FixedIntegers", "f32=1&f64=2&sf32=-3&sf64=-4", "f32: 1 f64: 2 sf32: -3 sf64: -4"),
      Good("Floats", "real=1.5&wide=-2.5e-1", "real: 1.5 wide: -0.25"),
      Good("SpecialFloats", "real=NaN&wide=-Infinity", "real: nan wide: -inf"),
      Good("Bool", "flag=true", "flag: true"),
      Good("Text", "text=a%20b+c", R"(text: "a b c")"),
      Good("EmptyText", "name=", R"(name: "")"),
      Good("TextWithEquals", "text=a=b", R"(text: "a=b")"),
      Good("TextWithoutEquals", "name", R"(name: "")"),
      Good("BytesInStandardBase64", "raw=%2B/8=", R"(raw: "\373\377")"),
      Good("BytesInUrlBase64", "raw=-_8", R"(raw: "\373\377")"),
      Good("AnEnumByName", "color=GREEN", "color: GREEN"),
      Good("AnEnumByNumber", "color=2", "color: GREEN"),
      Good("AnEnumsNumberWithoutName", "color=77", "color: 77"),
      Good("AnEnumsDefault", "color=COLOR_UNSPECIFIED", ""),
      Good("ANestedField", "leaf.id=x&leaf.amount=3", R"(leaf { id: "x" amount: 3 })"),
      Good("ADeeplyNestedField", "leaf.next.next.id=x", R"(leaf { next { next { id: "x" } } })"),
      Good("ARepeatedField", "tags=a&i32=1&tags=b&tags=", R"(i32: 1 tags: "a" tags: "b" tags: "")"),
      Good("RepeatedNumbers", "numbers=3&numbers=-1", "numbers: 3 numbers: -1"),
      Good("RepeatedEnums", "colors=RED&colors=2", "colors: RED colors: GREEN"),
      Good("RepeatedBytes", "blobs=AQ&blobs=_w", R"(blobs: "\001" blobs: "\377")"),
      Good("RepeatedBools", "flags=true&flags=false", "flags: true flags: false"),
      Good("RepeatedTimestamps", "times=1970-01-01T00:00:01Z&times=1970-01-01T00:00:02Z",
           "times { seconds: 1 } times { seconds: 2 }"),
      Good("RepeatedWrappers", "boxes=1&boxes=0", "boxes { value: 1 } boxes {}"),
      Good("ARepeatedFieldOfAMessage", "leaf.sizes=1&leaf.sizes=2", "leaf { sizes: 1 sizes: 2 }"),
      Good("AnOptionalField", "maybe=0", "maybe: 0"),
      Good("AOneof", "branch.id=x", R"(branch { id: "x" })"),
      Good("TwoFieldsOfAOneofsMessage", "branch.id=x&branch.amount=2",
           R"(branch { id: "x" amount: 2 })"),
      Good("ATimestamp", "at=2024-02-29T12:00:00Z", "at { seconds: 1709208000 }"),
      Good("ATimestampOfAnotherZone", "at=2024-02-29T14:00:00%2B02:00",
           "at { seconds: 1709208000 }"),
      Good("ANestedTimestamp", "leaf.made_at=1970-01-01T00:00:01Z",
           "leaf { made_at { seconds: 1 } }"),
      Good("ADuration", "lasting=-3.5s", "lasting { seconds: -3 nanos: -500000000 }"),
      Good("AFieldMask", "mask=leaf.id,snakeCase",
           R"(mask { paths: "leaf.id" paths: "snake_case" })"),
      Good("AFieldMaskInSnakeCase", "mask=snake_case", R"(mask { paths: "snake_case" })"),
      Good("Wrappers", "i64_box=5&flag_box=false&text_box=a&raw_box=AQ",
           R"(i64_box { value: 5 } flag_box {} text_box { value: "a" } raw_box { value: "\001" })"),
      Good("NumberWrappers", "i32_box=1&u32_box=2&u64_box=3&real_box=0.5&wide_box=0.25",
           "real_box { value: 0.5 } wide_box { value: 0.25 } u64_box { value: 3 } "
           "i32_box { value: 1 } u32_box { value: 2 }"),
      Good("AMap", "labels[region]=eu", R"(labels { key: "region" value: "eu" })"),
      Good("AMapOfTwo", "labels[a]=1&labels[b]=2",
           R"(labels { key: "a" value: "1" } labels { key: "b" value: "2" })"),
      Good("AMapWithEncodedBrackets", "labels%5Bregion%5D=eu",
           R"(labels { key: "region" value: "eu" })"),
      Good("AMapsKeyOfOtherCharacters", "labels[a.b%20%26c]=1",
           R"(labels { key: "a.b &c" value: "1" })"),
      Good("AMapOfNumbers", "counts[-3]=5", "counts { key: -3 value: 5 }"),
      Good("AMapOfBools", "switches[true]=RED", "switches { key: true value: RED }"),
      Good("AJsonName", "otherName=3", "renamed: 3"),
      Good("AProtoNameBesideAJsonName", "renamed=3", "renamed: 3"),
      Good("ACamelCaseName", "snakeCase=3", "snake_case: 3"),
      Good("ASnakeCaseName", "snake_case=3", "snake_case: 3"),
      Good("ANestedCamelCaseName", "leaf.madeAt=1970-01-01T00:00:01Z",
           "leaf { made_at { seconds: 1 } }"),
  };
}
PUENTE_RULE_SUITE(Rule09Queries, GoodCases);

std::vector<RuleCase> BadCases() {
  return {
      Bad("ANumberThatDoesNotFit", "i32=77777777777", R"(\"i32\")"),
      Bad("ANegativeUnsigned", "u64=-77", R"(\"u64\")"),
      Bad("AnEmptyNumber", "i32=", R"(\"i32\")"),
      Bad("ANumberWithoutEquals", "i32", R"(\"i32\")"),
      Bad("AHexadecimalNumber", "i64=0x77", R"(\"i64\")"),
      Bad("ANumberWithASpace", "i32=+77", R"(\"i32\")"),
      Bad("AFraction", "u32=77.5", R"(\"u32\")"),
      Bad("ABoolAsNumber", "flag=77", R"(\"flag\")"),
      Bad("AnEmptyBool", "flag=", R"(\"flag\")"),
      Bad("AnEnumsUnknownName", "color=qzx", R"(\"color\")"),
      Bad("AnEmptyEnum", "color=", R"(\"color\")"),
      Bad("ARepeatedEnumsUnknownName", "colors=RED&colors=qzx", R"(\"colors\")"),
      Bad("BytesOfOtherLetters", "raw=!qzx", R"(\"raw\")"),
      Bad("ASingularFieldGivenTwice", "i32=1&i32=77", R"(\"i32\")"),
      Bad("ASingularFieldGivenTwiceAlike", "text=a&text=a", R"(\"text\")"),
      Bad("ASingularFieldUnderBothItsNames", "otherName=1&renamed=77", R"(\"renamed\")"),
      Bad("ANestedFieldGivenTwice", "leaf.id=a&leaf.id=qzx", R"(\"leaf.id\")"),
      Bad("AWrapperGivenTwice", "i64_box=1&i64_box=77", R"(\"i64_box\")"),
      Bad("AMapsKeyGivenTwice", "labels[a]=1&labels[a]=qzx", "labels"),
      Bad("TwoMembersOfAOneof", "name=a&number=77", "number"),
      Bad("TwoMembersOfAOneofNested", "name=a&branch.id=qzx", "branch.id"),
      Bad("AMessage", "leaf=qzx", R"(\"leaf\")"),
      Bad("AListOfMessages", "leaves=qzx", R"(\"leaves\")"),
      Bad("AFieldOfAListOfMessages", "leaves.id=qzx", R"(\"leaves.id\")"),
      Bad("AMapWithoutKey", "labels=qzx", R"(\"labels\")"),
      Bad("AMapsKeyThatDoesNotFit", "counts[%3Cqzx%3E]=1", "query parameter"),
      Bad("AMapsValueThatDoesNotFit", "counts[1]=qzx", "query parameter"),
      Bad("AMapOfMessages", "by_name[a]=qzx", "query parameter"),
      Bad("AMapWithADot", "labels.region=qzx", R"(\"labels.region\")"),
      Bad("ANullNumber", "maybe=null", R"(\"maybe\")"),
      Bad("AStruct", "document=qzx", R"(\"document\")"),
      Bad("ATimestampInOtherWords", "at=qzx", R"(\"at\")"),
      Bad("ATimestampsField", "at.seconds=77", R"(\"at.seconds\")"),
      Bad("ADurationInOtherWords", "lasting=77m", R"(\"lasting\")"),
      Bad("ANullDuration", "lasting=null", R"(\"lasting\")"),
      Bad("AStructsField", "document.a=qzx", "document.a"),
      Bad("AnAny", "packed=qzx", "packed"),
      Bad("ABracketThatIsNotClosed", "labels[a=qzx", "query parameter"),
      {"TooManyParameters", Get("/v1/things?tags=a&tags=b&tags=c"), Refused(400, 3),
       ProxySetup{"", "limits: {max_query_parameters: 2}"}},
      {"AsManyParametersAsAllowed", Get("/v1/things?tags=a&tags=b"), Sees(R"(tags: "a" tags: "b")"),
       ProxySetup{"", "limits: {max_query_parameters: 2}"}},
      {"AFieldNestedVeryDeep",
       Get("/v1/things?leaf" +
           [] {
             std::string names;
             for (int i = 0; i < 200; ++i) names += ".next";
             return names;
           }() +
           ".id=qzx"),
       Refused(400, 3)},
  };
}
PUENTE_RULE_SUITE(Rule09BadQueries, BadCases);

std::vector<RuleCase> FormCases() {
  const auto form = [](const std::string& name, const std::string& body, const Expect& expect) {
    return RuleCase{name, PostForm("/v1/things", body), expect};
  };
  return {
      form("Numbers", "i64=-5&wide=1.5", Sees("i64: -5 wide: 1.5")),
      form("ARepeatedField", "tags=a&tags=b", Sees(R"(tags: "a" tags: "b")")),
      form("AMap", "labels[region]=eu", Sees(R"(labels { key: "region" value: "eu" })")),
      form("ANestedTimestamp", "leaf.madeAt=1970-01-01T00%3A00%3A01Z",
           Sees("leaf { made_at { seconds: 1 } }")),
      form("APlusIsASpace", "text=a+b%2B", Sees(R"(text: "a b+")")),
      form("ABadNumber", "i32=qzx", Refused(400, 3, R"(\"i32\")")),
      form("ASingularFieldGivenTwice", "i32=1&i32=77", Refused(400, 3, R"(\"i32\")").Hides("77")),
      form("TwoMembersOfAOneof", "name=a&number=77", Refused(400, 3, "number").Hides("77")),
      {"AFormInAnyCase",
       Post("/v1/things", "i32=1").Typed("Application/X-WWW-Form-Urlencoded; charset=UTF-8"),
       Sees("i32: 1")},
  };
}
PUENTE_RULE_SUITE(Rule09Forms, FormCases);

}  // namespace
}  // namespace puente::test

// Rule 6: lists, maps, messages and well-known types and their JSON, both ways.
#include "tests/rules/json_cases.h"
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

std::vector<RuleCase> CompositeCases() {
  return {
      Maps("ACamelCaseName", R"({"snakeCase":3})", "snake_case: 3"),
      Maps("AProtoName", R"({"snake_case":3})", "snake_case: 3", R"({"snakeCase":3})"),
      Maps("AJsonName", R"({"otherName":3})", "renamed: 3"),
      Maps("AProtoNameBesideAJsonName", R"({"renamed":3})", "renamed: 3", R"({"otherName":3})"),
      Maps("AList", R"({"tags":["a","","b"]})", R"(tags: "a" tags: "" tags: "b")"),
      Maps("AnEmptyList", R"({"tags":[]})", "", "{}"),
      Maps("ANullList", R"({"tags":null})", "", "{}"),
      Maps("AListOfEnums", R"({"colors":["RED",2,"COLOR_UNSPECIFIED"]})",
           "colors: RED colors: GREEN colors: COLOR_UNSPECIFIED",
           R"({"colors":["RED","GREEN","COLOR_UNSPECIFIED"]})"),
      Maps("AListOfMessages", R"({"leaves":[{"id":"a"},{},{"next":{"id":"b"}}]})",
           R"(leaves { id: "a" } leaves {} leaves { next { id: "b" } })"),
      Maps("AListOfBytes", R"({"blobs":["AQ==",""]})", R"(blobs: "\001" blobs: "")"),
      Maps("AMapOfStrings", R"({"labels":{"a b":"1"}})", R"(labels { key: "a b" value: "1" })"),
      Maps("AnEmptyMap", R"({"labels":{}})", "", "{}"),
      Maps("AMapOfNumbers", R"({"counts":{"-3":5}})", "counts { key: -3 value: 5 }",
           R"({"counts":{"-3":"5"}})"),
      Maps("AMapOfBools", R"({"switches":{"true":"RED"}})", "switches { key: true value: RED }"),
      Maps("AMapOfMessages", R"({"byName":{"":{"id":"x"}}})",
           R"(by_name { key: "" value { id: "x" } })"),
      Bad("AMapKeyThatIsNoBool", R"({"switches":{"1":"RED"}})", "switches"),
      Bad("AMapKeyThatDoesNotFit", R"({"counts":{"2147483648":1}})", "counts"),
      Maps("AMessage", R"({"leaf":{"id":"x","next":{"amount":3}}})",
           R"(leaf { id: "x" next { amount: 3 } })"),
      Maps("AnEmptyMessageIsSet", R"({"leaf":{}})", "leaf {}"),
      Maps("ANullMessageIsUnset", R"({"leaf":null})", "", "{}"),
      Maps("AOneofsText", R"({"name":""})", R"(name: "")"),
      Maps("AOneofsNumber", R"({"number":0})", "number: 0"),
      Maps("AOneofsMessage", R"({"branch":{}})", "branch {}"),
      Maps("AOneofBesideANull", R"({"name":null,"number":1})", "number: 1", R"({"number":1})"),
  };
}
PUENTE_RULE_SUITE(Rule06Composites, CompositeCases);

std::vector<RuleCase> TimeCases() {
  return {
      Maps("Timestamp", R"({"at":"2024-02-29T12:00:00Z"})", "at { seconds: 1709208000 }"),
      Maps("TimestampInMilliseconds", R"({"at":"2024-02-29T12:00:00.100Z"})",
           "at { seconds: 1709208000 nanos: 100000000 }"),
      Maps("TimestampInNanoseconds", R"({"at":"2024-02-29T12:00:00.000000049Z"})",
           "at { seconds: 1709208000 nanos: 49 }"),
      Maps("TimestampOfAnotherZone", R"({"at":"2024-02-29T14:30:00.5+02:30"})",
           "at { seconds: 1709208000 nanos: 500000000 }", R"({"at":"2024-02-29T12:00:00.500Z"})"),
      Maps("TimestampBeforeTheEpoch", R"({"at":"1969-12-31T23:59:59.500Z"})",
           "at { seconds: -1 nanos: 500000000 }"),
      Maps("TimestampAtLeast", R"({"at":"0001-01-01T00:00:00Z"})", "at { seconds: -62135596800 }"),
      Maps("TimestampAtMost", R"({"at":"9999-12-31T23:59:59.999999999Z"})",
           "at { seconds: 253402300799 nanos: 999999999 }"),
      Bad("TimestampTooEarly", R"({"at":"0000-01-01T00:00:00Z"})", "at"),
      Bad("TimestampWithoutZone", R"({"at":"2024-02-29T12:00:00"})", "at"),
      Bad("TimestampOfADayThatIsNone", R"({"at":"2023-02-29T12:00:00Z"})", "at"),
      Bad("TimestampOfAMonthThatIsNone", R"({"at":"2023-13-01T12:00:00Z"})", "at"),
      Bad("TimestampWithASpace", R"({"at":"2024-02-29 12:00:00Z"})", "at"),
      Bad("TimestampAsNumber", R"({"at":1709208000})", "at"),
      Bad("TimestampAsObject", R"({"at":{"seconds":77}})", "at"),
      Maps("ListOfTimestamps", R"({"times":["1970-01-01T00:00:00Z"]})", "times {}"),
      Maps("Duration", R"({"lasting":"3s"})", "lasting { seconds: 3 }"),
      Maps("DurationOfAFraction", R"({"lasting":"3.5s"})",
           "lasting { seconds: 3 nanos: 500000000 }", R"({"lasting":"3.500s"})"),
      Maps("DurationBelowZero", R"({"lasting":"-0.5s"})", "lasting { nanos: -500000000 }",
           R"({"lasting":"-0.500s"})"),
      Maps("DurationInNanoseconds", R"({"lasting":"0.000000001s"})", "lasting { nanos: 1 }"),
      Bad("DurationWithoutUnit", R"({"lasting":"77"})", "lasting"),
      Bad("DurationInMinutes", R"({"lasting":"77m"})", "lasting"),
      Bad("DurationTooLong", R"({"lasting":"315576000001s"})", "lasting"),
      Bad("DurationTooFine", R"({"lasting":"0.0000000001s"})", "lasting"),
      Bad("DurationAsNumber", R"({"lasting":77})", "lasting"),
  };
}
PUENTE_RULE_SUITE(Rule06Times, TimeCases);

std::vector<RuleCase> WellKnownCases() {
  const std::string url = "type.googleapis.com/";
  return {
      Maps("FieldMask", R"({"mask":"leaf.id,snakeCase"})",
           R"(mask { paths: "leaf.id" paths: "snake_case" })"),
      Maps("AnEmptyFieldMask", R"({"mask":""})", "mask {}"),
      Bad("FieldMaskAsList", R"({"mask":["qzx"]})", "mask"),
      Maps("Struct", R"({"document":{"a":[1,"b",null,true,{}]}})",
           "document { fields { key: 'a' value { list_value { values { number_value: 1 } "
           "values { string_value: 'b' } values { null_value: NULL_VALUE } "
           "values { bool_value: true } values { struct_value {} } } } } }"),
      Bad("StructAsList", R"({"document":[]})", "document"),
      Maps("ValueOfNull", R"({"anything":null})", "anything { null_value: NULL_VALUE }"),
      Maps("ValueOfText", R"({"anything":"a"})", "anything { string_value: 'a' }"),
      Maps("ValueOfANumber", R"({"anything":1.5})", "anything { number_value: 1.5 }"),
      Maps("ListValue", R"({"list":[null,"a"]})",
           "list { values { null_value: NULL_VALUE } values { string_value: 'a' } }"),
      Bad("ListValueAsObject", R"({"list":{}})", "list"),
      Maps("Empty", R"({"empty":{}})", "empty {}"),
      Bad("EmptyWithAField", R"({"empty":{"a":77}})", "empty"),
      Maps("AnyOfAMessage", R"({"packed":{"@type":"type.googleapis.com/rules.v1.Leaf","id":"x"}})",
           "packed { [" + url + "rules.v1.Leaf] { id: 'x' } }"),
      Maps("AnyOfAWellKnownType",
           R"({"packed":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}})",
           "packed { [" + url + "google.protobuf.Duration] { seconds: 1 } }"),
      Maps("AnyWithItsTypeBehind",
           R"({"packed":{"id":"x","@type":"type.googleapis.com/rules.v1.Leaf"}})",
           "packed { [" + url + "rules.v1.Leaf] { id: 'x' } }",
           R"({"packed":{"@type":"type.googleapis.com/rules.v1.Leaf","id":"x"}})"),
      Bad("AnyWithoutType", R"({"packed":{"id":"qzx"}})", "packed"),
      Bad("AnyOfAnUnknownField",
          R"({"packed":{"@type":"type.googleapis.com/rules.v1.Leaf","colour":"qzx"}})", "packed"),
      Maps("WrapperOfZero", R"({"i64Box":"0"})", "i64_box {}"),
      Maps("WrapperOfANumber", R"({"u64Box":7})", "u64_box { value: 7 }", R"({"u64Box":"7"})"),
      Maps("WrapperOfAFloat", R"({"realBox":0.5})", "real_box { value: 0.5 }"),
      Maps("WrapperOfADouble", R"({"wideBox":"NaN"})", "wide_box { value: nan }"),
      Maps("WrapperOfAnInt", R"({"i32Box":-1})", "i32_box { value: -1 }"),
      Maps("WrapperOfAnUnsigned", R"({"u32Box":1})", "u32_box { value: 1 }"),
      Maps("WrapperOfABool", R"({"flagBox":false})", "flag_box {}"),
      Maps("WrapperOfText", R"({"textBox":"a"})", "text_box { value: 'a' }"),
      Maps("WrapperOfBytes", R"({"rawBox":"AQ=="})", R"(raw_box { value: "\001" })"),
      Maps("WrapperOfNull", R"({"flagBox":null})", "", "{}"),
      Maps("ListOfWrappers", R"({"boxes":["1","0"]})", "boxes { value: 1 } boxes {}"),
      Bad("WrapperAsObject", R"({"i64Box":{"value":77}})", "i64Box"),
      Bad("WrapperOfTooMuch", R"({"i32Box":2147483648})", "i32Box"),
  };
}
PUENTE_RULE_SUITE(Rule06WellKnownTypes, WellKnownCases);

}  // namespace
}  // namespace puente::test

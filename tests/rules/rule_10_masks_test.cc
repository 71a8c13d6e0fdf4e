// Rule 10: the update_mask of a PATCH, and what an unset response_body is.
#include "tests/rules/rules_fixture.h"

namespace puente::test {
namespace {

constexpr char kChange[] = "/v1/changes/t";

// A PATCH whose body sets `thing` to the text, besides its id, and the mask to `paths`.
RuleCase Masks(const std::string& name, const std::string& body, const std::string& thing,
               const std::vector<std::string>& paths) {
  std::string mask;
  for (const std::string& path : paths) mask += " paths: \"" + path + "\"";
  return {name, Patch(kChange, body),
          Sees("thing { id: 't' " + thing + " } update_mask {" + mask + " }")};
}

std::vector<RuleCase> MaskCases() {
  return {
      Masks("AKey", R"({"text":"a"})", "text: 'a'", {"text"}),
      Masks("TwoKeys", R"({"i32":1,"text":"a"})", "i32: 1 text: 'a'", {"i32", "text"}),
      Masks("AJsonNameIsItsProtoName", R"({"otherName":1})", "renamed: 1", {"renamed"}),
      Masks("ACamelCaseNameIsItsProtoName", R"({"snakeCase":1})", "snake_case: 1", {"snake_case"}),
      Masks("AProtoName", R"({"snake_case":1})", "snake_case: 1", {"snake_case"}),
      Masks("ANestedKeyIsALeafPath", R"({"leaf":{"id":"x"}})", "leaf { id: 'x' }", {"leaf.id"}),
      Masks("ADeeplyNestedKey", R"({"leaf":{"next":{"next":{"amount":1}}}})",
            "leaf { next { next { amount: 1 } } }", {"leaf.next.next.amount"}),
      Masks("SeveralLeaves", R"({"leaf":{"id":"x","next":{"id":"y"}}})",
            "leaf { id: 'x' next { id: 'y' } }", {"leaf.id", "leaf.next.id"}),
      Masks("ANullCounts", R"({"text":null})", "", {"text"}),
      Masks("ANullMessageCounts", R"({"leaf":null})", "", {"leaf"}),
      Masks("ADefaultCounts", R"({"i32":0})", "", {"i32"}),
      Masks("AnEmptyTextCounts", R"({"text":""})", "", {"text"}),
      Masks("ANestedDefaultCounts", R"({"leaf":{"id":""}})", "leaf {}", {"leaf.id"}),
      Masks("AnEmptyMessageNamesItself", R"({"leaf":{}})", "leaf {}", {"leaf"}),
      Masks("AnEmptyMessageInsideNamesItself", R"({"leaf":{"next":{}}})", "leaf { next {} }",
            {"leaf.next"}),
      Masks("AListIsALeaf", R"({"numbers":[1,2]})", "numbers: 1 numbers: 2", {"numbers"}),
      Masks("AnEmptyListIsALeaf", R"({"numbers":[]})", "", {"numbers"}),
      Masks("AListOfMessagesIsALeaf", R"({"leaves":[{"id":"x"}]})", "leaves { id: 'x' }",
            {"leaves"}),
      Masks("ANestedListIsALeaf", R"({"leaf":{"sizes":[1]}})", "leaf { sizes: 1 }", {"leaf.sizes"}),
      Masks("AMapIsALeaf", R"({"labels":{"a":"1"}})", "labels { key: 'a' value: '1' }", {"labels"}),
      Masks("AMapOfMessagesIsALeaf", R"({"byName":{"a":{"id":"x"}}})",
            "by_name { key: 'a' value { id: 'x' } }", {"by_name"}),
      Masks("ATimestampIsALeaf", R"({"at":"1970-01-01T00:00:01Z"})", "at { seconds: 1 }", {"at"}),
      Masks("AStructIsALeaf", R"({"document":{"a":null}})",
            "document { fields { key: 'a' value { null_value: NULL_VALUE } } }", {"document"}),
      Masks("AnAnyIsALeaf", R"({"packed":{"@type":"type.googleapis.com/rules.v1.Leaf","id":"x"}})",
            "packed { [type.googleapis.com/rules.v1.Leaf] { id: 'x' } }", {"packed"}),
      Masks("AWrapperIsALeaf", R"({"flagBox":false})", "flag_box {}", {"flag_box"}),
      Masks("AOneofsMember", R"({"branch":{"id":"x"}})", "branch { id: 'x' }", {"branch.id"}),
  };
}
PUENTE_RULE_SUITE(Rule10Masks, MaskCases);

std::vector<RuleCase> NoMaskCases() {
  const std::string kept = "thing { id: 't' text: 'a' } update_mask { paths: 'i32' }";
  const std::string none = "thing { id: 't' text: 'a' }";
  return {
      {"AMaskOfTheQueryIsKept", Patch("/v1/changes/t?update_mask=i32", R"({"text":"a"})"),
       Sees(kept)},
      {"AMaskOfTheQueryInCamelCaseIsKept", Patch("/v1/changes/t?updateMask=i32", R"({"text":"a"})"),
       Sees(kept)},
      {"PutHasNone", Put(kChange, R"({"text":"a"})"), Sees(none)},
      {"PostHasNone", Post(kChange, R"({"text":"a"})"), Sees(none)},
      {"AWholeBodyHasNone", Patch("/v1/changes/t/all", R"({"thing":{"text":"a"}})"), Sees(none)},
      {"AWholeBodysMaskIsKept",
       Patch("/v1/changes/t/all", R"({"thing":{"text":"a"},"updateMask":"i32"})"), Sees(kept)},
      {"AMaskOfAnotherNameIsLeftAlone", Patch("/v1/things/t/leaf", R"({"id":"x"})"),
       Sees("id: 't' leaf { id: 'x' }")},
      {"AMaskIsOfTheBodysField", Patch("/v1/changes/t/leaf", R"({"id":"x","amount":1})"),
       Sees("thing { id: 't' } leaf { id: 'x' amount: 1 } "
            "update_mask { paths: 'id' paths: 'amount' }")},
      {"OtherFieldsOfTheQueryAreNotInIt", Patch("/v1/changes/t?reason=r", R"({"text":"a"})"),
       Sees("thing { id: 't' text: 'a' } reason: 'r' update_mask { paths: 'text' }")},
      {"AnUnknownKeyIsRefused", Patch(kChange, R"({"colour":"qzx"})"), Refused(400, 3, "colour")},
      {"AnUnknownKeyThatIsIgnoredIsNotInIt", Patch(kChange, R"({"colour":1,"text":"a"})"),
       Sees("thing { id: 't' text: 'a' } update_mask { paths: 'text' }"),
       ProxySetup{"json: {unknown_fields: IGNORE}"}},
      {"ABadBodyIsRefused", Patch(kChange, R"({"leaf":{"amount":"qzx"}})"),
       Refused(400, 3, "thing.leaf.amount")},
      {"ABadMaskOfTheQueryIsRefused", Patch("/v1/changes/t?update_mask.paths=qzx", "{}"),
       Refused(400, 3, "update_mask.paths")},
  };
}
PUENTE_RULE_SUITE(Rule10OtherMasks, NoMaskCases);

// `body` becomes the field, and comes back.
RuleCase Field(const std::string& field, const std::string& body, const std::string& text) {
  return {"BodyOf_" + field, Put("/v1/field/" + field, body), Sees(text).Answers(body)};
}
// Of the field when it is not set.
RuleCase Unset(const std::string& field, const std::string& json) {
  return {"Unset_" + field, Put("/v1/field/" + field, ""), Answers(json), Replies({""})};
}
RuleCase Bad(const std::string& field, const std::string& body, const std::string& place) {
  return {"Bad_" + field, Put("/v1/field/" + field, body), Refused(400, 3, place)};
}

std::vector<RuleCase> FieldCases() {
  return {
      Field("i32", "5", "i32: 5"),
      Field("i64", R"("-5")", "i64: -5"),
      Field("wide", "1.5", "wide: 1.5"),
      Field("flag", "true", "flag: true"),
      Field("text", R"("a")", "text: 'a'"),
      Field("raw", R"("AQ==")", R"(raw: "\001")"),
      Field("color", R"("GREEN")", "color: GREEN"),
      Field("maybe", "0", "maybe: 0"),
      Field("leaf", R"({"id":"x"})", "leaf { id: 'x' }"),
      Field("numbers", "[1,2]", "numbers: 1 numbers: 2"),
      Field("tags", R"(["a",""])", "tags: 'a' tags: ''"),
      Field("leaves", R"([{"id":"x"},{}])", "leaves { id: 'x' } leaves {}"),
      Field("labels", R"({"a":"1"})", "labels { key: 'a' value: '1' }"),
      Field("at", R"("1970-01-01T00:00:01Z")", "at { seconds: 1 }"),
      Field("lasting", R"("1s")", "lasting { seconds: 1 }"),
      Field("mask", R"("text,leaf.id")", "mask { paths: 'text' paths: 'leaf.id' }"),
      Field("document", R"({"a":true})",
            "document { fields { key: 'a' value { bool_value: true } } }"),
      Field("anything", R"([null])",
            "anything { list_value { values { null_value: NULL_VALUE } } }"),
      Field("i64_box", R"("7")", "i64_box { value: 7 }"),
      Field("packed", R"({"@type":"type.googleapis.com/rules.v1.Leaf","id":"x"})",
            "packed { [type.googleapis.com/rules.v1.Leaf] { id: 'x' } }"),
      Field("name", R"("")", "name: ''"),
      Unset("i32", "0"),
      Unset("i64", R"("0")"),
      Unset("wide", "0"),
      Unset("flag", "false"),
      Unset("text", R"("")"),
      Unset("raw", R"("")"),
      Unset("color", R"("COLOR_UNSPECIFIED")"),
      Unset("maybe", "0"),
      Unset("leaf", "{}"),
      Unset("numbers", "[]"),
      Unset("tags", "[]"),
      Unset("leaves", "[]"),
      Unset("labels", "{}"),
      Unset("document", "{}"),
      Unset("name", R"("")"),
      Bad("i32", R"("qzx")", "i32"),
      Bad("flag", "1", "flag"),
      Bad("text", "{}", "text"),
      Bad("color", R"("qzx")", "color"),
      Bad("leaf", R"({"amount":"qzx"})", "leaf.amount"),
      Bad("numbers", R"([1,"qzx"])", "numbers[1]"),
      Bad("tags", R"("qzx")", "tags"),
      Bad("leaves", R"([{"id":77}])", "leaves[0].id"),
      Bad("labels", "[]", "labels"),
      Bad("at", R"("qzx")", "at"),
      Bad("i64_box", "{}", "i64Box"),
  };
}
PUENTE_RULE_SUITE(Rule10Fields, FieldCases);

}  // namespace
}  // namespace puente::test

// Answers whose type is known: what is written differently and says the same, and what does not.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec_legacy.pb.h"
#include "codec_types.pb.h"
#include "tests/transcoder/comparison/comparison_text.h"

namespace puente {
namespace {

using testing::CompareBodies;
using testing::Ignoring;
using testing::ToText;

std::string Compare(const std::string& primary, const std::string& shadow,
                    const std::vector<std::string>& ignored = {}) {
  return ToText(CompareBodies(primary, shadow, codec::Everything::descriptor(), Ignoring(ignored)));
}

struct Case {
  std::string primary, shadow, differences;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(Compare(c.primary, c.shadow), c.differences) << c.primary << " and " << c.shadow;
  }
}

TEST(CompareMessages, NumbersInAnySpelling) {
  Check({
      {R"({"anInt64":"5"})", R"({"anInt64":5})", ""},
      {R"({"anInt64":"9007199254740993"})", R"({"anInt64":9007199254740993})", ""},
      {R"({"anInt64":"9007199254740993"})", R"({"anInt64":9007199254740992})", "anInt64 value"},
      {R"({"anInt32":1e2})", R"({"anInt32":"100.0"})", ""},
      {R"({"aUint64":18446744073709551615})", R"({"aUint64":"18446744073709551615"})", ""},
      {R"({"aSint32":-1})", R"({"aSint32":1})", "aSint32 value"},
      {R"({"aFixed64":7})", R"({"aFixed64":8})", "aFixed64 value"},
      {R"({"anInt32":1.5})", R"({"anInt32":1})", "anInt32 value"},
      {R"({"anInt32":1.5})", R"({"anInt32":"1.5"})", ""},
      {R"({"aFloat":0.1})", R"({"aFloat":0.10000000149011612})", ""},
      {R"({"aDouble":0.1})", R"({"aDouble":0.10000000149011612})", "aDouble value"},
      {R"({"aDouble":"NaN"})", R"({"aDouble":"NaN"})", ""},
      {R"({"aDouble":"Infinity"})", R"({"aDouble":"-Infinity"})", "aDouble value"},
      {R"({"aDouble":-0.0})", R"({"aDouble":0})", ""},
      {R"({"aDouble":12.50})", R"({"aDouble":"12.5"})", ""},
      {R"({"aDouble":true})", R"({"aDouble":1})", "aDouble type"},
      {R"({"anInt32":"five"})", R"({"anInt32":5})", "anInt32 value"},
      {R"({"anInt32":[5]})", R"({"anInt32":5})", "anInt32 type"},
  });
}

TEST(CompareMessages, OtherScalars) {
  Check({
      {R"({"aBool":true})", R"({"aBool":false})", "aBool value"},
      {R"({"aBool":true})", "{}", "aBool missing"},
      {R"({"bools":[true]})", R"({"bools":[false]})", "bools[] value"},
      {R"({"aBool":true})", R"({"aBool":"true"})", "aBool type"},
      {R"({"aString":"1"})", R"({"aString":1})", "aString type"},
      {R"({"aString":"a"})", R"({"aString":"A"})", "aString value"},
      {R"({"color":"RED"})", R"({"color":1})", ""},
      {R"({"color":"NEGATIVE"})", R"({"color":-1})", ""},
      {R"({"color":"RED"})", R"({"color":2})", "color value"},
      {R"({"color":"RED"})", R"({"color":"CRIMSON"})", "color value"},
      {R"({"color":"CRIMSON"})", R"({"color":"CRIMSON"})", ""},
      {R"({"color":77})", R"({"color":77.0})", ""},
      {R"({"color":{}})", R"({"color":"RED"})", "color type"},
      {R"({"someBytes":"-_8="})", R"({"someBytes":"+/8"})", ""},
      {R"({"someBytes":"+/8="})", R"({"someBytes":"+/9A"})", "someBytes value"},
      {R"({"someBytes":"not base64!"})", R"({"someBytes":"+/9A"})", "someBytes value"},
  });
}

TEST(CompareMessages, NamesOfFields) {
  Check({
      {R"({"an_int32":1,"otherName":2})", R"({"renamed":2,"anInt32":1})", ""},
      {R"({"renamed":1})", R"({"otherName":2})", "otherName value"},
      {R"({"anInt32":1,"an_int32":1})", "{}",
       "ERROR: one of the answers: a field is given by both of its names"},
      {R"({"inner":{"by_name":{}}})", R"({"inner":{"byName":{},"by_name":{}}})",
       "ERROR: one of the answers: a field is given by both of its names"},
      {R"({"legacyId":7})", R"({"newId":7})", "legacyId missing, newId extra"},
      {R"({"legacy":{"a":1}})", R"({"legacy":{"a":2.0}})", "legacy.a value"},
      {R"({"legacy":null})", "{}", ""},
      {R"({"legacy":0})", "{}", "legacy missing"},
  });
}

TEST(CompareMessages, DefaultsAreAsGoodAsNothing) {
  for (const std::string value : {R"("anInt32":0)",
                                  R"("anInt64":"0")",
                                  R"("aDouble":0.0)",
                                  R"("aDouble":-0.0)",
                                  R"("aBool":false)",
                                  R"("aString":"")",
                                  R"("someBytes":"")",
                                  R"("color":0)",
                                  R"("color":"COLOR_UNSPECIFIED")",
                                  R"("int32s":[])",
                                  R"("labels":{})",
                                  R"("inner":{})",
                                  R"("inner":{"amount":0,"next":{"list":[]}})",
                                  R"("maybeInt32":0)",
                                  R"("maybeString":"")",
                                  R"("choiceInt32":0)",
                                  R"("int64Wrapper":"0")",
                                  R"("stringWrapper":"")",
                                  R"("duration":"0s")",
                                  R"("timestamp":"1970-01-01T00:00:00Z")",
                                  R"("mask":"")",
                                  R"("struct":{})",
                                  R"("struct":{"a":null})",
                                  R"("listValue":[])",
                                  R"("any":{})",
                                  R"("nullValue":null)",
                                  R"("nullValue":"NULL_VALUE")",
                                  R"("value":null)",
                                  R"("empty":{})"}) {
    EXPECT_EQ(Compare("{" + value + "}", "{}"), "") << value;
    EXPECT_EQ(Compare("{}", "{" + value + "}"), "") << value;
    const std::string null = value.substr(0, value.find(':')) + ":null";
    EXPECT_EQ(Compare("{" + value + "}", "{" + null + "}"), "") << value;
  }
}

TEST(CompareMessages, OtherValuesAreNot) {
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"anInt32", "1"},
           {"aBool", "true"},
           {"aString", R"(" ")"},
           {"color", "1"},
           {"color", R"("NEW")"},
           {"int32s", "[0]"},
           {"labels", R"({"a":""})"},
           {"inner", R"({"amount":1})"},
           {"inner", R"({"unknown":0})"},
           {"inner", "[]"},
           {"int64Wrapper", "1"},
           {"duration", R"("1s")"},
           {"duration", R"("x")"},
           {"timestamp", R"("1970-01-01T00:00:00.001Z")"},
           {"value", "0"},
           {"value", "{}"},
           {"struct", R"({"a":0})"},
           {"listValue", "[null]"},
           {"any", R"({"@type":"type.googleapis.com/google.protobuf.Empty"})"},
           {"maybeInt32", "1"},
           {"aBool", "0"},
           {"aString", "[]"}}) {
    const std::string object = fmt::format(R"({{"{}":{}}})", name, value);
    EXPECT_EQ(Compare(object, "{}"), name + " missing") << object;
    EXPECT_EQ(Compare("{}", object), name + " extra") << object;
  }
}

TEST(CompareMessages, DefaultsOfProto2) {
  const auto compare = [](const std::string& primary, const std::string& shadow) {
    return ToText(CompareBodies(primary, shadow, codec::Legacy::descriptor()));
  };
  EXPECT_EQ(compare(R"({"count":7})", "{}"), "");
  EXPECT_EQ(compare(R"({"count":0})", "{}"), "count missing");
  EXPECT_EQ(compare(R"({"closed":"ONE"})", "{}"), "");
  EXPECT_EQ(compare(R"({"closed":2})", "{}"), "closed missing");
}

TEST(CompareMessages, ListsAndMaps) {
  Check({
      {R"({"int64s":["1",2]})", R"({"int64s":[1,"2"]})", ""},
      {R"({"int32s":[1,2]})", R"({"int32s":[2,1]})", "int32s[] value"},
      {R"({"int32s":[1,2,3]})", R"({"int32s":[1]})", "int32s[] missing"},
      {R"({"int32s":[]})", R"({"int32s":[0]})", "int32s[] extra"},
      {"{}", R"({"int32s":[0]})", "int32s extra"},
      {R"({"int32s":[1]})", R"({"int32s":[2,0]})", "int32s[] value, int32s[] extra"},
      {R"({"int32s":[1]})", R"({"int32s":1})", "int32s type"},
      {R"({"int32s":1})", R"({"int32s":1.0})", ""},
      {R"({"inners":[{"id":"1"},{"amount":2}]})", R"({"inners":[{"id":"2"},{"amount":3}]})",
       "inners[].amount value, inners[].id value"},
      {R"({"inners":[{},{"amount":0}]})", R"({"inners":[{"list":[]},{}]})", ""},
      {R"({"labels":{"a":"1","b":"2"}})", R"({"labels":{"b":"2","a":"1"}})", ""},
      {R"({"labels":{"ana@example.com":"1"}})", R"({"labels":{"ana@example.com":"2"}})",
       "labels[] value"},
      {R"({"labels":{"a":""}})", R"({"labels":{"b":""}})", "labels[] missing, labels[] extra"},
      {R"({"labels":{"a":"1"}})", R"({"labels":["a"]})", "labels type"},
      {R"({"intMap":{"1":"5"}})", R"({"intMap":{"1.0":5}})", ""},
      {R"({"intMap":{"10":1,"9":2}})", R"({"intMap":{"9":2,"1e1":1}})", ""},
      {R"({"intMap":{"1":1,"1.0":1}})", R"({"intMap":{"1":1}})",
       "ERROR: one of the answers: a key of a map is given twice"},
      {R"({"boolMap":{"true":"RED"}})", R"({"boolMap":{"true":1}})", ""},
      {R"({"innerMap":{"7":{"amount":1}}})", R"({"innerMap":{"7":{"amount":2}}})",
       "innerMap[].amount value"},
      {R"({"valueMap":{"a":null}})", R"({"valueMap":{}})", ""},
      {R"({"timeMap":{"a":"2026-01-01T00:00:00Z"}})",
       R"({"timeMap":{"a":"2026-01-01T01:00:00+01:00"}})", ""},
  });
}

TEST(CompareMessages, NestedMessages) {
  Check({
      {R"({"inner":{"next":{"next":{"amount":1}}}})", R"({"inner":{"next":{"next":{"amount":2}}}})",
       "inner.next.next.amount value"},
      {R"({"inner":{"next":{"amount":1,"id":"x"}}})", R"({"inner":{}})", "inner.next missing"},
      {R"({"inner":{"text":"a"}})", R"({"inner":{"number":1}})",
       "inner.number extra, inner.text missing"},
      {R"({"inner":"x"})", R"({"inner":{}})", "inner type"},
      {"[]", "{}", " type"},
      {R"([{"a":1}])", R"([{"a":1.0}])", ""},
  });
}

TEST(CompareMessages, Times) {
  const auto times = [](const std::string& primary, const std::string& shadow) {
    return Compare(R"({"timestamp":")" + primary + "\"}", R"({"timestamp":")" + shadow + "\"}");
  };
  const std::string differ = "timestamp value";
  EXPECT_EQ(times("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z"), "");
  EXPECT_EQ(times("2026-01-01T00:00:00Z", "2026-01-01T05:30:00+05:30"), "");
  EXPECT_EQ(times("2026-01-01T00:00:00.123Z", "2026-01-01T00:00:00.123456Z"), "");
  EXPECT_EQ(times("2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.123Z"), "");
  EXPECT_EQ(times("2026-01-01T00:00:00.1239Z", "2026-01-01T00:00:00.123Z"), "");
  EXPECT_EQ(times("2026-01-01T00:00:00Z", "2025-12-31T19:00:00.9-05:00"), "");
  EXPECT_EQ(times("2026-01-01T00:00:00.123Z", "2026-01-01T00:00:00.124Z"), differ);
  EXPECT_EQ(times("2026-01-01T00:00:00.120Z", "2026-01-01T00:00:00.123456Z"), differ);
  EXPECT_EQ(times("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"), differ);
  EXPECT_EQ(times("2026-01-01T00:00:00Z", "2026-01-01T00:00:00+01:00"), differ);
  EXPECT_EQ(times("2026-01-01T00:00:00Z", "2026-01-01 00:00:00"), differ);
  EXPECT_EQ(times("2026-01-01 00:00:00", "2026-01-01 00:00:00"), "");
  Check({
      {R"({"timestamp":"2026-01-01T00:00:00Z"})", R"({"timestamp":1767225600})", "timestamp type"},
      {R"({"duration":"1.500s"})", R"({"duration":"1.5s"})", ""},
      {R"({"duration":"1s"})", R"({"duration":"1.5s"})", "duration value"},
      {R"({"duration":"1s"})", R"({"duration":1})", "duration type"},
  });
}

TEST(CompareMessages, OtherWellKnownTypes) {
  const std::string any = R"({"any":{"@type":"type.googleapis.com/puente.codec.Inner",)";
  const std::string time = R"({"any":{"@type":"type.googleapis.com/google.protobuf.Timestamp",)";
  const std::string strange = R"({"any":{"@type":"type.googleapis.com/who.Knows",)";
  Check({
      {R"({"mask":"displayName,a.bC"})", R"({"mask":"display_name,a.b_c"})", ""},
      {R"({"mask":"a"})", R"({"mask":"b"})", "mask value"},
      {R"({"int64Wrapper":"5"})", R"({"int64Wrapper":5})", ""},
      {R"({"int64Wrapper":5})", R"({"int64Wrapper":{"value":5}})", "int64Wrapper type"},
      {R"({"bytesWrapper":"-_8"})", R"({"bytesWrapper":"+/8="})", ""},
      {R"({"int64Wrappers":[1]})", R"({"int64Wrappers":["2"]})", "int64Wrappers[] value"},
      {R"({"struct":{"a":1,"b":{"c":[1]}}})", R"({"struct":{"b":{"c":[1.0]},"a":1e0}})", ""},
      {R"({"struct":{"b":{"c":[1]}}})", R"({"struct":{"b":{"c":["1"]}}})", "struct.b.c[] type"},
      {R"({"value":1})", R"({"value":"1"})", "value type"},
      {R"({"listValue":[1,null]})", R"({"listValue":[1.0,null]})", ""},
      {R"({"listValue":[]})", R"({"listValue":{}})", "listValue type"},
      {any + R"("amount":1}})", any + R"("amount":"1","id":""}})", ""},
      {any + R"("amount":1}})", any + R"("amount":2}})", "any.amount value"},
      {any + R"("amount":1}})", R"({"any":{"amount":1,"@type":"example.com/puente.codec.Inner"}})",
       ""},
      {any + R"("id":"1"}})", time + R"("value":"2026-01-01T00:00:00Z"}})", "any.@type value"},
      {time + R"("value":"2026-01-01T00:00:00Z"}})", time + R"("value":"2026-01-01T00:00:00.0Z"}})",
       ""},
      {time + R"("value":"2026-01-01T00:00:00Z"}})", time + R"("value":"2027-01-01T00:00:00Z"}})",
       "any.value value"},
      {strange + R"("a":1}})", strange + R"("a":1.0}})", ""},
      {strange + R"("a":1}})", strange + R"("a":"1"}})", "any.a type"},
      {R"({"any":{"@type":"type.googleapis.com/google.protobuf.Empty","value":{}}})",
       R"({"any":{"@type":"type.googleapis.com/google.protobuf.Empty"}})", ""},
      {R"({"any":{"@type":7}})", R"({"any":{"@type":8}})", "any.@type value"},
      {R"({"any":{"@type":""}})", R"({"any":{}})", "any.@type missing"},
  });
}

TEST(CompareMessages, LeavesOutWhatIsIgnored) {
  const std::string primary = R"({"anInt32":1,"inners":[{"at":"2026-01-01T00:00:00Z","id":"1"}]})";
  const std::string shadow = R"({"an_int32":2,"inners":[{"at":"2027-01-01T00:00:00Z","id":"2"}]})";
  EXPECT_EQ(Compare(primary, shadow), "anInt32 value, inners[].at value, inners[].id value");
  EXPECT_EQ(Compare(primary, shadow, {"anInt32", "inners.at"}), "inners[].id value");
  EXPECT_EQ(Compare(primary, shadow, {"an_int32", "inners[].at", "inners[].id"}), "");
  EXPECT_EQ(Compare(primary, shadow, {"inners", "at", "id"}), "anInt32 value");
  EXPECT_EQ(Compare(R"({"renamed":1})", "{}", {"otherName"}), "");
  EXPECT_EQ(Compare(R"({"renamed":1})", "{}", {"renamed"}), "");
  EXPECT_EQ(Compare(R"({"unknown":{"a":1}})", "{}", {"unknown"}), "");
  EXPECT_EQ(Compare(R"({"unknown":{"a":1}})", R"({"unknown":{"a":2}})", {"unknown.a"}), "");
  EXPECT_EQ(Compare(R"({"innerMap":{"7":{"id":"a"}}})", R"({"innerMap":{"7":{"id":"b"}}})",
                    {"inner_map[].id"}),
            "");
  EXPECT_EQ(Compare(R"({"inner":{"at":"2026-01-01T00:00:00Z"}})", "{}", {"inner.at"}), "")
      << "nothing is left of the message";
  EXPECT_EQ(Compare(R"({"anInt32":{"a":1}})", R"({"anInt32":[]})", {"anInt32"}), "");
  EXPECT_EQ(Compare(R"({"inner":{"byName":{"x":{"id":"1","amount":1}}}})",
                    R"({"inner":{"byName":{"x":{"id":"2","amount":2}}}})",
                    {"inner.by_name.id", "inner.byName.amount"}),
            "");
}

}  // namespace
}  // namespace puente

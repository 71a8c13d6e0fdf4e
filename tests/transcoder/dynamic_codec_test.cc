// JSON bodies to request messages: design section 4, rules 1 and 6.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/transcoder/codec_fixture.h"

namespace puente {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::RouteUnderTest;
using ::testing::StartsWith;

struct BodyCase {
  std::string body;
  std::string text;  // of the message
};

TEST(DynamicCodecBody, ReadsEveryType) {
  const RouteUnderTest route({});
  const std::vector<BodyCase> cases = {
      {"{}", ""},
      {" \t\r\n{ \n} ", ""},
      {R"({"anInt32":-5})", "an_int32: -5"},
      {R"({"an_int32":-5})", "an_int32: -5"},
      {R"({"\u0061nInt32":7})", "an_int32: 7"},
      {R"({"anInt32":"12"})", "an_int32: 12"},
      {R"({"anInt32":1e2})", "an_int32: 100"},
      {R"({"anInt32":"1e2"})", "an_int32: 100"},
      {R"({"anInt32":1.0})", "an_int32: 1"},
      {R"({"anInt32":-2147483648})", "an_int32: -2147483648"},
      {R"({"anInt32":-0})", ""},
      {R"({"anInt32":0})", ""},
      {R"({"anInt32":null})", ""},
      {R"({"anInt64":"9223372036854775807"})", "an_int64: 9223372036854775807"},
      {R"({"anInt64":-9223372036854775808})", "an_int64: -9223372036854775808"},
      {R"({"anInt64":9007199254740993})", "an_int64: 9007199254740993"},
      {R"({"aUint64":"18446744073709551615"})", "a_uint64: 18446744073709551615"},
      {R"({"aUint64":1.8446744073709551615e19})", "a_uint64: 18446744073709551615"},
      {R"({"aUint32":4294967295})", "a_uint32: 4294967295"},
      {R"({"aSint32":-3,"aSint64":"-4"})", "a_sint32: -3 a_sint64: -4"},
      {R"({"aFixed32":3,"aFixed64":4})", "a_fixed32: 3 a_fixed64: 4"},
      {R"({"aSfixed32":-3,"aSfixed64":-4})", "a_sfixed32: -3 a_sfixed64: -4"},
      {R"({"aFloat":1.5})", "a_float: 1.5"},
      {R"({"aFloat":"-Infinity"})", "a_float: -inf"},
      {R"({"aFloat":1e-60})", ""},
      {R"({"aDouble":"1.25"})", "a_double: 1.25"},
      {R"({"aDouble":"NaN"})", "a_double: nan"},
      {R"({"aDouble":-0.0})", "a_double: -0"},
      {R"({"aBool":true})", "a_bool: true"},
      {R"({"aString":"\u00e9\n\"\\\/\ud83d\ude00"})",
       R"(a_string: "\303\251\n\"\\/\360\237\230\200")"},
      {R"({"aString":"\u0000"})", R"(a_string: "\000")"},
      {R"({"someBytes":"+/8="})", R"(some_bytes: "\373\377")"},
      {R"({"someBytes":"-_8"})", R"(some_bytes: "\373\377")"},
      {R"({"color":"GREEN"})", "color: GREEN"},
      {R"({"color":2})", "color: GREEN"},
      {R"({"color":-1})", "color: NEGATIVE"},
      {R"({"color":77})", "color: 77"},
      {R"({"maybeInt32":0,"maybeString":""})", R"(maybe_int32: 0 maybe_string: "")"},
      {R"({"otherName":1})", "renamed: 1"},
      {R"({"renamed":1})", "renamed: 1"},
      {R"({"int32s":[1,"2",3]})", "int32s: 1 int32s: 2 int32s: 3"},
      {R"({"int32s":[]})", ""},
      {R"({"int32s":null})", ""},
      {R"({"unpacked":[0,1]})", "unpacked: 0 unpacked: 1"},
      {R"({"strings":["",""]})", R"(strings: "" strings: "")"},
      {R"({"bools":[false,true]})", "bools: false bools: true"},
      {R"({"colors":["RED",0]})", "colors: RED colors: COLOR_UNSPECIFIED"},
      {R"({"inners":[{},{"id":"a","list":[{"amount":1}]}]})",
       R"(inners { } inners { id: "a" list { amount: 1 } })"},
      {R"({"inner":{"next":{"next":{}}}})", "inner { next { next { } } }"},
      {R"({"inner":null})", ""},
      {R"({"labels":{"":"","a":"b"}})",
       R"(labels { key: "" value: "" } labels { key: "a" value: "b" })"},
      {R"({"intMap":{"-1":"5"}})", "int_map { key: -1 value: 5 }"},
      {R"({"boolMap":{"true":"RED"}})", "bool_map { key: true value: RED }"},
      {R"({"innerMap":{"7":{"id":"x"}}})", R"(inner_map { key: 7 value { id: "x" } })"},
      {R"({"labels":null})", ""},
  };
  for (const BodyCase& c : cases) EXPECT_EQ(route.BodyToText(c.body), c.text) << c.body;
}

TEST(DynamicCodecBody, ReadsWellKnownTypes) {
  const RouteUnderTest route({});
  const std::vector<BodyCase> cases = {
      {R"({"timestamp":"1970-01-01T00:00:01.5Z"})", "timestamp { seconds: 1 nanos: 500000000 }"},
      {R"({"timestamp":"1970-01-01T01:00:00+01:00"})", "timestamp { }"},
      {R"({"timestamp":null})", ""},
      {R"({"duration":"-1.25s"})", "duration { seconds: -1 nanos: -250000000 }"},
      {R"({"mask":"fooBar,a.bC"})", R"(mask { paths: "foo_bar" paths: "a.b_c" })"},
      {R"({"mask":""})", "mask { }"},
      {R"({"mask":"*"})", R"(mask { paths: "*" })"},
      {R"({"empty":{}})", "empty { }"},
      {R"({"struct":{"a":[1,null,{"b":true}]}})",
       R"(struct { fields { key: "a" value { list_value { values { number_value: 1 } )"
       R"(values { null_value: NULL_VALUE } values { struct_value { fields { key: "b" )"
       R"(value { bool_value: true } } } } } } } })"},
      {R"({"value":null})", "value { null_value: NULL_VALUE }"},
      {R"({"value":"x"})", R"(value { string_value: "x" })"},
      {R"({"value":0})", "value { number_value: 0 }"},
      {R"({"value":[]})", "value { list_value { } }"},
      {R"({"value":{}})", "value { struct_value { } }"},
      {R"({"listValue":[false]})", "list_value { values { bool_value: false } }"},
      {R"({"values":[null,1]})", "values { null_value: NULL_VALUE } values { number_value: 1 }"},
      {R"({"nullValue":null,"nulls":[null,"NULL_VALUE",0]})",
       "nulls: NULL_VALUE nulls: NULL_VALUE nulls: NULL_VALUE"},
      {R"({"doubleWrapper":0,"stringWrapper":"","boolWrapper":false,"bytesWrapper":"AQ=="})",
       R"(double_wrapper { } bool_wrapper { } string_wrapper { } bytes_wrapper { value: "\001" })"},
      {R"({"int64Wrapper":"-1","uint64Wrapper":1,"int32Wrapper":2,"uint32Wrapper":3,)"
       R"("floatWrapper":"NaN"})",
       "float_wrapper { value: nan } int64_wrapper { value: -1 } uint64_wrapper { value: 1 } "
       "int32_wrapper { value: 2 } uint32_wrapper { value: 3 }"},
      {R"({"int64Wrapper":null})", ""},
      {R"({"int64Wrappers":[1,0]})", "int64_wrappers { value: 1 } int64_wrappers { }"},
      {R"({"timeMap":{"a":"1970-01-01T00:00:01Z"}})",
       R"(time_map { key: "a" value { seconds: 1 } })"},
      {R"({"valueMap":{"a":null}})", R"(value_map { key: "a" value { null_value: NULL_VALUE } })"},
  };
  for (const BodyCase& c : cases) EXPECT_EQ(route.BodyToText(c.body), c.text) << c.body;
}

TEST(DynamicCodecBody, ReadsOneofs) {
  const RouteUnderTest route({});
  const std::vector<BodyCase> cases = {
      {R"({"choiceString":""})", R"(choice_string: "")"},
      {R"({"choiceInt32":0})", "choice_int32: 0"},
      {R"({"choiceNull":null})", "choice_null: NULL_VALUE"},
      {R"({"choiceValue":null})", "choice_value { null_value: NULL_VALUE }"},
      {R"({"choiceInner":{}})", "choice_inner { }"},
      {R"({"choiceString":null,"choiceInt32":1})", "choice_int32: 1"},
      {R"({"choiceInt32":1,"choiceString":null})", "choice_int32: 1"},
      {R"({"choiceTime":null})", ""},
  };
  for (const BodyCase& c : cases) EXPECT_EQ(route.BodyToText(c.body), c.text) << c.body;
}

TEST(DynamicCodecBody, ReadsAny) {
  const RouteUnderTest route({});
  const auto unpack = [&](std::string_view json) {
    const auto wire = route.EncodeBody(json);
    if (!wire) return "ERROR: " + wire.error().message;
    codec::Everything message;
    EXPECT_TRUE(message.ParseFromString(*wire));
    return message.any().ShortDebugString();
  };
  const std::string inner = R"([type.googleapis.com/puente.codec.Inner] { id: "a" amount: 1 })";
  const std::string url = R"("@type":"type.googleapis.com/puente.codec.Inner")";
  EXPECT_EQ(unpack(R"({"any":{)" + url + R"(,"id":"a","amount":1}})"), inner);
  EXPECT_EQ(unpack(R"({"any":{"id":"a",)" + url + R"(,"amount":1}})"), inner);
  EXPECT_EQ(unpack(R"({"any":{"id":"a","amount":1,)" + url + "}}"), inner);
  EXPECT_EQ(unpack(R"({"any":{}})"), "");
  EXPECT_EQ(
      unpack(R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}})"),
      "[type.googleapis.com/google.protobuf.Duration] { seconds: 1 }");
  EXPECT_EQ(
      unpack(R"({"any":{"value":{"a":1},"@type":"type.googleapis.com/google.protobuf.Struct"}})"),
      R"([type.googleapis.com/google.protobuf.Struct] { fields { key: "a" value { number_value: 1 } } })");
  EXPECT_EQ(
      unpack(R"({"any":{"@type":"type.googleapis.com/google.protobuf.Any","value":{)" + url +
             R"(}}})"),
      "[type.googleapis.com/google.protobuf.Any] { [type.googleapis.com/puente.codec.Inner] { } }");
  EXPECT_EQ(unpack(R"({"any":{"@type":"type.googleapis.com/google.protobuf.Empty"}})"),
            "[type.googleapis.com/google.protobuf.Empty] { }");
  EXPECT_EQ(unpack(R"({"any":{"@type":"type.googleapis.com/google.protobuf.Empty","value":{}}})"),
            "[type.googleapis.com/google.protobuf.Empty] { }");
}

TEST(DynamicCodecBody, RefusesAndNamesThePlace) {
  const RouteUnderTest route({});
  const std::vector<BodyCase> cases = {
      // Rule 6: kinds.
      {"[]", "body: expected an object of type puente.codec.Everything"},
      {"null", "body: expected an object of type puente.codec.Everything"},
      {R"({"anInt32":true})", "anInt32: expected a number of type int32"},
      {R"({"anInt32":{}})", "anInt32: expected a number of type int32"},
      {R"({"anInt32":[1]})", "anInt32: expected a number of type int32"},
      {R"({"anInt32":1.5})", "anInt32: expected a whole number of type int32"},
      {R"({"anInt32":2147483648})", "anInt32: the number is out of the range of type int32"},
      {R"({"anInt32":""})", "anInt32: expected a number of type int32"},
      {R"({"anInt32":" 1"})", "anInt32: expected a number of type int32"},
      {R"({"anInt32":"0x10"})", "anInt32: expected a number of type int32"},
      {R"({"anInt32":"01"})", "anInt32: expected a number of type int32"},
      {R"({"anInt32":"+1"})", "anInt32: expected a number of type int32"},
      {R"({"aUint32":-1})", "aUint32: the number is out of the range of type uint32"},
      {R"({"anInt64":"9223372036854775808"})",
       "anInt64: the number is out of the range of type int64"},
      {R"({"aUint64":1e99999999999})", "aUint64: the number is out of the range of type uint64"},
      {R"({"aFloat":3.5e38})", "aFloat: the number is out of the range of type float"},
      {R"({"aDouble":1e400})", "aDouble: the number is out of the range of type double"},
      {R"({"aDouble":"inf"})", "aDouble: expected a number of type double"},
      {R"({"aBool":"true"})", "aBool: expected true or false"},
      {R"({"aBool":1})", "aBool: expected true or false"},
      {R"({"aString":1})", "aString: expected a string"},
      {R"({"someBytes":"a"})", "someBytes: expected bytes in base64"},
      {R"({"someBytes":"*"})", "someBytes: expected bytes in base64"},
      {R"({"color":"green"})", "color: expected a value of enum puente.codec.Color"},
      {R"({"color":"1"})", "color: expected a value of enum puente.codec.Color"},
      {R"({"color":1.5})", "color: expected a value of enum puente.codec.Color"},
      {R"({"inner":[]})", "inner: expected an object of type puente.codec.Inner"},
      {R"({"inner":"x"})", "inner: expected an object of type puente.codec.Inner"},
      {R"({"int32s":1})", "int32s: expected an array: the field is repeated"},
      {R"({"int32s":[null]})", "int32s[0]: expected a number of type int32"},
      {R"({"int32s":[1,[2]]})", "int32s[1]: expected a number of type int32"},
      {R"({"inners":{}})", "inners: expected an array: the field is repeated"},
      {R"({"inners":[{},{"list":[{"amount":"x"}]}]})",
       "inners[1].list[0].amount: expected a number of type int32"},
      {R"({"inners":[null]})", "inners[0]: expected an object of type puente.codec.Inner"},
      {R"({"labels":[]})", "labels: expected an object: the field is a map"},
      {R"({"labels":{"a":null}})", R"(labels["a"]: expected a string)"},
      {R"({"labels":{"a":"x","me@x.example":1}})", "labels[entry 2]: expected a string"},
      {R"({"intMap":{"x":1}})", R"(intMap["x"]: the key: expected a number of type int32)"},
      {R"({"intMap":{"01":1}})", R"(intMap["01"]: the key: expected a number of type int32)"},
      {R"({"timestamp":"1970-01-01"})",
       "timestamp: expected an RFC 3339 timestamp in the years 0001 to 9999"},
      {R"({"timestamp":{"seconds":1}})",
       "timestamp: expected an RFC 3339 timestamp in the years 0001 to 9999"},
      {R"({"mask":"foo_bar"})", "mask: expected field paths in camelCase, separated by commas"},
      {R"({"mask":"a.*"})", "mask: expected field paths separated by commas"},
      {R"({"mask":"a,,b"})", "mask: expected field paths separated by commas"},
      {R"({"empty":{"a":1}})", R"(empty: unknown field "a" in google.protobuf.Empty)"},
      {R"({"value":1e400})", "value: the number is out of the range of type double"},
      {R"({"timestamps":[null]})",
       "timestamps[0]: expected an RFC 3339 timestamp in the years 0001 to 9999"},
      // Rule 6: unknown fields and duplicates.
      {R"({"inner":{"idd":"x"}})", R"(inner: unknown field "idd" in puente.codec.Inner)"},
      {R"({"a b":1})", "body: unknown field in puente.codec.Everything"},
      {R"({"anInt32":1,"anInt32":1})", "anInt32: the field is given twice"},
      {R"({"anInt32":1,"an_int32":1})", "anInt32: the field is given twice"},
      {R"({"anInt32":1,"\u0061nInt32":1})", "anInt32: the field is given twice"},
      {R"({"anInt32":null,"anInt32":1})", "anInt32: the field is given twice"},
      {R"({"labels":{"a":"1","\u0061":"2"}})", R"(labels["a"]: the key is given twice)"},
      {R"({"intMap":{"1":1,"1.0":2}})", R"(intMap["1.0"]: the key is given twice)"},
      {R"({"struct":{"a":1,"a":2}})", R"(struct["a"]: the key is given twice)"},
      {R"({"choiceInt32":1,"choiceString":""})",
       "choiceString: another member of the same oneof is given, too"},
      {R"({"choiceNull":null,"choiceString":""})",
       "choiceString: another member of the same oneof is given, too"},
      // Any.
      {R"({"any":{"@type":"x/no.Such","id":1}})", "any.@type: the type is not known here"},
      {R"({"any":{"@type":"x/puente.codec.Everything.LabelsEntry"}})",
       "any.@type: the type is not known here"},
      {R"({"any":{"@type":"puente.codec.Inner"}})",
       "any.@type: expected a URL that ends with '/' and the name of a type"},
      {R"({"any":{"id":"a"}})", "any: expected a member \"@type\" with the URL of a type"},
      {R"({"any":{"@type":1}})", "any: expected a member \"@type\" with the URL of a type"},
      {R"({"any":[]})", "any: expected an object of type google.protobuf.Any"},
      {R"({"any":{"@type":"x/puente.codec.Inner","@type":"x/puente.codec.Inner"}})",
       "any: \"@type\" is given twice"},
      {R"({"any":{"@type":"x/puente.codec.Inner","amount":"x"}})",
       "any.amount: expected a number of type int32"},
      {R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration"}})",
       "any: expected a member \"value\""},
      {R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s","a":1}})",
       "any: expected no other members than \"@type\" and \"value\""},
      {R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":1}})",
       "any.value: expected a duration in seconds such as \"3.5s\", of less than 315576000001s"},
      // Rule 6: RFC 8259.
      {" ", "body: expected a value (line 1, column 2)"},
      {"{\"inner\":\n {\"id\":\"a\",}}",
       "inner: expected a key in double quotes (line 2, column 12)"},
      {R"({"int32s":[1,]})", "int32s: expected a value (line 1, column 14)"},
      {R"({} x)", "body: expected nothing after the value (line 1, column 4)"},
      {R"({"anInt32":01})", "body: expected ',' or '}' (line 1, column 13)"},
  };
  for (const BodyCase& c : cases) EXPECT_EQ(route.BodyToText(c.body), "ERROR: " + c.text) << c.body;
}

TEST(DynamicCodecBody, IgnoresUnknownFieldsButNotWhatIsWrongInThem) {
  const RouteUnderTest route({}, {.unknown_fields = UnknownInput::kIgnore});
  EXPECT_EQ(route.BodyToText(R"({"x":{"y":[1,{"z":null}]},"anInt32":1,"inner":{"q":"\n"}})"),
            "an_int32: 1 inner { }");
  EXPECT_THAT(route.BodyToText(R"({"x":1,"x":2})"), StartsWith("ERROR: body: an unknown field"));
  EXPECT_THAT(route.BodyToText(R"({"x":{"y":1,"y":2}})"), HasSubstr("a key is given twice"));
  EXPECT_THAT(route.BodyToText(R"({"x":[1,]})"), HasSubstr("expected a value"));
  EXPECT_THAT(route.BodyToText(R"({"x":'a'})"), HasSubstr("expected a value"));
}

TEST(DynamicCodecBody, ErrorsAre400AndRepeatNoValue) {
  const RouteUnderTest route({});
  for (const std::string body :
       {R"({"anInt32":"SECRET"})", R"({"color":"SECRET"})", R"({"someBytes":"SECRET*"})",
        R"({"timestamp":"SECRET"})", R"({"duration":"SECRET"})", R"({"mask":"SECRET!"})",
        R"({"any":{"@type":"x/SECRET"}})", R"({"SECRET of mine":1})", R"({SECRET:1})",
        R"({"aString":"SECRET)", R"({"labels":{"SECRET @":1}})", R"(SECRET)"}) {
    const auto encoded = route.EncodeBody(body);
    ASSERT_FALSE(encoded) << body;
    EXPECT_EQ(encoded.error().code, Code::kInvalidArgument) << body;
    EXPECT_EQ(encoded.error().HttpStatus(), 400) << body;
    EXPECT_THAT(encoded.error().message, Not(HasSubstr("SECRET"))) << body;
  }
}

std::string Repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(DynamicCodecBody, BoundsTheDepthOfObjectsAndArraysTogether) {
  const RouteUnderTest route({}, {.max_json_depth = 10});
  const auto nested = [](std::string_view open, std::string_view close, std::size_t depth,
                         std::string_view value) {
    return Repeat(open, depth) + std::string(value) + Repeat(close, depth);
  };
  const std::string too_deep = "objects and arrays are nested deeper than 10 levels";
  EXPECT_THAT(route.BodyToText(R"({"value":)" + nested("[", "]", 9, "1") + "}"),
              Not(HasSubstr("ERROR")));
  EXPECT_THAT(route.BodyToText(R"({"value":)" + nested("[", "]", 10, "1") + "}"),
              HasSubstr(too_deep));
  EXPECT_THAT(route.BodyToText(nested(R"({"self":)", "}", 9, "{}")), Not(HasSubstr("ERROR")));
  EXPECT_THAT(route.BodyToText(nested(R"({"self":)", "}", 10, "{}")), HasSubstr(too_deep));
  EXPECT_THAT(route.BodyToText(nested(R"({"value":[)", "]}", 5, "1")), Not(HasSubstr("ERROR")));
  EXPECT_THAT(route.BodyToText(nested(R"({"a":[)", "]}", 6, "1")), HasSubstr("ERROR"));
}

TEST(DynamicCodecBody, NoConfigurationAllowsMoreThanAThousandLevels) {
  const RouteUnderTest route({},
                             {.unknown_fields = UnknownInput::kIgnore, .max_json_depth = 1 << 30});
  EXPECT_EQ(route.BodyToText(R"({"x":)" + Repeat("[", 999) + Repeat("]", 999) + "}"), "");
  EXPECT_THAT(route.BodyToText(R"({"x":)" + Repeat("[", 1000) + Repeat("]", 1000) + "}"),
              HasSubstr("nested deeper than 1000 levels"));
}

// The time that `body` takes, whatever comes of it.
std::chrono::milliseconds TimeToEncode(const RouteUnderTest& route, const std::string& body) {
  const auto begin = std::chrono::steady_clock::now();
  (void)route.EncodeBody(body);
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

TEST(DynamicCodecBody, TakesLinearTimeOnHostileBodies) {
  const RouteUnderTest route({}, {.unknown_fields = UnknownInput::kIgnore});
  constexpr std::size_t kMegabyte = 1 << 20;
  std::string keys = "{";
  for (int i = 0; i < 60000; ++i) keys += fmt::format("\"k{}\":1,", i);
  keys.back() = '}';
  // Anys in Anys, each with its type behind a megabyte of content.
  const std::string anys =
      R"({"any":)" + Repeat(R"({"value":)", 90) + "{\"value\":{\"x\":\"" +
      std::string(kMegabyte, 'x') + "\"},\"@type\":\"x/google.protobuf.Struct\"}" +
      Repeat(R"(,"@type":"type.googleapis.com/google.protobuf.Any"})", 90) + "}";
  const std::vector<std::string> bodies = {
      R"({"value":)" + std::string(kMegabyte, '['),
      R"({"x":)" + std::string(kMegabyte, '['),
      Repeat(R"({"self":)", kMegabyte / 8),
      R"({"inners":[)" + Repeat("{},", kMegabyte / 3) + "{}]}",
      R"({"struct":)" + keys + "}",
      R"({"labels":)" + keys + "}",
      keys,
      anys,
      R"({"anInt32":)" + std::string(kMegabyte, '1') + "}",
      R"({"aDouble":)" + std::string(kMegabyte, '1') + "}",
      R"({"aDouble":0.)" + std::string(kMegabyte, '0') + "1}",
      R"({"aString":")" + Repeat("\\n", kMegabyte / 2) + "\"}",
      R"({"strings":[)" + Repeat("\"\\n\",", kMegabyte / 5) + "\"\"]}",
  };
  for (const std::string& body : bodies) {
    EXPECT_LT(TimeToEncode(route, body).count(), 3000) << body.substr(0, 40);
  }
  EXPECT_THAT(route.BodyToText(anys), StartsWith("any {"));
}

TEST(DynamicCodecBody, EmptyBodyHasNoFields) {
  EXPECT_EQ(RouteUnderTest({}).BodyToText(""), "");
  EXPECT_EQ(RouteUnderTest({}).EncodeToText({.content_type = "text/plain", .body = ""}), "");
}

// Rule 6: an empty body is {}.
TEST(DynamicCodecBody, EmptyBodySetsAFieldThatIsAnObjectInJson) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"inner", "inner { }"}, {"choice_inner", "choice_inner { }"},
      {"empty", "empty { }"}, {"struct", "struct { }"},
      {"any", "any { }"},     {"value", ""},
      {"list_value", ""},     {"timestamp", ""},
      {"mask", ""},           {"int64_wrapper", ""},
      {"an_int32", ""},       {"maybe_string", ""},
      {"inners", ""},         {"labels", ""},
  };
  for (const auto& [field, text] : cases) {
    const RouteUnderTest route({.body = field});
    EXPECT_EQ(route.BodyToText(""), text) << field;
    EXPECT_EQ(route.EncodeToText({.content_type = "text/plain", .body = ""}), text) << field;
  }
  const std::vector<std::string> captures = {"p"};
  EXPECT_EQ(
      RouteUnderTest({.path = "/{inner.id}", .body = "inner"}).EncodeToText({.captures = captures}),
      R"(inner { id: "p" })");
  EXPECT_EQ(RouteUnderTest({.method = "puente.codec.LegacyService.Echo"})
                .BodyToText<codec::Legacy>(R"({"id":"x"})"),
            R"(id: "x")");
}

// Rule 9: two members of one oneof.
TEST(DynamicCodecBody, EmptyBodySetsNoFieldWhoseOneofIsSet) {
  const RouteUnderTest route({.path = "/{a_string}", .body = "choice_inner"});
  const std::vector<std::string> captures = {"p"};
  EXPECT_EQ(route.EncodeToText({.captures = captures, .query = "choiceInt32=1"}),
            R"(a_string: "p" choice_int32: 1)");
  EXPECT_EQ(route.EncodeToText({.captures = captures, .query = "anInt32=1"}),
            R"(an_int32: 1 a_string: "p" choice_inner { })");
}

TEST(DynamicCodecBody, MapsToOneField) {
  const std::vector<std::pair<std::string, BodyCase>> cases = {
      {"inner", {R"({"id":"a"})", R"(inner { id: "a" })"}},
      {"inner", {"{}", "inner { }"}},
      {"inner", {"null", ""}},
      {"a_string", {R"("text")", R"(a_string: "text")"}},
      {"an_int32", {"5", "an_int32: 5"}},
      {"int32s", {"[1,2]", "int32s: 1 int32s: 2"}},
      {"inners", {R"([{"id":"a"},{}])", R"(inners { id: "a" } inners { })"}},
      {"labels", {R"({"a":"b"})", R"(labels { key: "a" value: "b" })"}},
      {"timestamp", {R"("1970-01-01T00:00:01Z")", "timestamp { seconds: 1 }"}},
      {"value", {"null", "value { null_value: NULL_VALUE }"}},
      {"choice_int32", {"0", "choice_int32: 0"}},
      {"inner", {R"({"id":1})", "ERROR: inner.id: expected a string"}},
      {"inners", {"[1]", "ERROR: inners[0]: expected an object of type puente.codec.Inner"}},
      {"int32s", {"[1", "ERROR: int32s: expected ',' or ']' (line 1, column 3)"}},
      {"inner", {"  ", "ERROR: inner: expected a value (line 1, column 3)"}},
  };
  for (const auto& [field, c] : cases) {
    EXPECT_EQ(RouteUnderTest({.body = field}).BodyToText(c.body), c.text) << field << c.body;
  }
}

TEST(DynamicCodecBody, RequestsMayBeWellKnownTypesThemselves) {
  const RouteUnderTest free({.method = "puente.codec.CodecService.Free"});
  EXPECT_EQ(free.BodyToText<google::protobuf::Value>("[1]"),
            "list_value { values { number_value: 1 } }");
  EXPECT_EQ(free.BodyToText<google::protobuf::Value>("null"), "null_value: NULL_VALUE");
  const RouteUnderTest when({.method = "puente.codec.CodecService.When"});
  EXPECT_EQ(when.BodyToText<google::protobuf::Timestamp>(R"("1970-01-01T00:00:09Z")"),
            "seconds: 9");
}

TEST(DynamicCodecBody, IsIgnoredWhereTheRuleAsksForNone) {
  const RouteUnderTest route({.body = ""});
  EXPECT_EQ(route.EncodeToText({.content_type = "text/plain", .body = "{not json"}), "");
}

TEST(DynamicCodecBody, OtherMediaTypesAre415) {
  const RouteUnderTest route({});
  for (const std::string type : {"", "application/json", "Application/JSON; charset=UTF-8",
                                 "application/vnd.api+json", "application/json;v=1"}) {
    EXPECT_TRUE(route.EncodeBody("{}", type)) << type;
  }
  for (const std::string type : {"text/plain", "text/json", "application/jsonp", "json", "+json",
                                 "application/json; charset=latin1", "application/xml"}) {
    const auto encoded = route.EncodeBody("{}", type);
    ASSERT_FALSE(encoded) << type;
    EXPECT_EQ(encoded.error().HttpStatus(), 415) << type;
    EXPECT_EQ(encoded.error().code, Code::kInvalidArgument) << type;
  }
}

TEST(DynamicCodecBody, HttpBodyTakesAnything) {
  const RouteUnderTest raw({.method = "puente.codec.CodecService.Raw"});
  EXPECT_EQ(raw.EncodeToText<google::api::HttpBody>({.content_type = "image/png", .body = "\x01{"}),
            R"(content_type: "image/png" data: "\001{")");
  EXPECT_EQ(raw.EncodeToText<google::api::HttpBody>({}), "");
  const RouteUnderTest upload(
      {.path = "/{name}", .body = "body", .method = "puente.codec.CodecService.Upload"});
  const std::vector<std::string> captures = {"x"};
  EXPECT_EQ(upload.EncodeToText<codec::Page>(
                {.captures = captures, .content_type = "text/html", .body = "<p>"}),
            R"(name: "x" body { content_type: "text/html" data: "<p>" })");
}

TEST(DynamicCodecBody, Proto2IsReadWithItsOwnRules) {
  const RouteUnderTest route({.method = "puente.codec.LegacyService.Echo"});
  const auto text = [&](std::string_view body) {
    const auto wire = route.EncodeBody(body);
    if (!wire) return "ERROR: " + wire.error().message;
    codec::Legacy legacy;
    EXPECT_TRUE(legacy.ParsePartialFromString(*wire));
    return legacy.ShortDebugString();
  };
  EXPECT_EQ(text("{}"), "");
  EXPECT_EQ(text(R"({"id":"","count":0,"closed":"TWO","closeds":[1,2],"counts":{"":0}})"),
            R"(id: "" count: 0 closed: TWO closeds: ONE closeds: TWO counts { key: "" value: 0 })");
  EXPECT_EQ(text(R"({"closed":3})"),
            "ERROR: closed: expected a value of enum puente.codec.Legacy.Closed");
  EXPECT_EQ(text(R"({"old":{"value":1}})"), "ERROR: old: proto2 groups are not supported");
  EXPECT_EQ(text(R"({"[puente.codec.extra]":1})"),
            "ERROR: body: unknown field in puente.codec.Legacy");
}

}  // namespace
}  // namespace puente

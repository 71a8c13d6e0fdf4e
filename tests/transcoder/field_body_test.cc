// `body` and `response_body` on fields of every kind: design section 4, rules 6 and 10.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/transcoder/codec_fixture.h"

namespace puente {
namespace {

using testing::RouteUnderTest;

struct Unset {
  std::string field;
  std::string json;
};

TEST(FieldBody, Rule10AnUnsetResponseBodyIsItsJsonDefault) {
  const std::vector<Unset> cases = {
      {"an_int32", "0"},
      {"an_int64", R"("0")"},
      {"a_uint32", "0"},
      {"a_uint64", R"("0")"},
      {"a_sint32", "0"},
      {"a_sint64", R"("0")"},
      {"a_fixed32", "0"},
      {"a_fixed64", R"("0")"},
      {"a_sfixed32", "0"},
      {"a_sfixed64", R"("0")"},
      {"a_float", "0"},
      {"a_double", "0"},
      {"a_bool", "false"},
      {"a_string", R"("")"},
      {"some_bytes", R"("")"},
      {"color", R"("COLOR_UNSPECIFIED")"},
      {"maybe_int32", "0"},
      {"maybe_string", R"("")"},
      {"inner", "{}"},
      {"self", "{}"},
      {"int32s", "[]"},
      {"int64s", "[]"},
      {"floats", "[]"},
      {"bools", "[]"},
      {"strings", "[]"},
      {"byteses", "[]"},
      {"colors", "[]"},
      {"inners", "[]"},
      {"unpacked", "[]"},
      {"timestamps", "[]"},
      {"values", "[]"},
      {"anys", "[]"},
      {"nulls", "[]"},
      {"int64_wrappers", "[]"},
      {"labels", "{}"},
      {"int_map", "{}"},
      {"bool_map", "{}"},
      {"inner_map", "{}"},
      {"time_map", "{}"},
      {"value_map", "{}"},
      {"empty", "{}"},
      {"struct", "{}"},
      {"list_value", "[]"},
      {"any", "{}"},
      {"value", "null"},
      {"null_value", "null"},
      {"timestamp", "null"},
      {"duration", "null"},
      {"mask", "null"},
      {"double_wrapper", "null"},
      {"float_wrapper", "null"},
      {"int64_wrapper", "null"},
      {"uint64_wrapper", "null"},
      {"int32_wrapper", "null"},
      {"uint32_wrapper", "null"},
      {"bool_wrapper", "null"},
      {"string_wrapper", "null"},
      {"bytes_wrapper", "null"},
      {"choice_string", R"("")"},
      {"choice_int32", "0"},
      {"choice_inner", "{}"},
      {"choice_null", "null"},
      {"choice_value", "null"},
      {"choice_time", "null"},
      {"renamed", "0"},
      {"otherName", "0"},
  };
  for (const Unset& c : cases) {
    EXPECT_EQ(RouteUnderTest({.response_body = c.field}).Decode(""), c.json) << c.field;
    // Whatever else is set.
    const std::string other = c.field == "an_int64" ? "an_int32: 5" : "an_int64: 5";
    EXPECT_EQ(RouteUnderTest({.response_body = c.field}).DecodeText(other), c.json) << c.field;
  }
  EXPECT_EQ(RouteUnderTest({.response_body = "color"}, {.print_enums_as_ints = true}).Decode(""),
            "0");
  EXPECT_EQ(
      RouteUnderTest({.response_body = "inner"}, {.always_print_fields_with_no_presence = true})
          .DecodeText("inner { }"),
      R"({"id":"","amount":0,"list":[],"byName":{}})");
}

struct FieldCase {
  std::string field;
  std::string json;
  std::string text;  // of the message that holds the field
};

// Both ways: the JSON sets the field, and the field prints as the JSON.
TEST(FieldBody, AnyFieldMayBeTheBodyAndTheResponse) {
  const std::vector<FieldCase> cases = {
      {"an_int32", "-5", "an_int32: -5"},
      {"an_int64", R"("-5")", "an_int64: -5"},
      {"a_uint32", "5", "a_uint32: 5"},
      {"a_double", "1.5", "a_double: 1.5"},
      {"a_double", R"("NaN")", "a_double: nan"},
      {"a_bool", "true", "a_bool: true"},
      {"a_string", R"("text")", R"(a_string: "text")"},
      {"some_bytes", R"("+/8=")", R"(some_bytes: "\373\377")"},
      {"color", R"("RED")", "color: RED"},
      {"color", "77", "color: 77"},
      {"maybe_int32", "0", "maybe_int32: 0"},
      {"inner", R"({"id":"a","next":{}})", R"(inner { id: "a" next { } })"},
      {"inner", "{}", "inner { }"},
      {"int32s", "[1,0]", "int32s: 1 int32s: 0"},
      {"unpacked", "[1,0]", "unpacked: 1 unpacked: 0"},
      {"strings", R"(["","a"])", R"(strings: "" strings: "a")"},
      {"colors", R"(["RED","COLOR_UNSPECIFIED"])", "colors: RED colors: COLOR_UNSPECIFIED"},
      {"inners", R"([{"id":"a"},{}])", R"(inners { id: "a" } inners { })"},
      {"timestamps", R"(["1970-01-01T00:00:01Z"])", "timestamps { seconds: 1 }"},
      {"values", "[null,1]", "values { null_value: NULL_VALUE } values { number_value: 1 }"},
      {"nulls", "[null]", "nulls: NULL_VALUE"},
      {"int64_wrappers", R"(["0","1"])", "int64_wrappers { } int64_wrappers { value: 1 }"},
      {"labels", R"({"a":"b"})", R"(labels { key: "a" value: "b" })"},
      {"bool_map", R"({"true":"RED"})", "bool_map { key: true value: RED }"},
      {"inner_map", R"({"7":{"id":"x"}})", R"(inner_map { key: 7 value { id: "x" } })"},
      {"timestamp", R"("1970-01-01T00:00:01Z")", "timestamp { seconds: 1 }"},
      {"duration", R"("3.500s")", "duration { seconds: 3 nanos: 500000000 }"},
      {"mask", R"("fooBar,a.b")", R"(mask { paths: "foo_bar" paths: "a.b" })"},
      {"empty", "{}", "empty { }"},
      {"struct", R"({"a":1})", R"(struct { fields { key: "a" value { number_value: 1 } } })"},
      {"struct", "{}", "struct { }"},
      {"value", "[true]", "value { list_value { values { bool_value: true } } }"},
      {"value", "null", "value { null_value: NULL_VALUE }"},
      {"list_value", "[1]", "list_value { values { number_value: 1 } }"},
      {"any", R"({"@type":"type.googleapis.com/puente.codec.Inner","id":"a"})",
       R"(any { [type.googleapis.com/puente.codec.Inner] { id: "a" } })"},
      {"int64_wrapper", R"("0")", "int64_wrapper { }"},
      {"bool_wrapper", "true", "bool_wrapper { value: true }"},
      {"bytes_wrapper", R"("AQ==")", R"(bytes_wrapper { value: "\001" })"},
      {"string_wrapper", R"("")", "string_wrapper { }"},
      {"choice_int32", "0", "choice_int32: 0"},
      {"choice_null", "null", "choice_null: NULL_VALUE"},
      {"choice_time", R"("1970-01-01T00:00:01Z")", "choice_time { seconds: 1 }"},
      {"renamed", "1", "renamed: 1"},
      {"otherName", "1", "renamed: 1"},
  };
  for (const FieldCase& c : cases) {
    const RouteUnderTest route({.body = c.field, .response_body = c.field});
    EXPECT_EQ(route.BodyToText(c.json), c.text) << c.field;
    EXPECT_EQ(route.DecodeText(c.text), c.json) << c.field;
  }
}

// Rule 6: null is how JSON leaves a field out, save where it is a value.
TEST(FieldBody, NullLeavesTheFieldOut) {
  for (const std::string field :
       {"an_int32", "a_string", "color", "maybe_int32", "inner", "int32s", "inners", "labels",
        "timestamp", "mask", "struct", "list_value", "any", "int64_wrapper", "choice_int32"}) {
    EXPECT_EQ(RouteUnderTest({.body = field}).BodyToText(" null "), "") << field;
  }
}

TEST(FieldBody, OfTheWrongKindIsRefusedUnderTheFieldsName) {
  const std::vector<FieldCase> cases = {
      {"an_int32", R"("x")", "anInt32: expected a number of type int32"},
      {"an_int32", "{}", "anInt32: expected a number of type int32"},
      {"a_string", "1", "aString: expected a string"},
      {"int32s", "1", "int32s: expected an array: the field is repeated"},
      {"inner", "[]", "inner: expected an object of type puente.codec.Inner"},
      {"labels", "[]", "labels: expected an object: the field is a map"},
      {"color", R"("MAUVE")", "color: expected a value of enum puente.codec.Color"},
      {"int64_wrapper", R"("x")", "int64Wrapper: expected a number of type int64"},
      {"otherName", "true", "otherName: expected a number of type int32"},
      {"a_bool", "true true", "aBool: expected nothing after the value (line 1, column 6)"},
  };
  for (const FieldCase& c : cases) {
    EXPECT_EQ(RouteUnderTest({.body = c.field}).BodyToText(c.json), "ERROR: " + c.text) << c.field;
  }
}

}  // namespace
}  // namespace puente

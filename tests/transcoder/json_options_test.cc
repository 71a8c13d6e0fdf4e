// The options of transcoding.json that say how answers are printed (design sections 3 and 4, rule
// 6), against protobuf's own printer where it has the option.
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "tests/transcoder/codec_fixture.h"

namespace puente {
namespace {

using google::protobuf::Struct;
using google::protobuf::util::JsonPrintOptions;
using google::protobuf::util::MessageDifferencer;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RouteUnderTest;

// json_util prints a NullValue that is not set by its name or number, one that is set as null.
std::string WithNulls(const std::string& json) {
  static const std::regex kUnset(R"re(("null_?[vV]alue":)("NULL_VALUE"|0))re");
  return std::regex_replace(json, kUnset, "$1null");
}

// Its keys in whatever order.
Struct ParseJson(const std::string& json) {
  Struct parsed;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &parsed);
  EXPECT_TRUE(status.ok()) << status.message() << "\n" << json;
  return parsed;
}

codec::Everything FromText(const std::string& text) {
  codec::Everything message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(JsonOptions, EachAndAllTogetherPrintWhatProtobufPrints) {
  const std::vector<std::string> messages = {
      "",
      "an_int32: 3 renamed: 1 maybe_int32: 0 color: RED some_bytes: '\\001'",
      "inner { } inners { id: 'a' } inners { next { } list { } }",
      "colors: [RED, COLOR_UNSPECIFIED, NEGATIVE] color: 77 colors: -7",
      "bool_map { key: true value: RED } bool_map { key: false value: COLOR_UNSPECIFIED }",
      "labels { key: 'under_score' value: 'a_b' } inner_map { key: 1 value { amount: 2 } }",
      "choice_int32: 0",
      "choice_inner { number: 0 }",
      "timestamp { } duration { seconds: 1 } mask { paths: 'foo_bar' } empty { }",
      "struct { fields { key: 'a_b' value { number_value: 1 } } } value { bool_value: false }",
      "int64_wrapper { value: 5 } int32_wrapper { } string_wrapper { } int64_wrappers { }",
      "an_int64: 5 a_uint64: 6 int64s: [0, 7] int_map { key: 1 value: 2 } fixed64s: 8",
      "any { [type.googleapis.com/puente.codec.Inner] { next { amount: 1 } } }",
      "any { [type.googleapis.com/puente.codec.Everything] { color: RED an_int64: 5 } }",
      "self { self { color: GREEN an_int32: 1 inners { } } }",
  };
  for (const std::string& text : messages) {
    for (unsigned bits = 0; bits < 8; ++bits) {
      JsonPrintOptions theirs;
      theirs.always_print_primitive_fields = bits & 1;
      theirs.preserve_proto_field_names = bits & 2;
      theirs.always_print_enums_as_ints = bits & 4;
      const RouteUnderTest route({}, {.always_print_fields_with_no_presence = (bits & 1) != 0,
                                      .preserve_proto_field_names = (bits & 2) != 0,
                                      .print_enums_as_ints = (bits & 4) != 0});
      const codec::Everything message = FromText(text);
      std::string expected;
      ASSERT_TRUE(google::protobuf::util::MessageToJsonString(message, &expected, theirs).ok());
      const std::string json = route.Decode(message.SerializeAsString());
      EXPECT_TRUE(MessageDifferencer::Equals(ParseJson(json), ParseJson(WithNulls(expected))))
          << text << " with options " << bits << "\n"
          << json << "\n"
          << expected;
    }
  }
}

struct Case {
  std::string text;  // of the message
  std::string json;
};

TEST(JsonOptions, Int64AsNumber) {
  const RouteUnderTest route({}, {.int64_as_number = true});
  const std::vector<Case> cases = {
      {"an_int64: 5 a_uint64: 6 a_sint64: -7 a_fixed64: 8 a_sfixed64: -9",
       R"({"anInt64":5,"aUint64":6,"aSint64":-7,"aFixed64":8,"aSfixed64":-9})"},
      // As far as every reader takes them exactly.
      {"an_int64: 9007199254740991", R"({"anInt64":9007199254740991})"},
      {"an_int64: 9007199254740992", R"({"anInt64":"9007199254740992"})"},
      {"an_int64: -9007199254740991", R"({"anInt64":-9007199254740991})"},
      {"an_int64: -9007199254740992", R"({"anInt64":"-9007199254740992"})"},
      {"an_int64: -9223372036854775808", R"({"anInt64":"-9223372036854775808"})"},
      {"a_uint64: 9007199254740991", R"({"aUint64":9007199254740991})"},
      {"a_uint64: 9007199254740992", R"({"aUint64":"9007199254740992"})"},
      {"a_uint64: 18446744073709551615", R"({"aUint64":"18446744073709551615"})"},
      // Everywhere.
      {"int64s: [0, -1, 9223372036854775807] fixed64s: 2",
       R"({"int64s":[0,-1,"9223372036854775807"],"fixed64s":[2]})"},
      {"int64_wrapper { value: 5 } uint64_wrapper { } int64_wrappers { value: -6 }",
       R"({"int64Wrapper":5,"uint64Wrapper":0,"int64Wrappers":[-6]})"},
      {"self { an_int64: 1 }", R"({"self":{"anInt64":1}})"},
      {"any { [type.googleapis.com/puente.codec.Everything] { an_int64: 1 } }",
       R"({"any":{"@type":"type.googleapis.com/puente.codec.Everything","anInt64":1}})"},
      {"any { [type.googleapis.com/google.protobuf.Int64Value] { value: 1 } }",
       R"({"any":{"@type":"type.googleapis.com/google.protobuf.Int64Value","value":1}})"},
      // Keys of maps are strings in JSON.
      {"int_map { key: -1 value: 2 } inner_map { key: 3 value { } }",
       R"({"intMap":{"-1":2},"innerMap":{"3":{}}})"},
      // Seconds of times are no integers in JSON.
      {"timestamp { seconds: 1 } duration { seconds: 2 }",
       R"({"timestamp":"1970-01-01T00:00:01Z","duration":"2s"})"},
      {"an_int32: 1 a_uint32: 2", R"({"anInt32":1,"aUint32":2})"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(route.DecodeText(c.text), c.json) << c.text;
    EXPECT_EQ(route.BodyToText(c.json), FromText(c.text).ShortDebugString()) << c.json;
  }
}

TEST(JsonOptions, Int64AsNumberHoldsForResponseBodies) {
  const std::vector<std::pair<std::string, Case>> cases = {
      {"an_int64", {"", "0"}},
      {"an_int64", {"an_int64: 5", "5"}},
      {"int64s", {"int64s: 5", "[5]"}},
      {"int64_wrapper", {"int64_wrapper { value: 5 }", "5"}},
      {"int_map", {"int_map { key: 1 value: 5 }", R"({"1":5})"}},
  };
  for (const auto& [field, c] : cases) {
    EXPECT_EQ(
        RouteUnderTest({.response_body = field}, {.int64_as_number = true}).DecodeText(c.text),
        c.json)
        << field;
  }
}

TEST(JsonOptions, AlwaysPrintMeansFieldsWithoutPresence) {
  const RouteUnderTest route({}, {.always_print_fields_with_no_presence = true});
  const std::string json =
      route.DecodeText("inners { } self { } inner_map { key: 1 value { } } choice_inner { }");
  const std::string inner = R"({"id":"","amount":0,"list":[],"byName":{}})";
  EXPECT_THAT(json, HasSubstr(R"("inners":[)" + inner + "]"));
  EXPECT_THAT(json, HasSubstr(R"("innerMap":{"1":)" + inner + "}"));
  EXPECT_THAT(json, HasSubstr(R"("choiceInner":)" + inner));
  EXPECT_THAT(json, HasSubstr(R"("self":{"anInt32":0,"anInt64":"0")"));
  for (const std::string absent :
       {"\"maybeInt32\"", "\"inner\"", "\"next\"", "\"at\"", "\"text\"", "\"choiceString\"",
        "\"choiceNull\"", "\"timestamp\"", "\"any\"", "\"int64Wrapper\"", "\"value\""}) {
    EXPECT_THAT(json, Not(HasSubstr(absent)));
  }
}

TEST(JsonOptions, OptionsWorkTogether) {
  const RouteUnderTest route(
      {.method = "puente.codec.CodecService.Echo"},
      {.preserve_proto_field_names = true, .print_enums_as_ints = true, .int64_as_number = true});
  EXPECT_EQ(route.DecodeText("an_int64: 1 renamed: 2 color: RED int_map { key: 3 value: 4 }"),
            R"({"an_int64":1,"color":1,"int_map":{"3":4},"renamed":2})");
  EXPECT_EQ(route.DecodeText("null_value: NULL_VALUE nulls: NULL_VALUE"), R"({"nulls":[null]})")
      << "NullValue is null, not 0";
  const RouteUnderTest all(
      {.body = "body", .method = "puente.codec.CodecService.Upload"},
      {.always_print_fields_with_no_presence = true, .preserve_proto_field_names = true});
  EXPECT_EQ(all.DecodeText<codec::Page>("body { }"),
            R"({"name":"","body":{"content_type":"","data":"","extensions":[]}})");
}

// Places are where the reader of the message looks for them: in the JSON that the API documents.
TEST(JsonOptions, PlacesInErrorsKeepJsonNames) {
  const RouteUnderTest route({}, {.preserve_proto_field_names = true});
  EXPECT_THAT(route.DecodeText("time_map { key: 'a' value { nanos: -1 } }"),
              HasSubstr(R"(timeMap["a"]: the timestamp is out of range)"));
  EXPECT_EQ(route.BodyToText(R"({"an_int32":"x"})"),
            "ERROR: anInt32: expected a number of type int32");
}

}  // namespace
}  // namespace puente

// Path variables and query parameters: design section 4, rules 1 and 9.
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/testdata/compile_protos.h"
#include "tests/transcoder/codec_fixture.h"

namespace puente {
namespace {

using ::testing::HasSubstr;
using testing::LoadProto;
using testing::RouteUnderTest;
using ::testing::StartsWith;

struct QueryCase {
  std::string query;
  std::string text;
};

TEST(QueryBinding, SetsFieldsOfEveryKind) {
  const RouteUnderTest route({.body = ""});
  const std::vector<QueryCase> cases = {
      {"", ""},
      {"&&", ""},
      {"anInt32=5", "an_int32: 5"},
      {"an_int32=5", "an_int32: 5"},
      {"an%5Fint32=%35", "an_int32: 5"},
      {"anInt64=-9223372036854775808", "an_int64: -9223372036854775808"},
      {"aBool=true", "a_bool: true"},
      {"aDouble=-Infinity", "a_double: -inf"},
      {"aString=a+b%2Bc", "a_string: \"a b+c\""},
      {"aString=a=b", "a_string: \"a=b\""},
      {"aString", ""},
      {"maybeString", "maybe_string: \"\""},
      {"maybeString=", "maybe_string: \"\""},
      {"maybeInt32=0", "maybe_int32: 0"},
      {"someBytes=-_8", R"(some_bytes: "\373\377")"},
      {"color=GREEN", "color: GREEN"},
      {"color=2", "color: GREEN"},
      {"color=77", "color: 77"},
      {"otherName=1", "renamed: 1"},
      {"int32s=1&int32s=2&a_string=x&int32s=3", "a_string: \"x\" int32s: 1 int32s: 2 int32s: 3"},
      {"strings=&strings", "strings: \"\" strings: \"\""},
      {"colors=RED&colors=2", "colors: RED colors: GREEN"},
      {"inner.id=a&inner.next.amount=2", "inner { id: \"a\" next { amount: 2 } }"},
      {"inner.amount=0", "inner { }"},
      {"self.an_int32=1&self.anInt64=2", "self { an_int32: 1 an_int64: 2 }"},
      {"timestamp=1970-01-01T00:00:01Z", "timestamp { seconds: 1 }"},
      {"timestamp=1970-01-01T01:00:01%2B01:00", "timestamp { seconds: 1 }"},
      {"timestamps=1970-01-01T00:00:01Z&timestamps=1970-01-01T00:00:02Z",
       "timestamps { seconds: 1 } timestamps { seconds: 2 }"},
      {"duration=3.5s", "duration { seconds: 3 nanos: 500000000 }"},
      {"mask=fooBar,a.b_c", R"(mask { paths: "foo_bar" paths: "a.b_c" })"},
      {"mask=*", R"(mask { paths: "*" })"},
      {"int64Wrapper=0&stringWrapper=&boolWrapper=true",
       "int64_wrapper { } bool_wrapper { value: true } string_wrapper { }"},
      {"int64Wrappers=1&int64Wrappers=2",
       "int64_wrappers { value: 1 } int64_wrappers { value: 2 }"},
      {"labels[region]=eu&labels%5Ba.b%5D=", R"(labels { key: "a.b" value: "" } )"
                                             R"(labels { key: "region" value: "eu" })"},
      {"labels[]=x", R"(labels { key: "" value: "x" })"},
      {"labels[a[b]]=x", R"(labels { key: "a[b]" value: "x" })"},
      {"int_map[-1]=2", "int_map { key: -1 value: 2 }"},
      {"bool_map[true]=RED", "bool_map { key: true value: RED }"},
      {"time_map[a]=1970-01-01T00:00:01Z", R"(time_map { key: "a" value { seconds: 1 } })"},
      {"choiceString=", "choice_string: \"\""},
      {"choiceNull=null", "choice_null: NULL_VALUE"},
      {"choiceNull=NULL_VALUE", "choice_null: NULL_VALUE"},
      {"choiceNull=0", "choice_null: NULL_VALUE"},
      {"choiceInner.id=a&choiceInner.amount=1", R"(choice_inner { id: "a" amount: 1 })"},
  };
  for (const QueryCase& c : cases)
    EXPECT_EQ(route.EncodeToText({.query = c.query}), c.text) << c.query;
}

TEST(QueryBinding, RefusesAndNamesTheParameter) {
  const RouteUnderTest route({.body = ""});
  const std::vector<QueryCase> cases = {
      {"anInt32=", "query parameter \"anInt32\": expected a number of type int32"},
      {"anInt32=+5", "query parameter \"anInt32\": expected a number of type int32"},
      {"anInt32=%2B5", "query parameter \"anInt32\": expected a number of type int32"},
      {"anInt32=0x10", "query parameter \"anInt32\": expected a number of type int32"},
      {"anInt32=010", "query parameter \"anInt32\": expected a number of type int32"},
      {"anInt32=2147483648",
       "query parameter \"anInt32\": the number is out of the range of type int32"},
      {"aBool=True", "query parameter \"aBool\": expected true or false"},
      {"aBool", "query parameter \"aBool\": expected true or false"},
      {"aString=%FF", "query parameter \"aString\": expected text in UTF-8"},
      {"color=green", "query parameter \"color\": expected a value of enum puente.codec.Color"},
      {"color=", "query parameter \"color\": expected a value of enum puente.codec.Color"},
      {"mask=", "query parameter \"mask\": expected field paths separated by commas"},
      {"duration=1h",
       "query parameter \"duration\": expected a duration in seconds such as "
       "\"3.5s\", of less than 315576000001s"},
      {"int64Wrapper=", "query parameter \"int64Wrapper\": expected a number of type int64"},
      {"int_map[x]=1", "query parameter \"int_map[x]\": expected a number of type int32"},
      {"anInt32=1&anInt32=1", "query parameter \"anInt32\": the field is given twice"},
      {"anInt32=1&an_int32=1", "query parameter \"an_int32\": the field is given twice"},
      {"timestamp=1970-01-01T00:00:01Z&timestamp=1970-01-01T00:00:01Z",
       "query parameter \"timestamp\": the field is given twice"},
      {"labels[a]=1&labels[a]=2", "query parameter \"labels[a]\": the field is given twice"},
      {"int_map[1]=1&int_map[1.0]=2", "query parameter \"int_map[1.0]\": the field is given twice"},
      {"choiceString=&choiceInt32=1",
       "query parameter \"choiceInt32\": another member of the same oneof is given, too"},
      {"choiceInner.id=a&choiceString=x",
       "query parameter \"choiceString\": another member of the same oneof is given, too"},
      {"inner.text=a&inner.number=1",
       "query parameter \"inner.number\": another member of the same oneof is given, too"},
      {"inner=a", "query parameter \"inner\": it names a message, whose fields are set one by one"},
      {"inners.id=a", "query parameter \"inners.id\": it names a field of a repeated message"},
      {"inners=a", "query parameter \"inners\": no text can set the field"},
      {"struct=a", "query parameter \"struct\": no text can set the field"},
      {"value=1", "query parameter \"value\": no text can set the field"},
      {"listValue=1", "query parameter \"listValue\": no text can set the field"},
      {"any=1", "query parameter \"any\": no text can set the field"},
      {"struct.fields=a", "query parameter \"struct.fields\": the type has no fields in JSON"},
      {"timestamp.seconds=1",
       "query parameter \"timestamp.seconds\": the type has no fields in JSON"},
      {"labels=x", "query parameter \"labels\": a map's entries are named with brackets: map[key]"},
      {"labels.a=x",
       "query parameter \"labels.a\": a map's entries are named with brackets: map[key]"},
      {"inner_map[1]=x", "query parameter \"inner_map[1]\": no text can set the field"},
      {"value_map[1]=x", "query parameter \"value_map[1]\": no text can set the field"},
      {"x=1", "unknown query parameter \"x\": there is no such field"},
      {"inner.x=1", "unknown query parameter \"inner.x\": there is no such field"},
      {"anInt32.x=1", "unknown query parameter \"anInt32.x\": there is no such field"},
      {"anInt32[a]=1", "unknown query parameter \"anInt32[a]\": there is no such field"},
      {"labels[a=1", "unknown query parameter number 1: there is no such field"},
      {"labels[a].b=1", "unknown query parameter number 1: there is no such field"},
      {"=x", "unknown query parameter number 1: there is no such field"},
      {"aString=a&inner..id=x", "unknown query parameter \"inner..id\": there is no such field"},
      {"aString=a&s%C3%A9cret=x", "unknown query parameter number 2: there is no such field"},
      {"%FF=x", "unknown query parameter number 1: there is no such field"},
      {"@type=x", "unknown query parameter number 1: there is no such field"},
  };
  for (const QueryCase& c : cases) {
    EXPECT_EQ(route.EncodeToText({.query = c.query}), "ERROR: " + c.text) << c.query;
  }
}

TEST(QueryBinding, PlusMayStandForItself) {
  const RouteUnderTest route({.body = ""}, {.plus_is_space = false});
  EXPECT_EQ(route.EncodeToText({.query = "aString=a+b"}), "a_string: \"a+b\"");
}

TEST(QueryBinding, BoundsDepthAndNumber) {
  const RouteUnderTest route({.body = ""}, {.max_query_parameters = 3});
  std::string deep = "self";
  for (int i = 0; i < 30; ++i) deep += ".self";
  EXPECT_THAT(route.EncodeToText({.query = deep + ".anInt32=1"}), StartsWith("self {"));
  EXPECT_EQ(route.EncodeToText({.query = deep + ".self.anInt32=1"}),
            "ERROR: unknown query parameter number 1: it is nested more than 32 fields deep");
  EXPECT_EQ(route.EncodeToText({.query = "int32s=1&&int32s=2&int32s=3"}),
            "int32s: 1 int32s: 2 int32s: 3");
  EXPECT_EQ(route.EncodeToText({.query = "int32s=1&int32s=2&int32s=3&int32s=4"}),
            "ERROR: more than 3 query parameters");
  const RouteUnderTest ignoring(
      {.body = ""}, {.unknown_query = UnknownInput::kIgnore, .max_query_parameters = 3});
  EXPECT_EQ(ignoring.EncodeToText({.query = "x&y&z&q"}), "ERROR: more than 3 query parameters");
}

TEST(QueryBinding, UnknownParametersCanBeIgnoredButNeverOverride) {
  // Rule 1.
  const std::vector<std::string> captures = {"5"};
  const RouteUnderTest route({.path = "/{inner.amount}", .body = "self"},
                             {.unknown_query = UnknownInput::kIgnore});
  for (const std::string query : {"x=1", "inner.amount=7", "inner=7", "self.anInt32=1", "self=1",
                                  "inner.amount.x=1", "in%6Eer.amount=7"}) {
    EXPECT_EQ(route.EncodeToText({.captures = captures, .query = query}),
              "inner { amount: 5 } self { }")
        << query;
  }
  const RouteUnderTest whole({}, {.unknown_query = UnknownInput::kIgnore});
  EXPECT_EQ(whole.EncodeToText({.query = "anInt32=1"}), "");
}

TEST(QueryBinding, WhatPathOrBodyBindIsUnknown) {
  // Rule 1.
  const std::vector<std::string> captures = {"5"};
  const RouteUnderTest route({.path = "/{inner.amount}", .body = "self"});
  const std::vector<QueryCase> cases = {
      {"inner.amount=7",
       "unknown query parameter \"inner.amount\": the field is bound by the path"},
      {"inner=7", "unknown query parameter \"inner\": the field is bound by the path"},
      {"self.anInt32=1",
       "unknown query parameter \"self.anInt32\": the field is bound by the body"},
      {"self=1", "unknown query parameter \"self\": the field is bound by the body"},
  };
  for (const QueryCase& c : cases) {
    EXPECT_EQ(route.EncodeToText({.captures = captures, .query = c.query}), "ERROR: " + c.text);
  }
  EXPECT_EQ(route.EncodeToText({.captures = captures, .query = "inner.id=x&a_string=y"}),
            R"(a_string: "y" inner { id: "x" amount: 5 } self { })");
  const RouteUnderTest whole({});
  EXPECT_EQ(whole.EncodeToText({.query = "anInt32=1"}),
            "ERROR: unknown query parameter \"anInt32\": the whole body is bound");
}

TEST(QueryBinding, OneofsCountPathAndBody) {
  const std::vector<std::string> captures = {"a"};
  const RouteUnderTest path({.path = "/{choice_string}", .body = ""});
  EXPECT_EQ(
      path.EncodeToText({.captures = captures, .query = "choiceInt32=1"}),
      "ERROR: query parameter \"choiceInt32\": another member of the same oneof is given, too");
  const RouteUnderTest body({.body = "choice_inner"});
  EXPECT_EQ(
      body.EncodeToText({.query = "choiceInt32=1", .body = "{}"}),
      "ERROR: query parameter \"choiceInt32\": another member of the same oneof is given, too");
  EXPECT_EQ(body.EncodeToText({.query = "choiceInt32=1"}), "choice_int32: 1");
}

TEST(QueryBinding, ABodyOfNullIsNoMemberOfAOneof) {
  // Rule 9.
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"choice_string", "choice_int32: 1"},
      {"choice_inner", "choice_int32: 1"},
      {"choice_time", "choice_int32: 1"},
      {"choice_null",
       "ERROR: query parameter \"choiceInt32\": another member of the same oneof is given, too"},
      {"choice_value",
       "ERROR: query parameter \"choiceInt32\": another member of the same oneof is given, too"},
  };
  for (const auto& [field, text] : cases) {
    const RouteUnderTest route({.body = field});
    for (const std::string null : {"null", " \t\r\nnull\n"}) {
      EXPECT_EQ(route.EncodeToText({.query = "choiceInt32=1", .body = null}), text) << field;
    }
  }
  const RouteUnderTest route({.body = "choice_string"});
  EXPECT_THAT(route.EncodeToText({.query = "choiceInt32=1", .body = "nul"}), StartsWith("ERROR"));
  EXPECT_THAT(route.EncodeToText({.query = "choiceInt32=1", .body = "null null"}),
              StartsWith("ERROR"));
}

struct PathCase {
  std::string path;
  std::string capture;
  std::string text;
};

TEST(PathBinding, SetsFieldsOfEveryKind) {
  const std::vector<PathCase> cases = {
      {"/{a_string}", "a b", R"(a_string: "a b")"},
      {"/{aString}", "a+b", R"(a_string: "a+b")"},
      {"/{an_int64}", "-5", "an_int64: -5"},
      {"/{color}", "RED", "color: RED"},
      {"/{some_bytes}", "-_8", R"(some_bytes: "\373\377")"},
      {"/{inner.next.id}", "x", R"(inner { next { id: "x" } })"},
      {"/{timestamp}", "1970-01-01T00:00:01Z", "timestamp { seconds: 1 }"},
      {"/{int64_wrapper}", "0", "int64_wrapper { }"},
      {"/{choice_int32}", "0", "choice_int32: 0"},
      {"/{maybe_int32}", "0", "maybe_int32: 0"},
      {"/{an_int32}", "x", "ERROR: path variable \"an_int32\": expected a number of type int32"},
      {"/{a_string}", "\xff", "ERROR: path variable \"a_string\": expected text in UTF-8"},
      {"/{inner.next.amount}", "",
       "ERROR: path variable \"inner.next.amount\": expected a number of type int32"},
  };
  for (const PathCase& c : cases) {
    const std::vector<std::string> captures = {c.capture};
    EXPECT_EQ(RouteUnderTest({.path = c.path, .body = ""}).EncodeToText({.captures = captures}),
              c.text)
        << c.path;
  }
}

struct PrecedenceCase {
  std::string path, capture, body, text;
};

TEST(PathBinding, WinsOverTheBody) {
  // Rule 1.
  const std::vector<PrecedenceCase> cases = {
      {"/{a_string}", "p", R"({"aString":"b","anInt32":1})", R"(an_int32: 1 a_string: "p")"},
      {"/{a_string}", "p", R"({"a_string":"b"})", R"(a_string: "p")"},
      {"/{an_int32}", "0", R"({"anInt32":5})", ""},
      {"/{renamed}", "0", R"({"otherName":5})", ""},
      {"/{inner.amount}", "0", R"({"inner":{"id":"a","amount":5}})", R"(inner { id: "a" })"},
      {"/{inner.amount}", "7", R"({"inner":null})", "inner { amount: 7 }"},
      {"/{inner.next.id}", "p", R"({"inner":{"next":{"id":"b","amount":1},"id":"c"}})",
       R"(inner { id: "c" next { id: "p" amount: 1 } })"},
      {"/{inner.id}", "p", R"({"inner":{"next":{"id":"kept"}}})",
       R"(inner { id: "p" next { id: "kept" } })"},
      {"/{timestamp}", "1970-01-01T00:00:09Z", R"({"timestamp":"1970-01-01T00:00:01.5Z"})",
       "timestamp { seconds: 9 }"},
      {"/{mask}", "a", R"({"mask":"b,c"})", R"(mask { paths: "a" })"},
      {"/{int64_wrapper}", "0", R"({"int64Wrapper":5})", "int64_wrapper { }"},
      {"/{maybe_int32}", "0", R"({"maybeInt32":5})", "maybe_int32: 0"},
      {"/{choice_int32}", "0", R"({"choiceString":"b"})", "choice_int32: 0"},
      {"/{choice_inner.id}", "p", R"({"choiceTime":"1970-01-01T00:00:09Z"})",
       R"(choice_inner { id: "p" })"},
      {"/{inner.number}", "3", R"({"inner":{"nested":{"id":"b"},"id":"a"}})",
       R"(inner { id: "a" number: 3 })"},
      {"/{an_int32}", "1", R"({"anInt32":"x"})", "ERROR: anInt32: expected a number of type int32"},
      {"/{an_int32}", "1", R"({"anInt32":2,"an_int32":2})",
       "ERROR: anInt32: the field is given twice"},
  };
  for (const PrecedenceCase& c : cases) {
    const std::vector<std::string> captures = {c.capture};
    EXPECT_EQ(RouteUnderTest({.path = c.path}).EncodeToText({.captures = captures, .body = c.body}),
              c.text)
        << c.path << " " << c.body;
  }
}

TEST(PathBinding, WinsOverABodyField) {
  // Rule 1.
  const std::vector<std::string> captures = {"p"};
  const RouteUnderTest route({.path = "/{inner.id}", .body = "inner"});
  EXPECT_EQ(route.EncodeToText({.captures = captures, .body = R"({"id":"b","amount":1})"}),
            R"(inner { id: "p" amount: 1 })");
  EXPECT_EQ(route.EncodeToText({.captures = captures, .body = R"({"next":{"id":"b"}})"}),
            R"(inner { id: "p" next { id: "b" } })");
}

// Rule 9: a name is a field's own before its brackets are those of a map.
TEST(QueryBinding, NamesMayHoldBracketsOfTheirOwn) {
  const auto set = LoadProto(R"(
    syntax = "proto3"; package t;
    message Sub {
      string search = 1 [json_name = "search[decoded]"];
      repeated int32 ids = 2 [json_name = "ids[]"];
      map<string, string> labels = 3;
      string region = 4 [json_name = "labels[a.b]"];
    }
    message M { Sub sub = 1; string search = 2 [json_name = "search[decoded]"]; }
    service S { rpc Do(M) returns (Sub); })");
  const auto route = CompileRoute({set->services()[0]->method(0), "GET", "/x", "", ""});
  ASSERT_TRUE(route);
  const auto codec = puente::testing::MakeCodecUnderTest(set, {});
  const auto route_codec = codec->ForRoute(*route);
  const std::vector<QueryCase> cases = {
      {"search[decoded]=x", "search: \"x\""},
      {"search%5Bdecoded%5D=x", "search: \"x\""},
      {"sub.search[decoded]=x", "sub { search: \"x\" }"},
      {"sub.search%5Bdecoded%5D=x", "sub { search: \"x\" }"},
      {"sub.ids[]=1&sub.ids%5B%5D=2", "sub { ids: 1 ids: 2 }"},
      {"sub.labels[a.b]=x", "sub { region: \"x\" }"},
      {"sub.labels[a]=x", "sub { labels { key: \"a\" value: \"x\" } }"},
  };
  google::protobuf::DynamicMessageFactory factory;
  for (const QueryCase& c : cases) {
    DroppedInput dropped;
    const auto bound = route_codec->Bind({{}, c.query}, dropped);
    ASSERT_TRUE(bound) << c.query << ": " << bound.error().message;
    const std::unique_ptr<google::protobuf::Message> message(
        factory.GetPrototype(route->method->input_type())->New());
    ASSERT_TRUE(message->ParseFromString(bound->wire));
    EXPECT_EQ(message->ShortDebugString(), c.text) << c.query;
  }
  for (const std::string query : {"search[other]=x", "sub.ids[1]=1", "search[decoded].a=x"}) {
    DroppedInput dropped;
    EXPECT_FALSE(route_codec->Bind({{}, query}, dropped)) << query;
  }
}

TEST(QueryBinding, TakesLinearTime) {
  const RouteUnderTest route({.body = ""}, {.max_query_parameters = 1 << 20});
  std::string query;
  for (int i = 0; i < 50000; ++i) query += "labels[k" + std::to_string(i) + "]=v&int32s=1&";
  const auto wire = route.Encode({.query = query});
  ASSERT_TRUE(wire);
  codec::Everything message;
  ASSERT_TRUE(message.ParseFromString(*wire));
  EXPECT_EQ(message.labels_size(), 50000);
  EXPECT_EQ(message.int32s_size(), 50000);
  EXPECT_FALSE(route.Encode({.query = std::string(1 << 20, '.') + "=1"}));
  EXPECT_FALSE(route.Encode({.query = std::string(1 << 20, '[')}));
}

}  // namespace
}  // namespace puente

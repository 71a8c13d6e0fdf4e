// JsonToWire against JsonReader, case by case: design section 4, rule 6.
#include "transcoder/compiled/json_to_wire.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/testdata/compile_protos.h"
#include "tests/transcoder/compiled/codec_readers.h"

namespace puente {
namespace {

using testing::ExpectRead;
using testing::ExpectRefused;
using testing::kEverything;
using testing::LoadProto;
using testing::Readers;
using testing::TwoReaders;

TEST(JsonToWire, ReadsMembers) {
  ExpectRead(
      kEverything,
      {"{}", " \t\r\n{ \n} ", "{\n                  \"anInt32\"  :\n\t 5\r }", R"({"anInt32":-5})",
       R"({"an_int32":-5})", R"({"\u0061nInt32":7})",
       R"({"aString":"","anInt32":0,"aBool":false,"aDouble":0,"color":0,"someBytes":""})",
       R"({"maybeInt32":0,"maybeString":""})", R"({"otherName":1})", R"({"renamed":1})",
       R"({"aBool":true,"anInt32":1,"self":{"aBool":true,"aString":"x","anInt32":2}})",
       R"({"inner":{"next":{"next":{}}}})", R"({"inner":{"id":"a","list":[{},{"amount":1}]}})",
       R"({"anInt32" : 1 , "anInt64":2 })"});
}

TEST(JsonToWire, RefusesWhatIsGivenTwice) {
  ExpectRefused(
      kEverything,
      {R"({"anInt32":1,"anInt32":1})", R"({"anInt32":1,"an_int32":1})",
       R"({"renamed":1,"otherName":1})", R"({"self":{},"anInt32":1,"self":{}})",
       R"({"anInt32":null,"anInt32":null})", R"({"inner":{"id":"a","id":"b"}})",
       R"({"labels":{"a":"1","a":"2"}})", R"({"labels":{"b":"1","a":"2","b":"3"}})",
       R"({"intMap":{"1":1,"1.0":2}})", R"({"intMap":{"0":1,"-0":2}})",
       R"({"intMap":{"3":1,"2":1,"30e-1":2}})", R"({"boolMap":{"true":1,"true":2}})",
       R"({"struct":{"a":1,"a":2}})", R"({"value":{"x":{"a":1,"b":2,"a":2}}})",
       R"({"choiceString":"a","choiceInt32":1})", R"({"choiceNull":null,"choiceInt32":1})",
       R"({"choiceValue":null,"choiceNull":null})", R"({"inner":{"text":"a","number":1}})"});
  ExpectRead(kEverything, {R"({"choiceString":null,"choiceInt32":1})",
                           R"({"choiceInt32":0,"choiceString":null,"choiceInner":null})",
                           R"({"maybeInt32":1,"maybeString":"a"})",
                           R"({"inner":{"text":"a"},"self":{"inner":{"number":1}}})",
                           R"({"labels":{"a":"1","A":"2","":"3","aa":"4"}})"});
}

TEST(JsonToWire, ReadsNullWhereItIsOne) {
  ExpectRead(kEverything,
             {R"({"anInt32":null,"aString":null,"inner":null,"int32s":null,"labels":null})",
              R"({"value":null,"nullValue":null,"timestamp":null,"int64Wrapper":null,"any":null})",
              R"({"nullValue":"NULL_VALUE","nulls":[null,"NULL_VALUE",0]})", R"({"nullValue":0})",
              R"({"nullValue":7})", R"({"values":[null,[null],{"a":null}],"listValue":[null]})",
              R"({"valueMap":{"a":null}})", R"({"choiceValue":null})", R"({"choiceNull":null})",
              R"({"color":null,"colors":null,"self":null})"});
  ExpectRefused(kEverything,
                {"null", R"({"int32s":[null]})", R"({"inners":[null]})", R"({"labels":{"a":null}})",
                 R"({"innerMap":{"1":null}})", R"({"timestamps":[null]})",
                 R"({"int64Wrappers":[null]})", R"({"anys":[null]})", R"({"colors":[null]})",
                 R"({"nullValue":"null"})", R"({"color":"null"})", R"({"nulls":["null"]})",
                 R"({"nullValue":true})", R"({"nullValue":"0"})"});
}

TEST(JsonToWire, RefusesAnotherKindOfValue) {
  const std::vector<std::string> fields = {
      "anInt32",   "aUint64",      "aFloat",      "aDouble",      "aBool",       "aString",
      "someBytes", "color",        "inner",       "int32s",       "strings",     "inners",
      "unpacked",  "labels",       "intMap",      "timestamp",    "duration",    "mask",
      "struct",    "value",        "listValue",   "nullValue",    "any",         "empty",
      "values",    "int64Wrapper", "boolWrapper", "bytesWrapper", "choiceInner", "colors"};
  const std::vector<std::string> values = {
      "{}",         "[]",           R"("")",  "0",         "1.5",    "true",      "false",
      "null",       "[[]]",         "[{}]",   R"({"":0})", R"("a")", "[0]",       "[1.5]",
      R"(["RED"])", R"({"a":"b"})", "[true]", "-1",        R"("1")", R"({"1":1})"};
  int read = 0;
  for (const std::string& field : fields) {
    for (const std::string& value : values) {
      const std::string json = fmt::format(R"({{"{}":{}}})", field, value);
      read += Readers().SayTheSame({kEverything, json});
      read += Readers().SayTheSame({.type = kEverything, .json = value, .field = field});
      read += Readers().SayTheSame({.type = kEverything, .json = json, .field = "self"});
    }
  }
  EXPECT_GT(read, 200);
}

TEST(JsonToWire, ReadsTheValueOfOneField) {
  for (const auto& [field, json] :
       std::vector<std::pair<std::string, std::string>>{{"an_int32", " 5 "},
                                                        {"an_int32", "null"},
                                                        {"a_string", R"("x")"},
                                                        {"int32s", "[1,2]"},
                                                        {"labels", R"({"a":"b"})"},
                                                        {"inner", "{}"},
                                                        {"timestamp", R"("1970-01-01T00:00:01Z")"},
                                                        {"value", "null"},
                                                        {"value", "[1]"},
                                                        {"any", "{}"},
                                                        {"choice_null", "null"},
                                                        {"int64_wrapper", "1"},
                                                        {"color", R"("RED")"},
                                                        {"inners", "[{},{}]"},
                                                        {"choice_inner", R"({"text":"a"})"}}) {
    EXPECT_TRUE(Readers().SayTheSame({.type = kEverything, .json = json, .field = field})) << json;
    for (const std::string& worse : {json + "x", json + ",", "[" + json, json.substr(1)}) {
      (void)Readers().SayTheSame({.type = kEverything, .json = worse, .field = field});
    }
  }
}

TEST(JsonToWire, ReadsMessagesThatAreWellKnownTypes) {
  for (const auto& [type, json] :
       std::vector<std::pair<std::string, std::string>>{{"Timestamp", R"("1970-01-01T00:00:01Z")"},
                                                        {"Duration", R"("1s")"},
                                                        {"FieldMask", R"("a.b")"},
                                                        {"Struct", R"({"a":1})"},
                                                        {"Value", "null"},
                                                        {"Value", "1"},
                                                        {"ListValue", "[1]"},
                                                        {"Int64Value", R"("5")"},
                                                        {"StringValue", R"("")"},
                                                        {"Empty", "{}"},
                                                        {"Any", "{}"}}) {
    EXPECT_TRUE(Readers().SayTheSame({"google.protobuf." + type, json})) << type;
    EXPECT_FALSE(Readers().SayTheSame({"google.protobuf." + type, json + "]"})) << type;
  }
}

// Fields of one message that JSON does not tell apart, or only by their order.
TEST(JsonToWire, FindsTheFieldThatJsonReaderFinds) {
  const std::string clashes = R"(
      optional int32 foo_bar = 7; optional int32 x = 2 [json_name = "fooBar"];
      optional int32 alpha = 5 [json_name = "beta"]; optional int32 beta = 4 [json_name = "gamma"];
      optional int32 gamma = 3; optional int32 odd = 8 [json_name = "a\"b\\"];
      optional int32 type = 9 [json_name = "@type"]; optional string value = 10; )";
  std::string many;
  for (int i = 100; i < 200; ++i) many += fmt::format("optional int32 m{} = {};", i, i);
  const TwoReaders readers(
      LoadProto(R"(syntax = "proto2"; package t; import "google/protobuf/any.proto";
      message Few {)" +
                clashes + "} message Many {" + clashes + many + "}" +
                "message M { optional google.protobuf.Any any = 1; }"));
  for (const std::string type : {"Few", "Many"}) {
    for (const std::string members :
         {R"("fooBar":1)", R"("x":1)", R"("foo_bar":1)", R"("beta":1)", R"("alpha":1)",
          R"("gamma":1)", R"("beta":1,"gamma":2)", R"("alpha":1,"beta":2)", R"("a\"b\\":1)",
          R"("a"b\":1)", R"("gamma":1,"beta":2,"fooBar":3,"value":"x")", R"("odd":1,"@type":2)",
          R"("x":1,"gamma":1)", R"("x":1,"fooBar":1)", R"("foo_bar":1,"fooBar":1)",
          R"("odd":1,"value":"x")"}) {
      (void)readers.SayTheSame({"t." + type, "{" + members + "}"});
      (void)readers.SayTheSame(
          {"t.M", R"({"any":{"@type":"x/t.)" + type + R"(",)" + members + "}}"});
    }
    EXPECT_TRUE(readers.SayTheSame({"t." + type, R"({"fooBar":1,"beta":2,"a\"b\\":3,"@type":4})"}));
  }
}

TEST(JsonToWire, KnowsEachOfManyMembers) {
  std::string fields, oneofs;
  for (int i = 1; i <= 130; ++i) fields += fmt::format("int32 f{} = {};", i, i);
  for (int i = 131; i <= 260; ++i) {
    oneofs += fmt::format("oneof o{} {{ int32 a{} = {}; int32 b{} = {}; }}", i, i, i, i, i + 200);
  }
  const TwoReaders readers(
      LoadProto("syntax = \"proto3\"; package t; message M {" + fields + oneofs + "M m = 1000; }"));
  std::string all, nested;
  for (int i = 1; i <= 130; ++i) all += fmt::format("\"f{}\":{},", i, i);
  for (int i = 131; i <= 260; ++i) all += fmt::format("\"a{}\":{},", i, i);
  nested = "{" + all + "\"m\":{" + all + "\"m\":{}}";
  EXPECT_TRUE(readers.SayTheSame({"t.M", nested + "}"}));
  for (int i = 1; i <= 260; ++i) {
    const std::string again = i <= 130 ? fmt::format("\"f{}\"", i) : fmt::format("\"b{}\"", i);
    EXPECT_FALSE(readers.SayTheSame({"t.M", nested + "," + again + ":1}"})) << again;
  }
}

}  // namespace
}  // namespace puente

// Response messages to JSON: design section 4, rules 3, 6 and 10.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/testdata/compile_protos.h"
#include "tests/transcoder/codec_fixture.h"

namespace puente {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::RouteUnderTest;
using ::testing::StartsWith;

struct ResponseCase {
  std::string text;  // of the message
  std::string json;
};

TEST(DynamicCodecResponse, IsCanonicalJson) {
  const RouteUnderTest route({});
  const std::vector<ResponseCase> cases = {
      {"", "{}"},
      {"an_int32: -1 an_int64: -2 a_uint32: 3 a_uint64: 4",
       R"({"anInt32":-1,"anInt64":"-2","aUint32":3,"aUint64":"4"})"},
      {"a_float: 1.1 a_double: 1e300", R"({"aFloat":1.1,"aDouble":1e+300})"},
      {"a_float: inf a_double: nan", R"({"aFloat":"Infinity","aDouble":"NaN"})"},
      {"a_double: -inf", R"({"aDouble":"-Infinity"})"},
      {"a_bool: true some_bytes: '\\373\\377'", R"({"aBool":true,"someBytes":"+/8="})"},
      {R"(a_string: "\"\\/\b\f\n\r\t\001\177<\303\251")",
       "{\"aString\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f<\xC3\xA9\"}"},
      {"color: GREEN", R"({"color":"GREEN"})"},
      {"colors: [RED, NEGATIVE]", R"({"colors":["RED","NEGATIVE"]})"},
      {"renamed: 5", R"({"otherName":5})"},
      {"maybe_int32: 0 maybe_string: ''", R"({"maybeInt32":0,"maybeString":""})"},
      {"inner { } inners { } inners { id: 'a' }", R"({"inner":{},"inners":[{},{"id":"a"}]})"},
      {"labels { key: '' value: '' } labels { key: 'a\"' value: 'b' }",
       R"({"labels":{"":"","a\"":"b"}})"},
      {"bool_map { key: true value: RED } int_map { key: -1 value: 2 }",
       R"({"intMap":{"-1":"2"},"boolMap":{"true":"RED"}})"},
      {"timestamp { seconds: 1 } duration { seconds: -1 nanos: -5000000 }",
       R"({"timestamp":"1970-01-01T00:00:01Z","duration":"-1.005s"})"},
      {"timestamp { seconds: 253402300799 nanos: 999999999 }",
       R"({"timestamp":"9999-12-31T23:59:59.999999999Z"})"},
      {"timestamp { seconds: -62135596800 nanos: 1000 }",
       R"({"timestamp":"0001-01-01T00:00:00.000001Z"})"},
      {"mask { paths: 'foo_bar' paths: 'a.b_c' }", R"({"mask":"fooBar,a.bC"})"},
      {"mask { }", R"({"mask":""})"},
      {"mask { paths: '*' }", R"({"mask":"*"})"},
      {"empty { } struct { } list_value { }", R"({"struct":{},"listValue":[],"empty":{}})"},
      {"value { null_value: NULL_VALUE }", R"({"value":null})"},
      {"value { }", R"({"value":null})"},
      {"value { number_value: 5 }", R"({"value":5})"},
      {"struct { fields { key: '' value { list_value { values { bool_value: false } } } } }",
       R"({"struct":{"":[false]}})"},
      {"nulls: [NULL_VALUE, NULL_VALUE] choice_null: NULL_VALUE",
       R"({"nulls":[null,null],"choiceNull":null})"},
      {"int64_wrapper { } string_wrapper { value: 'x' } bool_wrapper { }",
       R"({"int64Wrapper":"0","boolWrapper":false,"stringWrapper":"x"})"},
      {"choice_int32: 0", R"({"choiceInt32":0})"},
      {"any { }", R"({"any":{}})"},
      {"any { [type.googleapis.com/puente.codec.Inner] { id: 'a' } }",
       R"({"any":{"@type":"type.googleapis.com/puente.codec.Inner","id":"a"}})"},
      {"any { [type.googleapis.com/google.protobuf.Duration] { seconds: 1 } }",
       R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}})"},
  };
  for (const ResponseCase& c : cases) EXPECT_EQ(route.DecodeText(c.text), c.json) << c.text;
}

TEST(DynamicCodecResponse, UnknownEnumNumbersAreNumbers) {
  EXPECT_EQ(RouteUnderTest({}).Decode("\x80\x01\x4d"), R"({"color":77})");
}

TEST(DynamicCodecResponse, HasItsMediaType) {
  const RouteUnderTest route({});
  Payload payload{"text/old", "old"};
  ASSERT_TRUE(route.codec().DecodeResponse("", payload));
  EXPECT_EQ(payload.content_type, "application/json");
  EXPECT_EQ(payload.bytes, "{}");
}

TEST(DynamicCodecResponse, ReadsTheWireAsEveryParserDoes) {
  const RouteUnderTest route({});
  codec::Everything first, second;
  first.mutable_inner()->set_id("a");
  first.set_an_int32(1);
  first.add_int32s(1);
  second.mutable_inner()->set_amount(2);
  second.set_an_int32(2);
  second.add_int32s(2);
  EXPECT_EQ(route.Decode(first.SerializeAsString() + second.SerializeAsString()),
            R"({"anInt32":2,"inner":{"id":"a","amount":2},"int32s":[1,2]})")
      << "a message that comes twice is merged";
  EXPECT_EQ(route.Decode("\xA8\x01\x05"), R"({"int32s":[5]})") << "unpacked where packed is usual";
  EXPECT_EQ(route.Decode("\x82\x02\x02\x05\x06"), R"({"unpacked":[5,6]})") << "and packed";
  EXPECT_EQ(route.Decode("\xca\x02\x06\x0a\x01"
                         "a"
                         "\x12\x01"
                         "x"
                         "\xca\x02\x06\x0a\x01"
                         "a"
                         "\x12\x01"
                         "y"),
            R"({"labels":{"a":"y"}})")
      << "of a key that comes twice, the last";
  EXPECT_EQ(route.Decode("\xf8\x7f\x01\x08\x05"), R"({"anInt32":5})")
      << "unknown fields are left out";
}

TEST(DynamicCodecResponse, WhatHasNoJsonFormIsAnInternalError) {
  const RouteUnderTest route({});
  const std::vector<ResponseCase> cases = {
      {"timestamp { seconds: 253402300800 }", "timestamp: the timestamp is out of range"},
      {"timestamp { nanos: -1 }", "timestamp: the timestamp is out of range"},
      {"inners { } inners { at { nanos: 1000000000 } }",
       "inners[1].at: the timestamp is out of range"},
      {"duration { seconds: 315576000001 }", "duration: the duration is out of range"},
      {"duration { seconds: 1 nanos: -1 }", "duration: the duration is out of range"},
      {"mask { paths: 'fooBar' }", "mask: a path of the field mask has no JSON form"},
      {"mask { paths: 'foo__bar' }", "mask: a path of the field mask has no JSON form"},
      {"mask { paths: 'foo_3' }", "mask: a path of the field mask has no JSON form"},
      {"mask { paths: '' }", "mask: a path of the field mask has no JSON form"},
      {"mask { paths: 'a.*' }", "mask: a path of the field mask has no JSON form"},
      {"mask { paths: 'a,b' }", "mask: a path of the field mask has no JSON form"},
      {"value { number_value: nan }", "value: the number has no JSON form"},
      {"value_map { key: 'a' value { number_value: inf } }",
       R"(valueMap["a"]: the number has no JSON form)"},
  };
  for (const ResponseCase& c : cases) {
    EXPECT_THAT(route.DecodeText(c.text), HasSubstr("has no JSON form: " + c.json)) << c.text;
  }
}

TEST(DynamicCodecResponse, BrokenBytesAreAnInternalError) {
  const RouteUnderTest route({});
  for (const std::string bytes : {"\x08", "\xff\xff",
                                  "\x72\x05"
                                  "ab",
                                  "\x72\x01\xff", "\x0b"}) {
    EXPECT_THAT(route.Decode(bytes), StartsWith("ERROR: the answer of puente.codec.CodecService"));
  }
}

TEST(DynamicCodecResponse, AnyOfAnUnknownTypeLeavesTheRestReadable) {
  const RouteUnderTest route({});
  EXPECT_EQ(route.DecodeText("a_string: 'x' anys { type_url: 'x/no.Such' value: '\\001\\002' } "
                             "anys { [type.googleapis.com/puente.codec.Inner] { id: 'a' } }"),
            R"({"aString":"x","anys":[{"@type":"x/no.Such","value":"AQI="},)"
            R"({"@type":"type.googleapis.com/puente.codec.Inner","id":"a"}]})");
  EXPECT_EQ(route.DecodeText("any { type_url: 'x/puente.codec.Inner' value: '\\012' }"),
            R"({"any":{"@type":"x/puente.codec.Inner","value":"Cg=="}})")
      << "broken bytes";
  EXPECT_EQ(route.DecodeText("any { value: 'a' }"), R"({"any":{"@type":"","value":"YQ=="}})");
  EXPECT_EQ(route.DecodeText("any { type_url: 'puente.codec.Inner' }"),
            R"({"any":{"@type":"puente.codec.Inner","value":""}})")
      << "no URL";
}

// Anys in each other, as deep as they are told.
std::string NestedAny(int depth, const codec::Inner& innermost = {}) {
  google::protobuf::Any any;
  any.PackFrom(innermost);
  for (int i = 0; i < depth; ++i) {
    google::protobuf::Any outer;
    outer.set_type_url("type.googleapis.com/google.protobuf.Any");
    outer.set_value(any.SerializeAsString());
    any = outer;
  }
  codec::Everything message;
  *message.mutable_any() = any;
  return message.SerializeAsString();
}

std::string NestedSelf(int depth) {
  std::vector<std::string> heads;
  std::size_t size = 0;
  for (int i = 0; i < depth; ++i) {
    std::string length;
    for (std::size_t rest = size; rest > 0 || length.empty(); rest >>= 7) {
      length.push_back(static_cast<char>((rest & 0x7f) | (rest >> 7 ? 0x80 : 0)));
    }
    heads.push_back("\xb2\x06" + length);
    size += heads.back().size();
  }
  std::string wire;
  for (auto head = heads.rbegin(); head != heads.rend(); ++head) wire += *head;
  return wire;
}

TEST(DynamicCodecResponse, DeepMessagesFailQuickly) {
  const RouteUnderTest route({});
  EXPECT_THAT(route.Decode(NestedSelf(99)), StartsWith(R"({"self":{"self":)"));
  EXPECT_THAT(route.Decode(NestedSelf(100)), HasSubstr("JSON nested deeper than 100 levels"));
  EXPECT_THAT(route.Decode(NestedAny(98)), StartsWith(R"({"any":{"@type":)"));
  EXPECT_THAT(route.Decode(NestedAny(99)), HasSubstr("JSON nested deeper than 100 levels"));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(route.Decode(NestedSelf(10000)), StartsWith("ERROR"));
  EXPECT_THAT(route.Decode(NestedSelf(1000000)), StartsWith("ERROR"));
  EXPECT_THAT(route.Decode(NestedAny(2000)), StartsWith("ERROR"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

TEST(DynamicCodecResponse, WhatAnysAreUnpackedFromIsBoundedInAll) {
  const RouteUnderTest route({});
  constexpr std::size_t kMegabyte = 1 << 20;
  codec::Inner inner;
  inner.set_id(std::string(kMegabyte, 'x'));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(route.Decode(NestedAny(60, inner)), HasSubstr(R"("id":"xxx)"));
  EXPECT_THAT(route.Decode(NestedAny(90, inner)),
              HasSubstr("any: the Anys in it are unpacked from more than 67108864 bytes in all"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(DynamicCodecResponse, ALargeAnswerMayHoldManyAnys) {
  codec::Inner inner;
  inner.set_id(std::string(std::size_t{10} << 20, 'x'));
  codec::Everything message;
  for (int i = 0; i < 8; ++i) message.add_anys()->PackFrom(inner);
  EXPECT_THAT(RouteUnderTest({}).Decode(message.SerializeAsString()), StartsWith(R"({"anys":)"));
}

TEST(DynamicCodecResponse, AStructMayUseTheWholeDepth) {
  google::protobuf::Value value;
  for (int i = 0; i < 98; ++i) {
    google::protobuf::Value outer;
    (*outer.mutable_struct_value()->mutable_fields())["a"] = value;
    value = outer;
  }
  codec::Everything message;
  *message.mutable_value() = value;
  EXPECT_THAT(RouteUnderTest({}).Decode(message.SerializeAsString()),
              StartsWith(R"({"value":{"a":{"a":)"));
}

TEST(DynamicCodecResponse, ResponseBodyIsOneFieldOrItsDefault) {
  // Rule 10.
  const std::vector<std::pair<std::string, ResponseCase>> cases = {
      {"inner", {"inner { id: 'a' }", R"({"id":"a"})"}},
      {"inner", {"", "{}"}},
      {"a_string", {"a_string: 'x'", R"("x")"}},
      {"a_string", {"", R"("")"}},
      {"an_int32", {"", "0"}},
      {"an_int64", {"", R"("0")"}},
      {"a_bool", {"", "false"}},
      {"a_double", {"", "0"}},
      {"some_bytes", {"", R"("")"}},
      {"color", {"", R"("COLOR_UNSPECIFIED")"}},
      {"color", {"color: RED", R"("RED")"}},
      {"maybe_int32", {"", "0"}},
      {"inners", {"", "[]"}},
      {"inners", {"inners { id: 'a' } inners { }", R"([{"id":"a"},{}])"}},
      {"labels", {"", "{}"}},
      {"labels", {"labels { key: 'a' value: 'b' }", R"({"a":"b"})"}},
      {"timestamp", {"timestamp { }", R"("1970-01-01T00:00:00Z")"}},
      {"timestamp", {"", "null"}},
      {"int64_wrapper", {"", "null"}},
      {"int64_wrapper", {"int64_wrapper { value: 1 }", R"("1")"}},
      {"value", {"", "null"}},
      {"struct", {"", "{}"}},
      {"list_value", {"", "[]"}},
      {"any", {"", "{}"}},
      {"null_value", {"", "null"}},
  };
  for (const auto& [field, c] : cases) {
    EXPECT_EQ(RouteUnderTest({.response_body = field}).DecodeText(c.text), c.json) << field;
  }
  EXPECT_THAT(RouteUnderTest({.response_body = "timestamp"}).DecodeText("timestamp { nanos: -1 }"),
              HasSubstr("timestamp: the timestamp is out of range"));
}

TEST(DynamicCodecResponse, HttpBodyLeavesAsItIs) {
  google::api::HttpBody body;
  body.set_content_type("image/png");
  body.set_data(std::string("\0\xff", 2));
  const RouteUnderTest raw({.method = "puente.codec.CodecService.Raw"});
  Payload payload;
  ASSERT_TRUE(raw.codec().DecodeResponse(body.SerializeAsString(), payload));
  EXPECT_EQ(payload.content_type, "image/png");
  EXPECT_EQ(payload.bytes, body.data());
  ASSERT_TRUE(raw.codec().DecodeResponse("", payload));
  EXPECT_EQ(payload.content_type, "");
  EXPECT_EQ(payload.bytes, "");

  const RouteUnderTest nested(
      {.body = "body", .response_body = "body", .method = "puente.codec.CodecService.Upload"});
  codec::Page page;
  page.set_name("x");
  *page.mutable_body() = body;
  ASSERT_TRUE(nested.codec().DecodeResponse(page.SerializeAsString(), payload));
  EXPECT_EQ(payload.content_type, "image/png");
  EXPECT_EQ(payload.bytes, body.data());
  const RouteUnderTest whole({.method = "puente.codec.CodecService.Upload"});
  EXPECT_EQ(whole.Decode(page.SerializeAsString()),
            R"({"name":"x","body":{"contentType":"image/png","data":"AP8="}})");
}

TEST(DynamicCodecResponse, OptionsChangeTheSpelling) {
  const std::string text =
      "renamed: 1 color: RED colors: [RED] an_int32: 3 bool_map { key: true value: RED } "
      "null_value: NULL_VALUE inner { id: 'x' }";
  EXPECT_EQ(RouteUnderTest({}, {.preserve_proto_field_names = true}).DecodeText(text),
            R"({"an_int32":3,"color":"RED","inner":{"id":"x"},"colors":["RED"],)"
            R"("bool_map":{"true":"RED"},"renamed":1})");
  EXPECT_EQ(RouteUnderTest({}, {.print_enums_as_ints = true}).DecodeText(text),
            R"({"anInt32":3,"color":1,"inner":{"id":"x"},"colors":[1],)"
            R"("boolMap":{"true":1},"otherName":1})");
}

TEST(DynamicCodecResponse, FieldsWithoutPresenceCanAlwaysBePrinted) {
  const RouteUnderTest raw({.method = "puente.codec.CodecService.Upload"},
                           {.always_print_fields_with_no_presence = true});
  EXPECT_EQ(raw.Decode(""), R"({"name":""})") << "unset messages are not printed";
  const RouteUnderTest route({}, {.always_print_fields_with_no_presence = true});
  const std::string json = route.DecodeText("inner { } choice_int32: 0 struct { }");
  for (const std::string present :
       {R"("anInt32":0)", R"("anInt64":"0")", R"("aFloat":0)", R"("aBool":false)",
        R"("aString":"")", R"("someBytes":"")", R"("color":"COLOR_UNSPECIFIED")", R"("int32s":[])",
        R"("inners":[])", R"("labels":{})", R"("innerMap":{})", R"("nullValue":null)",
        R"("inner":{"id":"","amount":0,"list":[],"byName":{}})", R"("choiceInt32":0)",
        R"("struct":{})", R"("anys":[])", R"("otherName":0)"}) {
    EXPECT_THAT(json, HasSubstr(present));
  }
  for (const std::string absent : {"maybeInt32", "maybeString", "\"self\"", "choiceString",
                                   "timestamp\"", "int64Wrapper\"", "\"any\"", "\"text\""}) {
    EXPECT_THAT(json, Not(HasSubstr(absent)));
  }
}

TEST(DynamicCodecResponse, Proto2) {
  const RouteUnderTest route({.method = "puente.codec.LegacyService.Echo"});
  EXPECT_EQ(route.DecodeText<codec::Legacy>("id: '' count: 0 closed: TWO [puente.codec.extra]: 1"),
            R"({"id":"","count":0,"closed":"TWO"})");
  EXPECT_EQ(route.Decode("\x18\x09"), "{}") << "a closed enum's unknown number is an unknown field";
  EXPECT_THAT(route.DecodeText<codec::Legacy>("id: '' Old { value: 1 }"),
              HasSubstr("old: proto2 groups are not supported"));
}

// Rule 6.
TEST(DynamicCodecResponse, OnlyGroupsThatAreSetAreRefused) {
  const auto set = testing::LoadProto(R"(
    syntax = "proto2"; package t;
    message M {
      optional group One = 1 { optional int32 a = 1; }
      repeated group Many = 2 { optional int32 a = 1; }
    }
    service S { rpc Do(M) returns (M); })");
  const auto route = CompileRoute({set->services()[0]->method(0), "GET", "/x", "", ""});
  ASSERT_TRUE(route);
  const auto codec =
      puente::testing::MakeCodecUnderTest(set, {.always_print_fields_with_no_presence = true});
  const auto route_codec = codec->ForRoute(*route);
  Payload payload;
  ASSERT_TRUE(route_codec->DecodeResponse("", payload));
  EXPECT_EQ(payload.bytes, R"({"many":[]})");
  for (const std::string group : {"\x0b\x0c", "\x13\x14"}) {
    const auto decoded = route_codec->DecodeResponse(group, payload);
    ASSERT_FALSE(decoded);
    EXPECT_THAT(decoded.error().message, HasSubstr("proto2 groups are not supported"));
  }
}

TEST(DynamicCodec, MayBeUsedFromManyThreads) {
  const RouteUnderTest route({.path = "/{inner.amount}"});
  const std::vector<std::string> captures = {"5"};
  const std::string body =
      R"({"any":{"@type":"x/google.protobuf.Timestamp","value":"1970-01-01T00:00:00Z"},)"
      R"("inner":{"id":"a"},"struct":{"k":[1]}})";
  std::vector<std::thread> threads;
  std::atomic<int> same = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) {
        const auto wire = route.Encode({.captures = captures, .body = body});
        Payload payload;
        if (wire && route.codec().DecodeResponse(*wire, payload)) {
          same += payload.bytes ==
                  R"({"inner":{"id":"a","amount":5},"struct":{"k":[1]},"any":)"
                  R"({"@type":"x/google.protobuf.Timestamp","value":"1970-01-01T00:00:00Z"}})";
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(same, 800);
}

}  // namespace
}  // namespace puente

// Bodies of application/x-www-form-urlencoded: design section 4, rules 1, 6 and 9.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/transcoder/codec_fixture.h"

namespace puente {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RequestInput;
using testing::RouteSpec;
using testing::RouteUnderTest;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

const std::vector<std::string> kCaptures = {"p"};

RequestInput Form(std::string_view form, std::string_view query = {}) {
  return {.captures = kCaptures, .query = query, .content_type = kForm, .body = form};
}

struct FormCase {
  std::string form;
  std::string text;  // of the message
};

// Rule 9.
TEST(Form, SetsFieldsOfTheWholeRequest) {
  const RouteUnderTest route({});
  const std::vector<FormCase> cases = {
      {"anInt32=5", "an_int32: 5"},
      {"an_int32=5", "an_int32: 5"},
      {"an%5Fint32=%35", "an_int32: 5"},
      {"aString=a+b%2Bc%20d", "a_string: \"a b+c d\""},
      {"aString=a%0D%0Ab", R"(a_string: "a\r\nb")"},
      {"aString=%C3%A9", R"(a_string: "\303\251")"},
      {"aString=\xC3\xA9", R"(a_string: "\303\251")"},
      {"aString=a=b", "a_string: \"a=b\""},
      {"aString", ""},
      {"maybeString=", "maybe_string: \"\""},
      {"maybeString", "maybe_string: \"\""},
      {"&&anInt32=5&", "an_int32: 5"},
      {"inner.id=a&inner.next.amount=2", R"(inner { id: "a" next { amount: 2 } })"},
      {"inner.id=", "inner { }"},
      {"int32s=1&aBool=true&int32s=2", "a_bool: true int32s: 1 int32s: 2"},
      {"strings=&strings=x", R"(strings: "" strings: "x")"},
      {"labels[region]=eu&labels%5Ba+b%5D=",
       R"(labels { key: "a b" value: "" } labels { key: "region" value: "eu" })"},
      {"int_map[-1]=2", "int_map { key: -1 value: 2 }"},
      {"color=GREEN&colors=RED&colors=2", "color: GREEN colors: RED colors: GREEN"},
      {"someBytes=-_8", R"(some_bytes: "\373\377")"},
      {"someBytes=%2B/8=", R"(some_bytes: "\373\377")"},
      {"timestamp=1970-01-01T00:00:01Z&duration=3.5s",
       "timestamp { seconds: 1 } duration { seconds: 3 nanos: 500000000 }"},
      {"mask=fooBar,a.b_c", R"(mask { paths: "foo_bar" paths: "a.b_c" })"},
      {"int64Wrapper=0&boolWrapper=false", "int64_wrapper { } bool_wrapper { }"},
      {"choiceString=", "choice_string: \"\""},
      {"choiceInner.id=a&choiceInner.amount=1", R"(choice_inner { id: "a" amount: 1 })"},
  };
  for (const FormCase& c : cases) EXPECT_EQ(route.EncodeToText(Form(c.form)), c.text) << c.form;
}

TEST(Form, RefusesAndNamesTheField) {
  const RouteUnderTest route({.path = "/{a_string}"});
  const std::vector<FormCase> cases = {
      {"anInt32=SECRET", "form field \"anInt32\": expected a number of type int32"},
      {"anInt32=", "form field \"anInt32\": expected a number of type int32"},
      {"aBool=on", "form field \"aBool\": expected true or false"},
      {"maybeString=%FF", "form field \"maybeString\": expected text in UTF-8"},
      {"color=SECRET", "form field \"color\": expected a value of enum puente.codec.Color"},
      {"mask=", "form field \"mask\": expected field paths separated by commas"},
      {"anInt32=1&anInt32=1", "form field \"anInt32\": the field is given twice"},
      {"anInt32=1&an_int32=1", "form field \"an_int32\": the field is given twice"},
      {"labels[a]=1&labels[a]=2", "form field \"labels[a]\": the field is given twice"},
      {"choiceString=&choiceInt32=1",
       "form field \"choiceInt32\": another member of the same oneof is given, too"},
      {"inner.text=a&inner.number=1",
       "form field \"inner.number\": another member of the same oneof is given, too"},
      {"inner=a", "form field \"inner\": it names a message, whose fields are set one by one"},
      {"inners.id=a", "form field \"inners.id\": it names a field of a repeated message"},
      {"struct=SECRET", "form field \"struct\": no text can set the field"},
      {"timestamp.seconds=1", "form field \"timestamp.seconds\": the type has no fields in JSON"},
      {"labels=x", "form field \"labels\": a map's entries are named with brackets: map[key]"},
      // Rule 1.
      {"x=SECRET", "unknown form field \"x\": there is no such field"},
      {"inner.x=1", "unknown form field \"inner.x\": there is no such field"},
      {"anInt32[a]=1", "unknown form field \"anInt32[a]\": there is no such field"},
      {"anInt32=1&SECRET+name=x", "unknown form field number 2: there is no such field"},
      {"aString=b", "unknown form field \"aString\": the field is bound by the path"},
      {"a_string=b", "unknown form field \"a_string\": the field is bound by the path"},
      // Rule 7.
      {"maybeString=%zz", "the form holds a malformed percent escape"},
      {"maybeString=100%", "the form holds a malformed percent escape"},
      {"maybeString=%00", "the form holds an encoded NUL"},
      {std::string("maybeString=\0", 13), "the form holds a NUL"},
  };
  for (const FormCase& c : cases) {
    const auto encoded = route.Encode(Form(c.form));
    ASSERT_FALSE(encoded) << c.form;
    EXPECT_EQ(encoded.error().message, c.text) << c.form;
    EXPECT_EQ(encoded.error().HttpStatus(), 400) << c.form;
    EXPECT_EQ(encoded.error().code, Code::kInvalidArgument) << c.form;
  }
}

struct FieldCase {
  std::string body;  // the field that the body is mapped to
  std::string form;
  std::string text;
};

TEST(Form, SetsOneField) {
  const std::vector<FieldCase> cases = {
      // The field's own fields, as in a JSON body.
      {"inner", "id=a&amount=2&next.id=b", R"(inner { id: "a" amount: 2 next { id: "b" } })"},
      {"inner", "by_name[x]=1", "ERROR: form field \"by_name[x]\": no text can set the field"},
      // The same with the field's name before them, as in a query.
      {"inner", "inner.id=a&inner.next.id=b", R"(inner { id: "a" next { id: "b" } })"},
      {"inner", "inner.id=a&amount=2", R"(inner { id: "a" amount: 2 })"},
      {"inner", "id=a&inner.id=b", "ERROR: form field \"inner.id\": the field is given twice"},
      {"inner", "inner=a",
       "ERROR: form field \"inner\": it names a message, whose fields are set one by one"},
      // A name that could mean both is the field inside.
      {"self", "self.anInt32=1", "self { self { an_int32: 1 } }"},
      {"self", "anInt32=1", "self { an_int32: 1 }"},
      {"self", "self.self.anInt32=1", "self { self { self { an_int32: 1 } } }"},
      // Nothing else of the request.
      {"inner", "anInt32=1", "ERROR: unknown form field \"anInt32\": there is no such field"},
      {"inner", "inners=1", "ERROR: unknown form field \"inners\": there is no such field"},
      {"inner", "x=1", "ERROR: unknown form field \"x\": there is no such field"},
      {"inner", "inner.x=1", "ERROR: unknown form field \"inner.x\": there is no such field"},
      // Fields without fields of their own go by their names.
      {"an_int32", "anInt32=5", "an_int32: 5"},
      {"an_int32", "an_int32=5", "an_int32: 5"},
      {"an_int32", "an_int32=5&an_int32=5",
       "ERROR: form field \"an_int32\": the field is given twice"},
      {"an_int32", "value=5", "ERROR: unknown form field \"value\": there is no such field"},
      {"maybe_string", "maybeString=", R"(maybe_string: "")"},
      {"int32s", "int32s=1&int32s=2", "int32s: 1 int32s: 2"},
      {"labels", "labels[a]=1&labels[b]=2",
       R"(labels { key: "a" value: "1" } labels { key: "b" value: "2" })"},
      {"labels", "a=1", "ERROR: unknown form field \"a\": there is no such field"},
      {"color", "color=RED", "color: RED"},
      {"some_bytes", "someBytes=-_8", R"(some_bytes: "\373\377")"},
      {"timestamp", "timestamp=1970-01-01T00:00:01Z", "timestamp { seconds: 1 }"},
      {"timestamp", "seconds=1", "ERROR: unknown form field \"seconds\": there is no such field"},
      {"int64_wrapper", "int64Wrapper=0", "int64_wrapper { }"},
      {"int64_wrapper", "value=5", "ERROR: unknown form field \"value\": there is no such field"},
      {"struct", "a=1", "ERROR: unknown form field \"a\": there is no such field"},
      {"inners", "inners.id=1",
       "ERROR: form field \"inners.id\": it names a field of a repeated message"},
      {"choice_int32", "choiceInt32=0", "choice_int32: 0"},
  };
  for (const FieldCase& c : cases) {
    EXPECT_EQ(RouteUnderTest({.body = c.body}).EncodeToText(Form(c.form)), c.text)
        << c.body << ": " << c.form;
  }
}

// Rule 1: path > body > query.
TEST(Form, PathWins) {
  const RouteSpec spec{.path = "/{inner.id}", .body = "inner"};
  const RouteUnderTest route(spec);
  EXPECT_EQ(route.EncodeToText(Form("amount=2", "anInt32=1")),
            R"(an_int32: 1 inner { id: "p" amount: 2 })");
  EXPECT_EQ(route.EncodeToText(Form("id=b")),
            "ERROR: unknown form field \"id\": the field is bound by the path");
  EXPECT_EQ(route.EncodeToText(Form("inner.id=b")),
            "ERROR: unknown form field \"inner.id\": the field is bound by the path");
  const RouteUnderTest lenient(spec, {.unknown_query = UnknownInput::kIgnore});
  EXPECT_EQ(lenient.EncodeToText(Form("id=b&amount=2&inner.id=c&x=1")),
            R"(inner { id: "p" amount: 2 })");
  const RouteUnderTest deep({.path = "/{inner.next.id}", .body = "inner"});
  EXPECT_EQ(deep.EncodeToText(Form("next.amount=2")), R"(inner { next { id: "p" amount: 2 } })");
}

// Rule 9: two members of one oneof.
TEST(Form, OneofsCountPathAndQuery) {
  const std::string problem = "another member of the same oneof is given, too";
  const RouteUnderTest query({.body = "choice_inner"});
  EXPECT_EQ(query.EncodeToText(Form("id=a", "choiceInt32=1")),
            "ERROR: form field \"id\": " + problem);
  EXPECT_EQ(query.EncodeToText(Form("id=a", "anInt32=1")),
            R"(an_int32: 1 choice_inner { id: "a" })");
  EXPECT_EQ(query.EncodeToText(Form("", "choiceInt32=1")), "choice_int32: 1");
  const RouteUnderTest path({.path = "/{choice_string}"});
  EXPECT_EQ(path.EncodeToText(Form("choiceInt32=1")),
            "ERROR: form field \"choiceInt32\": " + problem);
}

// Rule 6.
TEST(Form, WithoutFieldsIsAnEmptyBody) {
  for (const std::string form : {"", "&", "&&&"}) {
    EXPECT_EQ(RouteUnderTest({}).EncodeToText(Form(form)), "") << form;
    EXPECT_EQ(RouteUnderTest({.body = "inner"}).EncodeToText(Form(form)), "inner { }") << form;
    EXPECT_EQ(RouteUnderTest({.body = "an_int32"}).EncodeToText(Form(form)), "") << form;
  }
}

// Rule 1: the option for queries holds.
TEST(Form, UnknownFieldsCanBeLetPass) {
  const std::string form = "x=1&anInt32=1&inner.y=2&a+b=3&labels[k].z=4";
  DroppedInput warned, ignored;
  const CodecOptions warn = {.unknown_query = UnknownInput::kWarn};
  ASSERT_TRUE(RouteUnderTest({}, warn).Encode(Form(form), warned));
  EXPECT_EQ(warned.in_query, 4u);
  EXPECT_EQ(warned.in_body, 0u);
  EXPECT_THAT(warned.names, ElementsAre(R"(form field "x")", R"(form field "inner.y")",
                                        "form field number 4", "form field number 5"));
  const CodecOptions ignore = {.unknown_query = UnknownInput::kIgnore};
  ASSERT_TRUE(RouteUnderTest({}, ignore).Encode(Form(form), ignored));
  EXPECT_EQ(ignored.in_query, 4u);
  EXPECT_THAT(ignored.names, IsEmpty());
  EXPECT_FALSE(RouteUnderTest({}, {.unknown_fields = UnknownInput::kIgnore}).Encode(Form(form)));
}

TEST(Form, IsABodyToWhichIgnoredQueryParametersSayNothing) {
  const RouteUnderTest route({}, {.ignored_query_parameters = {"utm", "anInt32"}});
  EXPECT_EQ(route.EncodeToText(Form("anInt32=1", "utm=1")), "an_int32: 1");
  EXPECT_EQ(route.EncodeToText(Form("utm=1")),
            "ERROR: unknown form field \"utm\": there is no such field");
}

TEST(Form, WhereTheRuleAsksForNoBodyIsDroppedAndCounted) {
  DroppedInput dropped;
  const RouteUnderTest route({.body = ""}, {.unknown_fields = UnknownInput::kWarn});
  const auto wire = route.Encode(Form("anInt32=1&x=%zz"), dropped);
  ASSERT_TRUE(wire);
  EXPECT_EQ(*wire, "");
  EXPECT_EQ(dropped.in_body, 1u);
  EXPECT_EQ(dropped.in_query, 0u);
  EXPECT_THAT(dropped.names, ElementsAre("body"));
}

TEST(Form, IsTheDataOfAnHttpBody) {
  const RouteUnderTest raw({.method = "puente.codec.CodecService.Raw"});
  EXPECT_EQ(raw.EncodeToText<google::api::HttpBody>({.content_type = kForm, .body = "a=%zz"}),
            R"(content_type: "application/x-www-form-urlencoded" data: "a=%zz")");
}

TEST(Form, HasNoFieldsOfTypesThatJsonWritesOtherwise) {
  const RouteUnderTest when({.method = "puente.codec.CodecService.When"});
  EXPECT_EQ(
      when.EncodeToText<google::protobuf::Timestamp>({.content_type = kForm, .body = "seconds=1"}),
      "ERROR: unknown form field \"seconds\": the type has no fields in JSON");
}

TEST(Form, MediaTypeMayHaveParametersAndUtf8) {
  const RouteUnderTest route({});
  for (const std::string type : {"application/x-www-form-urlencoded; charset=UTF-8",
                                 "Application/X-WWW-Form-URLencoded;v=1"}) {
    EXPECT_EQ(route.EncodeToText({.content_type = type, .body = "anInt32=1"}), "an_int32: 1");
  }
  const auto latin = route.Encode(
      {.content_type = "application/x-www-form-urlencoded; charset=latin1", .body = "anInt32=1"});
  ASSERT_FALSE(latin);
  EXPECT_EQ(latin.error().HttpStatus(), 415);
}

TEST(Form, HasTheLimitsAndTheDecodingOfAQuery) {
  const RouteUnderTest route({}, {.plus_is_space = false, .max_query_parameters = 3});
  EXPECT_EQ(route.EncodeToText(Form("aString=a+b")), R"(a_string: "a+b")");
  EXPECT_EQ(route.EncodeToText(Form("int32s=1&&int32s=2&int32s=3")),
            "int32s: 1 int32s: 2 int32s: 3");
  EXPECT_EQ(route.EncodeToText(Form("int32s=1&int32s=2&int32s=3&int32s=4")),
            "ERROR: more than 3 form fields");
  std::string deep = "self";
  for (int i = 0; i < 31; ++i) deep += ".self";
  EXPECT_EQ(route.EncodeToText(Form(deep + ".anInt32=1")),
            "ERROR: unknown form field number 1: it is nested more than 32 fields deep");
}

TEST(Form, TakesLinearTime) {
  constexpr std::size_t kMegabyte = 1 << 20;
  std::string keys;
  for (int i = 0; i < 50000; ++i) keys += fmt::format("labels[k{}]=v&int32s=1&", i);
  const RouteUnderTest route({}, {.max_query_parameters = 1 << 20});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(route.Encode(Form(keys)));
  for (const std::string& form :
       {std::string(kMegabyte, '.'), std::string(kMegabyte, '['), std::string(kMegabyte, '=')}) {
    EXPECT_FALSE(route.Encode(Form(form)));
  }
  EXPECT_TRUE(route.Encode(Form(std::string(kMegabyte, '&'))));
  EXPECT_TRUE(route.Encode(Form("aString=" + std::string(kMegabyte, '+'))));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace puente

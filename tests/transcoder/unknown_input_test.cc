// Input that nothing is bound to: refused, let pass and named, or let pass (design section 4, rule
// 1), and query parameters that are never an error.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/transcoder/codec_fixture.h"

namespace puente {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::RequestInput;
using testing::RouteSpec;
using testing::RouteUnderTest;

struct Case {
  std::string what;
  RouteSpec route;
  std::string query, body;
  std::size_t in_body, in_query;
  std::vector<std::string> names;
  std::string text;  // of the message
};

const std::vector<std::string> kCaptures = {"5"};

std::vector<Case> Cases() {
  const RouteSpec whole{};
  const RouteSpec inner{.body = "inner"};
  const RouteSpec none{.body = ""};
  const RouteSpec path{.path = "/{inner.amount}", .body = "self"};
  const std::string any = R"("@type":"type.googleapis.com/)";
  return {
      {"nothing is unknown", whole, "", R"({"anInt32":1})", 0, 0, {}, "an_int32: 1"},
      {"a field", whole, "", R"({"colour":1})", 1, 0, {"colour"}, ""},
      {"a field of the body's field",
       inner,
       "",
       R"({"colour":1})",
       1,
       0,
       {"inner.colour"},
       "inner { }"},
      {"at any depth",
       whole,
       "",
       R"({"inner":{"next":{"x":1}},"inners":[{},{"y":[1]}],"innerMap":{"7":{"z":{"a":1,"b":2}}}})",
       3,
       0,
       {"inner.next.x", "inners[1].y", R"(innerMap["7"].z)"},
       "inner { next { } } inners { } inners { } inner_map { key: 7 value { } }"},
      {"in an Any",
       whole,
       "",
       R"({"any":{)" + any + R"(puente.codec.Inner","q":1}})",
       1,
       0,
       {"any.q"},
       "any { [type.googleapis.com/puente.codec.Inner] { } }"},
      {"beside an Any's value",
       whole,
       "",
       R"({"any":{)" + any + R"(google.protobuf.Duration","value":"1s","q":1}})",
       1,
       0,
       {"any.q"},
       "any { [type.googleapis.com/google.protobuf.Duration] { seconds: 1 } }"},
      {"inside of what the path binds",
       path,
       "",
       R"({"inner":{"amount":1,"q":1}})",
       1,
       0,
       {"self.inner.q"},
       "inner { amount: 5 } self { inner { amount: 1 } }"},
      {"keys of maps and Structs are known",
       whole,
       "",
       R"({"labels":{"x":"1"},"struct":{"y":{"z":1}}})",
       0,
       0,
       {},
       R"(labels { key: "x" value: "1" } struct { fields { key: "y" value { struct_value { )"
       R"(fields { key: "z" value { number_value: 1 } } } } } })"},
      {"names that are not plain are only counted",
       whole,
       "",
       R"({"a b":1,"":2,"\u00e9":3,"ok":4,"labels":{"e@x.example":"v"}})",
       4,
       0,
       {"ok"},
       R"(labels { key: "e@x.example" value: "v" })"},
      {"a field in a list of another kind of name",
       whole,
       "",
       R"({"in-ners":1,"a.b":1})",
       2,
       0,
       {"in-ners", "a.b"},
       ""},
      {"names of no value of an enum",
       whole,
       "",
       R"({"color":"PINK","colors":["RED","PINK","RED"],"boolMap":{"true":"PINK","false":"RED"}})",
       3,
       0,
       {"color", "colors[1]", R"(boolMap["true"])"},
       "colors: RED colors: RED bool_map { key: false value: RED }"},
      {"a body where none is asked for", none, "", "{not json", 1, 0, {"body"}, ""},
      {"no body where none is asked for", none, "", "", 0, 0, {}, ""},
      {"a parameter",
       none,
       "utm=SECRET&anInt32=1",
       "",
       0,
       1,
       {R"(query parameter "utm")"},
       "an_int32: 1"},
      {"each time it is there",
       none,
       "x&x=1&x=2",
       "",
       0,
       3,
       {R"(query parameter "x")", R"(query parameter "x")", R"(query parameter "x")"},
       ""},
      {"a parameter without a plain name",
       none,
       "anInt32=1&a%20b=SECRET",
       "",
       0,
       1,
       {"query parameter number 2"},
       "an_int32: 1"},
      {"a key where there is no map",
       none,
       "anInt32[k]=1",
       "",
       0,
       1,
       {R"(query parameter "anInt32[k]")"},
       ""},
      {"a parameter of the path's",
       path,
       "inner.amount=7",
       "{}",
       0,
       1,
       {R"(query parameter "inner.amount")"},
       "inner { amount: 5 } self { }"},
      {"a parameter of the body's",
       path,
       "self.anInt32=7",
       "{}",
       0,
       1,
       {R"(query parameter "self.anInt32")"},
       "inner { amount: 5 } self { }"},
      {"any parameter where the whole body is bound",
       whole,
       "anInt32=7",
       "{}",
       0,
       1,
       {R"(query parameter "anInt32")"},
       ""},
      {"too deep a parameter",
       none,
       std::string(40, '.') + "=1",
       "",
       0,
       1,
       {R"(query parameter "........................................")"},
       ""},
      {"both, in the order of reading",
       inner,
       "utm=1",
       R"({"colour":1})",
       1,
       1,
       {R"(query parameter "utm")", "inner.colour"},
       "inner { }"},
  };
}

RequestInput InputOf(const Case& c) {
  RequestInput input{.query = c.query, .content_type = "application/json", .body = c.body};
  if (c.route.path != "/x") input.captures = kCaptures;
  return input;
}

std::string TextOf(const Result<std::string>& wire) {
  if (!wire) return "ERROR: " + wire.error().message;
  codec::Everything message;
  EXPECT_TRUE(message.ParseFromString(*wire));
  return message.ShortDebugString();
}

TEST(UnknownInput, Rule1WarnLetsPassCountsAndNames) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.what);
    const RouteUnderTest route(
        c.route, {.unknown_fields = UnknownInput::kWarn, .unknown_query = UnknownInput::kWarn});
    DroppedInput dropped;
    EXPECT_EQ(TextOf(route.Encode(InputOf(c), dropped)), c.text);
    EXPECT_EQ(dropped.in_body, c.in_body);
    EXPECT_EQ(dropped.in_query, c.in_query);
    EXPECT_THAT(dropped.names, ElementsAreArray(c.names));
  }
}

TEST(UnknownInput, Rule1IgnoreLetsPassAndCounts) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.what);
    const RouteUnderTest route(
        c.route, {.unknown_fields = UnknownInput::kIgnore, .unknown_query = UnknownInput::kIgnore});
    DroppedInput dropped;
    EXPECT_EQ(TextOf(route.Encode(InputOf(c), dropped)), c.text);
    EXPECT_EQ(dropped.in_body, c.in_body);
    EXPECT_EQ(dropped.in_query, c.in_query);
    EXPECT_THAT(dropped.names, IsEmpty());
  }
}

TEST(UnknownInput, Rule1RejectIs400SaveForABodyThatNobodyAskedFor) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.what);
    DroppedInput dropped;
    const auto wire = RouteUnderTest(c.route).Encode(InputOf(c), dropped);
    const bool is_fine = c.in_query == 0 && (c.in_body == 0 || c.route.body.empty());
    ASSERT_EQ(wire.has_value(), is_fine);
    EXPECT_EQ(dropped.in_query, 0u);
    if (is_fine) {
      EXPECT_EQ(TextOf(wire), c.text);
      EXPECT_EQ(dropped.in_body, c.in_body);
      continue;
    }
    EXPECT_EQ(wire.error().HttpStatus(), 400);
    EXPECT_THAT(wire.error().message, Not(HasSubstr("SECRET")));
    EXPECT_THAT(dropped.names, IsEmpty());
  }
}

TEST(UnknownInput, Rule1BodyAndQueryHaveAnOptionEach) {
  const RequestInput in_body{.body = R"({"x":1})"};
  const RequestInput in_query{.query = "x=1"};
  const RouteUnderTest lenient_body({.body = "inner"}, {.unknown_fields = UnknownInput::kWarn});
  EXPECT_TRUE(lenient_body.Encode(in_body));
  EXPECT_FALSE(lenient_body.Encode(in_query));
  const RouteUnderTest lenient_query({.body = "inner"}, {.unknown_query = UnknownInput::kWarn});
  EXPECT_FALSE(lenient_query.Encode(in_body));
  EXPECT_TRUE(lenient_query.Encode(in_query));
}

TEST(UnknownInput, Rule1AFieldThatThePathBindsIsNotUnknownInABody) {
  const RouteUnderTest route({.path = "/{inner.amount}"}, {.unknown_fields = UnknownInput::kWarn});
  DroppedInput dropped;
  EXPECT_EQ(
      TextOf(route.Encode({.captures = kCaptures, .body = R"({"inner":{"amount":9}})"}, dropped)),
      "inner { amount: 5 }");
  EXPECT_EQ(dropped.in_body, 0u);
  EXPECT_THAT(dropped.names, IsEmpty());
}

TEST(UnknownInput, OnlyTheFirstAreNamed) {
  const RouteUnderTest route({.body = "inner"}, {.unknown_fields = UnknownInput::kWarn,
                                                 .unknown_query = UnknownInput::kWarn});
  std::string query, body = "{";
  for (int i = 0; i < 10; ++i) query += fmt::format("q{}=1&", i);
  for (int i = 0; i < 1000; ++i) body += fmt::format("\"b{}\":1,", i);
  body.back() = '}';
  DroppedInput dropped;
  ASSERT_TRUE(route.Encode({.query = query, .body = body}, dropped));
  EXPECT_EQ(dropped.in_query, 10u);
  EXPECT_EQ(dropped.in_body, 1000u);
  ASSERT_EQ(dropped.names.size(), DroppedInput::kMaxNames);
  EXPECT_EQ(dropped.names[9], R"(query parameter "q9")");
  EXPECT_EQ(dropped.names[10], "inner.b0");
  EXPECT_EQ(dropped.names[15], "inner.b5");
}

TEST(UnknownInput, MessagesOfAStreamAddUp) {
  const RouteUnderTest route({}, {.unknown_fields = UnknownInput::kWarn});
  DroppedInput dropped;
  const auto target = route.codec().Bind({}, dropped);
  ASSERT_TRUE(target);
  for (const std::string body : {R"({"x":1})", "{}", R"({"inner":{"y":1}})"}) {
    ASSERT_TRUE(route.codec().Encode(*target, {.content_type = {}, .bytes = body}, dropped));
  }
  EXPECT_EQ(dropped.in_body, 2u);
  EXPECT_THAT(dropped.names, ElementsAre("x", "inner.y"));
}

TEST(UnknownInput, WhatIsLetPassIsCheckedAllTheSame) {
  for (const UnknownInput mode : {UnknownInput::kWarn, UnknownInput::kIgnore}) {
    const RouteUnderTest route({}, {.unknown_fields = mode});
    for (const std::string body : {R"({"x":1,"x":2})", R"({"x":{"y":1,"y":2}})", R"({"x":[1,]})",
                                   R"({"x":'a'})", "{\"x\":\"\xff\"}"}) {
      EXPECT_FALSE(route.EncodeBody(body)) << body;
    }
  }
}

struct IgnoredCase {
  std::string query, text;
};

TEST(IgnoredQueryParameters, AreNeverAnErrorAndNeverCounted) {
  const CodecOptions options = {
      .ignored_query_parameters = {"utm_source", "a b", "labels[x]", "anInt32", ""}};
  const std::vector<IgnoredCase> cases = {
      {"utm_source=1", ""},
      {"utm_source", ""},
      {"utm_source=1&utm_source=2&aBool=true&utm_source", "a_bool: true"},
      {"utm%5Fsource=1&%75tm_source=%FF", ""},
      {"a+b=1&a%20b=2", ""},
      {"labels[x]=1&labels%5Bx%5D=2&labels[y]=3", R"(labels { key: "y" value: "3" })"},
      {"=1", ""},
      // One that names a field, too, is ignored; by this name only.
      {"anInt32=no+number", ""},
      {"an_int32=5", "an_int32: 5"},
      {"UTM_SOURCE=1", R"(ERROR: unknown query parameter "UTM_SOURCE": there is no such field)"},
      {"utm_source.x=1",
       R"(ERROR: unknown query parameter "utm_source.x": there is no such field)"},
      {"utm_sourc=1", R"(ERROR: unknown query parameter "utm_sourc": there is no such field)"},
  };
  const RouteUnderTest route({.body = ""}, options);
  for (const IgnoredCase& c : cases) {
    DroppedInput dropped;
    EXPECT_EQ(TextOf(route.Encode({.query = c.query}, dropped)), c.text) << c.query;
    EXPECT_EQ(dropped.in_query, 0u) << c.query;
    EXPECT_THAT(dropped.names, IsEmpty()) << c.query;
  }
}

TEST(IgnoredQueryParameters, AreIgnoredInEveryModeAndUnderEveryBody) {
  for (const UnknownInput mode :
       {UnknownInput::kReject, UnknownInput::kWarn, UnknownInput::kIgnore}) {
    for (const std::string body : {"*", "inner", ""}) {
      const RouteUnderTest route(
          {.path = "/{an_int32}", .body = body},
          {.unknown_query = mode, .ignored_query_parameters = {"utm", "anInt32", "inner.id"}});
      DroppedInput dropped;
      const std::string text = body == "inner" ? "an_int32: 5 inner { }" : "an_int32: 5";
      EXPECT_EQ(TextOf(route.Encode({.captures = kCaptures, .query = "utm=1&anInt32=6&inner.id=7"},
                                    dropped)),
                text);
      EXPECT_EQ(dropped.in_query, 0u);
    }
  }
}

TEST(IgnoredQueryParameters, CountTowardsTheLimitAndHoldWithoutSpaces) {
  const RouteUnderTest route({.body = ""}, {.ignored_query_parameters = {"utm", "a+b"},
                                            .plus_is_space = false,
                                            .max_query_parameters = 2});
  EXPECT_EQ(route.EncodeToText({.query = "utm=1&a+b=2"}), "");
  EXPECT_EQ(route.EncodeToText({.query = "utm=1&utm=2&utm=3"}),
            "ERROR: more than 2 query parameters");
}

}  // namespace
}  // namespace puente

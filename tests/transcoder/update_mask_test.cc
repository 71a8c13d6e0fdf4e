// PATCH and its update_mask: design section 4, rule 10.
#include "transcoder/update_mask.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/testdata/compile_protos.h"
#include "tests/transcoder/codec_fixture.h"

namespace puente {
namespace {

using ::testing::HasSubstr;
using testing::LoadProto;
using testing::RequestInput;
using testing::RouteSpec;
using testing::RouteUnderTest;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

RouteSpec Patch(std::string path, std::string body) {
  return {.path = std::move(path),
          .body = std::move(body),
          .method = "puente.codec.CodecService.Update",
          .http_method = "PATCH"};
}

// "a,b.c"; "unset", or an error.
std::string MaskOf(const RouteUnderTest& route, const RequestInput& input) {
  const auto wire = route.Encode(input);
  if (!wire) return "ERROR: " + wire.error().message;
  codec::Change change;
  EXPECT_TRUE(change.ParseFromString(*wire));
  if (!change.has_update_mask()) return "unset";
  return fmt::format("{}", fmt::join(change.update_mask().paths(), ","));
}

struct MaskCase {
  std::string body, mask;
};

TEST(UpdateMask, Rule10IsFilledFromTheKeysOfTheBody) {
  const RouteUnderTest route(Patch("/x", "all"));
  const std::vector<MaskCase> cases = {
      {R"({"anInt32":1})", "an_int32"},
      {R"({"an_int32":1})", "an_int32"},
      {R"({"otherName":1})", "renamed"},
      {R"({"aString":"x","anInt32":1,"aBool":true})", "a_string,an_int32,a_bool"},
      // Null and default values count.
      {R"({"anInt32":0,"aString":"","aBool":false})", "an_int32,a_string,a_bool"},
      {R"({"anInt32":null,"inner":null,"int32s":null,"timestamp":null})",
       "an_int32,inner,int32s,timestamp"},
      {R"({"choiceInt32":null,"choiceString":"x"})", "choice_int32,choice_string"},
      {R"({"maybeInt32":null})", "maybe_int32"},
      // Leaves of nested messages.
      {R"({"inner":{"id":"a","next":{"amount":1,"id":"b"}},"aBool":true})",
       "inner.id,inner.next.amount,inner.next.id,a_bool"},
      {R"({"self":{"self":{"otherName":1}}})", "self.self.renamed"},
      {R"({"choiceInner":{"text":""}})", "choice_inner.text"},
      // {} names the message.
      {R"({"inner":{}})", "inner"},
      {R"({"inner":{"next":{},"id":"a"}})", "inner.next,inner.id"},
      {R"({"empty":{}})", "empty"},
      // Lists and maps are leaves.
      {R"({"int32s":[1,2],"strings":[]})", "int32s,strings"},
      {R"({"inners":[{"id":"a"},{"next":{"id":"b"}}],"aBool":true})", "inners,a_bool"},
      {R"({"labels":{"a":"b"},"innerMap":{"7":{"id":"x"}}})", "labels,inner_map"},
      // So are well-known types.
      {R"({"timestamp":"1970-01-01T00:00:01Z","duration":"1s","mask":"a.b"})",
       "timestamp,duration,mask"},
      {R"({"struct":{"a":{"b":1}},"value":{"c":2},"listValue":[{"d":3}]})",
       "struct,value,list_value"},
      {R"({"any":{"@type":"x/puente.codec.Inner","id":"a","next":{"id":"b"}},"aBool":true})",
       "any,a_bool"},
      {R"({"int64Wrapper":"1","stringWrapper":null,"value":null,"nullValue":null})",
       "int64_wrapper,string_wrapper,value,null_value"},
      // Nothing to name.
      {"{}", "unset"},
      {" { } ", "unset"},
      {"", "unset"},
      {"null", "unset"},
  };
  for (const MaskCase& c : cases) EXPECT_EQ(MaskOf(route, {.body = c.body}), c.mask) << c.body;
}

TEST(UpdateMask, Rule10TheResourceIsReadAsWell) {
  const RouteUnderTest route(Patch("/{inner.id}", "inner"));
  const std::vector<std::string> captures = {"p"};
  EXPECT_EQ(
      route.EncodeToText<codec::Change>(
          {.captures = captures, .query = "name=n", .body = R"({"amount":0,"text":"x"})"}),
      R"(name: "n" update_mask { paths: "amount" paths: "text" } inner { id: "p" text: "x" })");
}

// As behind grpc-gateway, which makes the mask from the body before it looks at the path.
TEST(UpdateMask, Rule10KeysThatThePathDisplacesCount) {
  const std::vector<std::string> captures = {"p"};
  EXPECT_EQ(MaskOf(RouteUnderTest(Patch("/{inner.id}", "inner")),
                   {.captures = captures, .body = R"({"id":"b","amount":1})"}),
            "id,amount");
  EXPECT_EQ(MaskOf(RouteUnderTest(Patch("/{inner.next.id}", "inner")),
                   {.captures = captures, .body = R"({"next":{"id":"b"},"amount":1})"}),
            "next.id,amount");
}

TEST(UpdateMask, Rule10WhatTheClientSendsStays) {
  const RouteUnderTest route(Patch("/x", "inner"));
  const std::string body = R"({"id":"a","amount":1})";
  EXPECT_EQ(MaskOf(route, {.query = "updateMask=amount", .body = body}), "amount");
  EXPECT_EQ(MaskOf(route, {.query = "update_mask=amount,byName", .body = body}), "amount,by_name");
  EXPECT_EQ(MaskOf(route, {.query = "updateMask=*", .body = "{}"}), "*");
  EXPECT_EQ(MaskOf(route, {.query = "name=x", .body = body}), "id,amount");
}

TEST(UpdateMask, Rule10WithTheWholeRequestAsBodyItIsLeftAsSent) {
  const RouteUnderTest route(Patch("/x", "*"));
  EXPECT_EQ(MaskOf(route, {.body = R"({"inner":{"id":"a"}})"}), "unset");
  EXPECT_EQ(MaskOf(route, {.body = R"({"inner":{"id":"a"},"updateMask":""})"}), "");
  EXPECT_EQ(MaskOf(route, {.body = R"({"inner":{"id":"a"},"updateMask":"inner"})"}), "inner");
}

TEST(UpdateMask, Rule10UnknownKeysThatAreLetPassNeverCount) {
  for (const UnknownInput mode : {UnknownInput::kWarn, UnknownInput::kIgnore}) {
    const RouteUnderTest route(Patch("/x", "all"), {.unknown_fields = mode});
    const std::vector<MaskCase> cases = {
        {R"({"x":1,"anInt32":1,"y":{"z":1}})", "an_int32"},
        {R"({"inner":{"x":1,"id":"a"}})", "inner.id"},
        // What is said of a message must not empty it, as naming it would.
        {R"({"inner":{"x":1},"aBool":true})", "a_bool"},
        {R"({"inner":{"next":{"x":1}},"aBool":true})", "a_bool"},
        {R"({"inners":[{"x":1}]})", "inners"},
    };
    for (const MaskCase& c : cases) EXPECT_EQ(MaskOf(route, {.body = c.body}), c.mask) << c.body;
  }
}

// AIP-134: without a mask the whole resource is replaced.
TEST(UpdateMask, Rule10ABodyOfNothingButUnknownKeysIsRefused) {
  const std::string refused = "ERROR: the body has no known field to update";
  for (const UnknownInput mode : {UnknownInput::kWarn, UnknownInput::kIgnore}) {
    const RouteUnderTest route(Patch("/x", "all"), {.unknown_fields = mode, .unknown_query = mode});
    for (const std::string body :
         {R"({"x":1})", R"({"inner":{"x":1}})", R"({"color":"NEW"})", R"({"a b":[]})"}) {
      EXPECT_EQ(MaskOf(route, {.body = body}), refused) << body;
      EXPECT_EQ(MaskOf(route, {.query = "updateMask=color", .body = body}), "color") << body;
    }
    EXPECT_EQ(MaskOf(route, {.content_type = kForm, .body = "x=1"}), refused);
    EXPECT_EQ(MaskOf(route, {.query = "x=1", .body = "{}"}), "unset");
  }
}

TEST(UpdateMask, Rule10FormsNameTheirFields) {
  const RouteUnderTest route(Patch("/x", "all"));
  const std::vector<MaskCase> cases = {
      {"anInt32=1&aString=", "an_int32,a_string"},
      {"otherName=1", "renamed"},
      {"inner.id=a&inner.next.amount=1", "inner.id,inner.next.amount"},
      {"all.anInt32=1&aBool=true", "an_int32,a_bool"},
      {"int32s=1&aBool=true&int32s=2", "int32s,a_bool"},
      {"labels[a]=1&labels[b]=2", "labels"},
      {"timestamp=1970-01-01T00:00:01Z&int64Wrapper=1", "timestamp,int64_wrapper"},
      {"", "unset"},
      {"&", "unset"},
  };
  for (const MaskCase& c : cases) {
    EXPECT_EQ(MaskOf(route, {.content_type = kForm, .body = c.body}), c.mask) << c.body;
  }
  EXPECT_EQ(MaskOf(route, {.query = "updateMask=a", .content_type = kForm, .body = "anInt32=1"}),
            "a");
  const RouteUnderTest lenient(Patch("/x", "all"), {.unknown_query = UnknownInput::kIgnore});
  EXPECT_EQ(MaskOf(lenient, {.content_type = kForm, .body = "x=1&anInt32=1"}), "an_int32");
}

TEST(UpdateMask, Rule10OtherMethodsAndOtherBodiesFillNone) {
  RouteSpec put = Patch("/x", "inner");
  put.http_method = "PUT";
  EXPECT_EQ(MaskOf(RouteUnderTest(put), {.body = R"({"id":"a"})"}), "unset");
  EXPECT_EQ(MaskOf(RouteUnderTest(Patch("/x", "text")), {.body = R"("a")"}), "unset");
  EXPECT_EQ(MaskOf(RouteUnderTest(Patch("/x", "inners")), {.body = R"([{"id":"a"}])"}), "unset");
  EXPECT_EQ(MaskOf(RouteUnderTest(Patch("/x", "struct")), {.body = R"({"id":"a"})"}), "unset");
  EXPECT_EQ(MaskOf(RouteUnderTest(Patch("/x", "")), {.body = R"({"id":"a"})"}), "unset");
  const std::vector<std::string> captures = {"name"};
  EXPECT_EQ(MaskOf(RouteUnderTest(Patch("/{update_mask}", "inner")),
                   {.captures = captures, .body = R"({"id":"a"})"}),
            "name")
      << "bound by the path";
}

TEST(UpdateMask, Rule10IsASingularFieldMaskOfThatName) {
  struct Case {
    std::string fields;
    bool found;
  };
  const std::vector<Case> cases = {
      {"google.protobuf.FieldMask update_mask = 2;", true},
      {"optional google.protobuf.FieldMask update_mask = 2;", true},
      {"google.protobuf.FieldMask mask = 2;", false},
      {"google.protobuf.FieldMask updateMask = 2;", false},
      {"repeated google.protobuf.FieldMask update_mask = 2;", false},
      {"string update_mask = 2;", false},
      {"R update_mask = 2;", false},
      {"oneof x { google.protobuf.FieldMask update_mask = 2; string y = 3; }", false},
      {"", false},
  };
  for (const Case& c : cases) {
    const auto set = LoadProto(
        R"(syntax = "proto3"; package t; import "google/protobuf/field_mask.proto";
           message R { string id = 1; } message M { R r = 1; )" +
        c.fields + "} service S { rpc Do(M) returns (R); }");
    const auto* method = set->services()[0]->method(0);
    const auto route = CompileRoute({method, "PATCH", "/x", "r", ""});
    ASSERT_TRUE(route) << c.fields;
    const auto* mask = FindUpdateMask(*route);
    EXPECT_EQ(mask != nullptr, c.found) << c.fields;
    if (c.found) {
      EXPECT_EQ(mask->name(), "update_mask");
    }
  }
}

TEST(UpdateMask, Rule10HttpBodiesFillNone) {
  const auto set = LoadProto(
      R"(syntax = "proto3"; package t; import "google/protobuf/field_mask.proto";
         import "google/api/httpbody.proto";
         message M { google.api.HttpBody r = 1; google.protobuf.FieldMask update_mask = 2; }
         service S { rpc Do(M) returns (M); })");
  const auto route = CompileRoute({set->services()[0]->method(0), "PATCH", "/x", "r", ""});
  ASSERT_TRUE(route);
  EXPECT_EQ(FindUpdateMask(*route), nullptr);
}

TEST(UpdateMask, EachMessageOfAStreamHasItsOwn) {
  const RouteUnderTest route(Patch("/x", "inner"));
  DroppedInput dropped;
  const auto target = route.codec().Bind({}, dropped);
  ASSERT_TRUE(target);
  for (const std::string key : {"id", "amount"}) {
    const std::string body = "{\"" + key + "\":null}";
    const auto wire = route.codec().Encode(*target, {.content_type = {}, .bytes = body}, dropped);
    ASSERT_TRUE(wire);
    codec::Change change;
    ASSERT_TRUE(change.ParseFromString(*wire));
    EXPECT_THAT(change.update_mask().paths(), ::testing::ElementsAre(key));
  }
}

// A tree of messages: paths are as long as the tree is deep, so there is more mask than body.
std::string Tree(int chain, int depth) {
  if (chain > 0) return R"({"next":)" + Tree(chain - 1, depth) + "}";
  if (depth == 0) return R"({"id":""})";
  const std::string below = Tree(0, depth - 1);
  return R"({"next":)" + below + R"(,"nested":)" + below + "}";
}

TEST(UpdateMask, IsBounded) {
  const RouteUnderTest route(Patch("/x", "inner"));
  const std::string body = Tree(80, 14);
  ASSERT_LT(body.size(), std::size_t{1} << 20);
  EXPECT_EQ(MaskOf(route, {.body = body}),
            "ERROR: updateMask: the keys of the body make more than 1048576 bytes of field paths");
  EXPECT_EQ(MaskOf(route, {.query = "updateMask=*", .body = body}), "*");
  EXPECT_THAT(MaskOf(route, {.body = Tree(80, 5)}), HasSubstr("next.nested.nested.id"));
}

}  // namespace
}  // namespace puente

// Bodies nested deeper than protobuf reads messages are refused here, and not upstream: design
// section 4, rule 6.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/transcoder/codec_fixture.h"
#include "transcoder/json_reader.h"

namespace puente {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::RouteUnderTest;

constexpr int kDeepest = static_cast<int>(JsonReader::kDeepestWire);
const CodecOptions kDeepJson = {.max_json_depth = 1000};

// Each nests something `depth` times inside of a message.
void NestMessages(codec::Everything& message, int depth) {
  codec::Inner* inner = message.mutable_inner();
  for (int i = 0; i < depth; ++i) inner = inner->mutable_next();
}
void NestLists(codec::Everything& message, int depth) {
  codec::Inner* inner = message.add_inners();
  for (int i = 0; i < depth; ++i) inner = inner->add_list();
}
void NestMaps(codec::Everything& message, int depth) {
  codec::Inner* inner = message.mutable_inner();
  for (int i = 0; i < depth; ++i) inner = &(*inner->mutable_by_name())["a"];
}
void NestStructs(codec::Everything& message, int depth) {
  google::protobuf::Value* value = message.mutable_value();
  for (int i = 0; i < depth; ++i) {
    value = &(*value->mutable_struct_value()->mutable_fields())["a"];
  }
  value->set_number_value(1);
}
void NestListValues(codec::Everything& message, int depth) {
  google::protobuf::Value* value = message.add_values();
  for (int i = 0; i < depth; ++i) value = value->mutable_list_value()->add_values();
  value->set_bool_value(true);
}
void NestATimestamp(codec::Everything& message, int depth) {
  codec::Inner* inner = message.mutable_inner();
  for (int i = 0; i < depth; ++i) inner = inner->mutable_next();
  inner->mutable_at()->set_seconds(1);
}
void NestAScalar(codec::Everything& message, int depth) {
  codec::Everything* self = &message;
  for (int i = 0; i < depth; ++i) self = self->mutable_self();
  self->add_int32s(1);
}

struct Nesting {
  std::string what;
  std::function<void(codec::Everything&, int)> nest;
};

const std::vector<Nesting> kNestings = {
    {"messages", NestMessages},
    {"lists", NestLists},
    {"maps", NestMaps},
    {"structs", NestStructs},
    {"list values", NestListValues},
    {"a timestamp", NestATimestamp},
    {"a packed scalar", NestAScalar},
};

// `outer` messages around `depth` nestings: every number of levels, whatever one nesting takes.
std::string Nested(const Nesting& nesting, int outer, int depth) {
  codec::Everything message;
  codec::Everything* self = &message;
  for (int i = 0; i < outer; ++i) self = self->mutable_self();
  nesting.nest(*self, depth);
  return message.SerializeAsString();
}

TEST(WireDepth, IsBoundedExactlyAsProtobufDoes) {
  const RouteUnderTest route({}, kDeepJson);
  for (const Nesting& nesting : kNestings) {
    int accepted = 0, refused = 0;
    for (int outer = 0; outer < 3; ++outer) {
      for (int depth = 0; depth < 110; ++depth) {
        const std::string wire = Nested(nesting, outer, depth);
        const std::string json = route.Decode(wire);
        const auto encoded = route.EncodeBody(json);
        ASSERT_EQ(encoded.has_value(), codec::Everything().ParseFromString(wire))
            << nesting.what << " " << outer << " " << depth;
        encoded ? ++accepted : ++refused;
        if (encoded) continue;
        EXPECT_EQ(encoded.error().HttpStatus(), 400);
        EXPECT_THAT(encoded.error().message, EndsWith(": nested too deep for a protobuf message"));
      }
    }
    EXPECT_GT(accepted, 3 * 30) << nesting.what;
    EXPECT_GT(refused, 3 * 8) << nesting.what;
  }
}

std::string Repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

std::string Selves(int depth) { return Repeat(R"({"self":)", depth) + "{}" + Repeat("}", depth); }

TEST(WireDepth, TheDeepestIsReadAndOneMoreIsRefusedAtItsPlace) {
  const RouteUnderTest route({}, kDeepJson);
  EXPECT_TRUE(route.EncodeBody(Selves(kDeepest)));
  const auto refused = route.EncodeBody(Selves(kDeepest + 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            Repeat("self.", kDeepest) + "self: nested too deep for a protobuf message");
  EXPECT_THAT(route.BodyToText(R"({"value":)" + Repeat(R"({"a":[)", 30)),
              HasSubstr(R"(["a"][0]: nested too deep for a protobuf message)"));
}

TEST(WireDepth, CountsTheFieldThatTheBodyIs) {
  const RouteUnderTest route({.body = "self"}, kDeepJson);
  const auto deepest = route.EncodeBody(Selves(kDeepest - 1));
  ASSERT_TRUE(deepest);
  EXPECT_TRUE(codec::Everything().ParseFromString(*deepest));
  EXPECT_FALSE(route.EncodeBody(Selves(kDeepest)));
}

// What an Any holds is bytes until somebody unpacks it.
TEST(WireDepth, CountsAnewInAnAny) {
  const RouteUnderTest route({}, kDeepJson);
  const auto any = [](int outer, int inner) {
    return Repeat(R"({"self":)", outer) + R"({"any":{"@type":"x/puente.codec.Everything","self":)" +
           Selves(inner) + "}}" + Repeat("}", outer);
  };
  const auto deepest = route.EncodeBody(any(kDeepest - 1, kDeepest - 1));
  ASSERT_TRUE(deepest) << deepest.error().message;
  codec::Everything message;
  ASSERT_TRUE(message.ParseFromString(*deepest));
  const codec::Everything* holder = &message;
  for (int i = 1; i < kDeepest; ++i) holder = &holder->self();
  EXPECT_TRUE(codec::Everything().ParseFromString(holder->any().value()));
  EXPECT_FALSE(route.EncodeBody(any(kDeepest - 1, kDeepest)));
  EXPECT_FALSE(route.EncodeBody(any(kDeepest, 0)));
  // And goes on behind it where it was.
  const std::string beside = R"({"any":{"@type":"x/puente.codec.Inner"},"self":)";
  EXPECT_TRUE(route.EncodeBody(Repeat(beside, kDeepest) + "{}" + Repeat("}", kDeepest)));
  EXPECT_FALSE(route.EncodeBody(Repeat(beside, kDeepest + 1) + "{}" + Repeat("}", kDeepest + 1)));
}

TEST(WireDepth, WhatTheDefaultsAllowIsTaken) {
  const RouteUnderTest route({});
  EXPECT_TRUE(route.EncodeBody(Selves(99)));
  EXPECT_TRUE(route.EncodeBody(R"({"value":)" + Repeat(R"({"a":)", 33) + "1" + Repeat("}", 34)));
  EXPECT_THAT(route.BodyToText(R"({"value":)" + Repeat(R"({"a":)", 34) + "1" + Repeat("}", 35)),
              HasSubstr("nested too deep for a protobuf message"));
}

}  // namespace
}  // namespace puente

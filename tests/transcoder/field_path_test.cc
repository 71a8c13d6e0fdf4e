#include "transcoder/field_path.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/testdata/compile_protos.h"

namespace puente {
namespace {

using ::testing::HasSubstr;

constexpr char kSource[] = R"(
  syntax = "proto3"; package t;
  message Line { int32 item_count = 1; Line next = 2; }
  message M {
    string customer_id = 1;
    Line line = 2;
    repeated Line lines = 3;
    map<string, Line> by_name = 4;
    string other = 5 [json_name = "theOther"];
    string alpha = 6;
    string beta = 7 [json_name = "alpha_x"];
    string alpha_x = 8 [json_name = "gamma"];
    oneof choice { Line first = 9; string second = 10; }
  })";

class FieldPathTest : public ::testing::Test {
 protected:
  FieldPathTest() : set_(testing::LoadProto(kSource)) {}
  const google::protobuf::Descriptor& message() const {
    return *set_->pool().FindMessageTypeByName("t.M");
  }
  std::shared_ptr<const DescriptorSet> set_;
};

TEST_F(FieldPathTest, ResolvesProtoNamesAndJsonNames) {
  struct {
    std::string path, expected;
  } const kCases[] = {
      {"customer_id", "customer_id"},
      {"customerId", "customer_id"},
      {"line.item_count", "line.item_count"},
      {"line.itemCount", "line.item_count"},
      {"line.next.next.next", "line.next.next.next"},
      {"theOther", "other"},
      {"other", "other"},
      {"first.itemCount", "first.item_count"},
      {"lines", "lines"},
      {"by_name", "by_name"},
      {"line", "line"},
      // One field's JSON name that is another's proto name is the proto name's.
      {"alpha_x", "alpha_x"},
      {"gamma", "alpha_x"},
  };
  for (const auto& c : kCases) {
    const auto path = ResolveFieldPath(message(), c.path);
    ASSERT_TRUE(path) << c.path << ": " << path.error();
    EXPECT_EQ(ToString(*path), c.expected) << c.path;
  }
}

TEST_F(FieldPathTest, NamesThePartAtFault) {
  struct {
    std::string path, reason;
  } const kCases[] = {
      {"", "t.M has no field ''"},
      {"nope", "t.M has no field 'nope'"},
      {"CustomerId", "t.M has no field 'CustomerId'"},
      {"line.nope", "t.Line has no field 'nope'"},
      {"line.", "t.Line has no field ''"},
      {".line", "t.M has no field ''"},
      {"line..next", "t.Line has no field ''"},
      {"lines.next", "field 'lines' of t.M is repeated"},
      {"by_name.key", "field 'by_name' of t.M is a map"},
      {"customer_id.x", "field 'customer_id' of t.M is not a message"},
      {"choice", "t.M has no field 'choice'"},
  };
  for (const auto& c : kCases) {
    const auto path = ResolveFieldPath(message(), c.path);
    ASSERT_FALSE(path) << c.path;
    EXPECT_THAT(path.error(), HasSubstr(c.reason)) << c.path;
  }
}

TEST_F(FieldPathTest, FindFieldGivesNullForAStranger) {
  EXPECT_EQ(FindField(message(), "nope"), nullptr);
  EXPECT_EQ(FindField(message(), "alpha_x")->name(), "beta");
}

TEST_F(FieldPathTest, FindFieldKnowsEveryJsonNameBeforeAnyProtoName) {
  const auto set = testing::LoadProto(R"(
    syntax = "proto2"; package t;
    message Odd {
      optional int32 plain = 1; optional int32 snake_case = 2; optional int32 UpperFirst = 3;
      optional int32 _under = 4; optional int32 two__under = 5; optional int32 end_ = 6;
      optional int32 with_1 = 7; optional int32 SHOUT_IT = 8;
      optional int32 own = 9 [json_name = "Own Name"]; optional int32 x = 10 [json_name = "y"];
      optional int32 y = 11 [json_name = "z"]; optional int32 z = 12 [json_name = "x"];
      optional int32 lower_it = 13 [json_name = "snake_case"];
      optional int32 camel = 14 [json_name = "upperFirst"];
    })");
  const auto& odd = *set->pool().FindMessageTypeByName("t.Odd");
  for (int i = 0; i < odd.field_count(); ++i) {
    EXPECT_EQ(FindField(odd, odd.field(i)->json_name()), odd.field(i)) << odd.field(i)->json_name();
  }
  EXPECT_EQ(FindField(odd, "snake_case")->name(), "lower_it");
  EXPECT_EQ(FindField(odd, "upperFirst")->name(), "camel");
  EXPECT_EQ(FindField(odd, "UpperFirst")->name(), "UpperFirst");
  EXPECT_EQ(FindField(odd, "_under")->name(), "_under");
  EXPECT_EQ(FindField(odd, "own")->name(), "own");
  EXPECT_EQ(FindField(odd, "under"), nullptr);
  EXPECT_EQ(FindField(odd, "shoutIt"), nullptr);
  EXPECT_EQ(FindField(odd, std::string_view("plain\0", 6)), nullptr);
  EXPECT_EQ(FindField(odd, ""), nullptr);
}

TEST_F(FieldPathTest, FindFieldIsFastInMessagesOfManyFields) {
  constexpr int kFields = 20000;
  std::string source = "syntax = \"proto3\"; package t; message Wide {";
  for (int i = 1; i <= kFields; ++i) source += fmt::format("int32 f{}_x = {};", i, i + 20000);
  const auto set = testing::LoadProto(source + "}");
  const auto& wide = *set->pool().FindMessageTypeByName("t.Wide");
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 1; i <= kFields; ++i) {
    ASSERT_EQ(FindField(wide, fmt::format("f{}X", i)), wide.field(i - 1));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace puente

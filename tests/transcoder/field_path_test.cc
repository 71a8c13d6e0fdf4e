#include "transcoder/field_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
      // One field's JSON name that is another's proto name is the JSON name's.
      {"alpha_x", "beta"},
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

}  // namespace
}  // namespace puente

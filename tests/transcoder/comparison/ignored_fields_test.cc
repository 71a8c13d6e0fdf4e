#include "transcoder/comparison/ignored_fields.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec_types.pb.h"

namespace puente {
namespace {

const google::protobuf::Descriptor& Everything() { return *codec::Everything::descriptor(); }

std::string Check(const std::string& path) {
  const auto checked = CheckIgnoredField(Everything(), path);
  return checked ? "" : checked.error().message;
}

TEST(IgnoredFields, RefusesWhatIsNoPath) {
  for (const std::string path :
       {"", ".", "a.", ".a", "a..b", "[]", "a.[]", "a.[].b", "[].", "[]a."}) {
    const std::vector<std::string> paths = {"fine", path};
    const auto parsed = IgnoredFields::Parse(paths);
    ASSERT_FALSE(parsed) << path;
    EXPECT_EQ(parsed.error().message,
              "'" + path + "' is no path: expected names of fields, separated by dots");
    EXPECT_NE(Check(path), "") << path;
  }
}

TEST(IgnoredFields, FindsItsPaths) {
  const std::vector<std::string> paths = {"a", "b.c", "list[].x", "twice[][].y", "[].top"};
  const auto ignored = IgnoredFields::Parse(paths).value();
  const IgnoredFields::Place top = ignored.Top();
  EXPECT_FALSE(top.is_ignored());
  EXPECT_TRUE(top.Below("a").is_ignored());
  EXPECT_FALSE(top.Below("b").is_ignored());
  EXPECT_TRUE(top.Below("b").Below("c").is_ignored());
  EXPECT_FALSE(top.Below("c").is_ignored());
  EXPECT_TRUE(top.Below("list").Below("x").is_ignored());
  EXPECT_TRUE(top.Below("twice").Below("y").is_ignored());
  EXPECT_TRUE(top.Below("top").is_ignored());
}

TEST(IgnoredFields, KnowsFieldsByBothNames) {
  const std::vector<std::string> paths = {"inner_map.a", "innerMap.b"};
  const auto ignored = IgnoredFields::Parse(paths).value();
  const auto below = ignored.Top().Below(*Everything().FindFieldByName("inner_map"));
  EXPECT_TRUE(below.Below("a").is_ignored());
  EXPECT_TRUE(below.Below("b").is_ignored());
  EXPECT_FALSE(below.Below("c").is_ignored());
}

TEST(IgnoredFields, StaysTheSameWhenMoved) {
  const std::vector<std::string> paths = {"a"};
  IgnoredFields first = IgnoredFields::Parse(paths).value();
  const IgnoredFields second = std::move(first);
  EXPECT_TRUE(second.Top().Below("a").is_ignored());
}

TEST(CheckIgnoredField, TakesWhatTheTypeHas) {
  for (const std::string path :
       {"anInt32", "an_int32", "renamed", "otherName", "inner.amount", "inners[].amount",
        "inners.amount", "inner.next.list[].by_name.id", "innerMap[].at", "labels", "timestamp",
        "struct.anything.at[].all", "value.x", "listValue[].x", "any.value", "valueMap.x"}) {
    EXPECT_EQ(Check(path), "") << path;
  }
}

TEST(CheckIgnoredField, SaysWhatIsWrong) {
  EXPECT_EQ(Check("createdAt"), "puente.codec.Everything has no field 'createdAt'");
  EXPECT_EQ(Check("inners[].createdAt"), "puente.codec.Inner has no field 'createdAt'");
  EXPECT_EQ(Check("anInt32.x"), "'anInt32' has no fields in JSON");
  EXPECT_EQ(Check("labels.region"), "'labels' has no fields in JSON");
  EXPECT_EQ(Check("timestamp.seconds"), "'timestamp' has no fields in JSON");
  EXPECT_EQ(Check("int64Wrapper.value"), "'int64Wrapper' has no fields in JSON");
}

}  // namespace
}  // namespace puente

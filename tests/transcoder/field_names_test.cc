#include "transcoder/field_names.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/testdata/compile_protos.h"
#include "transcoder/codec.h"
#include "transcoder/field_path.h"

namespace puente {
namespace {

using testing::LoadProto;

// The beginning of a message of `count` fields whose JSON names protobuf has no index of.
std::string Wide(const std::string& name, int count) {
  std::string source = "message " + name + " {";
  for (int i = 1; i <= count; ++i) {
    source += fmt::format("int32 f{} = {} [json_name = \"own {}\"];", i, i, i);
  }
  return source;
}

TEST(FieldNames, FindWhatFindFieldFinds) {
  const std::string odd = R"(
    int32 alpha = 101 [json_name = "beta"]; int32 beta = 102 [json_name = "gamma"];
    int32 gamma_x = 103; int32 _under = 104; })";
  const auto set = LoadProto("syntax = \"proto3\"; package t; message Outer {" +
                             Wide("Small", FieldNames::kMostUnindexed - 4) + odd +
                             Wide("Large", FieldNames::kMostUnindexed) + odd + "}");
  const FieldNames names(*set);
  for (const char* type : {"t.Outer.Small", "t.Outer.Large"}) {
    const auto& message = *set->pool().FindMessageTypeByName(type);
    for (const char* name : {"alpha", "beta", "gamma", "gammaX", "gamma_x", "_under", "Under", "f1",
                             "own 1", "own1", "", "nope"}) {
      EXPECT_EQ(names.Find(message, name), FindField(message, name)) << type << " " << name;
    }
    EXPECT_EQ(names.Find(message, "beta")->name(), "alpha");
  }
}

TEST(FieldNames, MessagesOfOtherFilesAreFoundToo) {
  const auto set = LoadProto("syntax = \"proto3\"; package t; message M { int32 a = 1; }");
  const FieldNames names(*set);
  const auto& large = *google::protobuf::FileOptions::descriptor();
  ASSERT_GT(large.field_count(), FieldNames::kMostUnindexed);
  EXPECT_EQ(names.Find(large, "javaPackage"), large.FindFieldByName("java_package"));
}

TEST(FieldNames, ABodyOfManyKeysIsReadInLinearTime) {
  constexpr int kFields = 1500;
  const auto set = LoadProto("syntax = \"proto3\"; package t;" + Wide("W", kFields) +
                             "} message M { repeated W items = 1; }"
                             "service S { rpc Do(M) returns (M); }");
  const auto route = CompileRoute({set->services()[0]->method(0), "POST", "/x", "*", ""});
  ASSERT_TRUE(route);
  const auto codec = MakeDynamicCodec(set, {.unknown_fields = UnknownInput::kIgnore});
  const auto route_codec = codec->ForRoute(*route);
  std::string by_proto_name = R"({"items":[{"f1":1})";
  std::string unknown = R"({"items":[{"k":1)";
  for (int i = 1; i <= 200000; ++i) {
    by_proto_name += fmt::format(R"(,{{"f{}":1}})", i % kFields + 1);
    unknown += fmt::format(R"(,"k{}":1)", i);
  }
  for (const std::string& body : {by_proto_name + "]}", unknown + "}]}"}) {
    DroppedInput dropped;
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(route_codec->Encode({}, {"application/json", body}, dropped));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(3000));
  }
}

}  // namespace
}  // namespace puente

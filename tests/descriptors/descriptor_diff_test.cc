#include "descriptors/descriptor_diff.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/descriptors/diff_fixture.h"

namespace puente::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// A file whose method reaches a message M with these members, and what stands beside it.
std::string Served(const std::string& members, const std::string& beside = "",
                   const std::string& syntax = "proto3") {
  return fmt::format(R"(syntax = "{}"; package t;
import "google/protobuf/timestamp.proto";
import "google/protobuf/any.proto";
service S {{ rpc Do(Request) returns (M); }}
message Request {{}}
message M {{ {} }}
{})",
                     syntax, members, beside);
}

class DescriptorDiffTest : public ::testing::TestWithParam<DiffCase> {};

TEST_P(DescriptorDiffTest, Tells) {
  EXPECT_THAT(Diff(GetParam().before, GetParam().after), ElementsAreArray(GetParam().changes));
}

// One field before and after.
DiffCase Field(const char* name, const std::string& before, const std::string& after,
               const std::vector<std::string>& changes, const std::string& beside = "") {
  return {name, Served(before, beside), Served(after, beside), changes};
}

INSTANTIATE_TEST_SUITE_P(
    Fields, DescriptorDiffTest,
    ::testing::Values(
        Field("Nothing", "string a = 1;", "string a = 1;", {}),
        Field("Added", "", "string a = 1;", {"info added t.M.a: field added: string = 1"}),
        Field("AddedWithTheProtoNameOfAnother", "string a_b = 1 [json_name = \"x\"];",
              "string a_b = 1 [json_name = \"x\"]; string c = 2 [json_name = \"a_b\"];",
              {"BREAKING added t.M.c: field added: string = 2; takes the name \"a_b\" from a_b "
               "(JSON)"}),
        Field("AddedWithTheJsonNameOfAnother", "string a = 1 [json_name = \"x\"];",
              "string a = 1; string x = 2;",
              {"BREAKING json_name t.M.a: JSON name changed from \"x\" to \"a\" (JSON)",
               "BREAKING added t.M.x: field added: string = 2; takes the name \"x\" from a "
               "(JSON)"}),
        Field("Removed", "string a = 1;", "",
              {"BREAKING removed t.M.a: field removed (JSON and wire); its number and name are not "
               "both reserved against reuse"}),
        Field("RemovedAndReserved", "string a = 1;", "reserved 1; reserved \"a\";",
              {"BREAKING removed t.M.a: field removed (JSON and wire)",
               "info options t.M: reserved numbers and names changed"}),
        Field("Renamed", "string a = 1;", "string b = 1;",
              {"BREAKING renamed t.M.a: field renamed to b (JSON)"}),
        Field(
            "RenamedWithItsJsonName", "string a = 1;", "string b = 1 [json_name = \"a\"];",
            {"BREAKING renamed t.M.a: field renamed to b (JSON: requests and field masks that use "
             "the proto name)"}),
        Field("JsonName", "string a_b = 1;", "string a_b = 1 [json_name = \"ab\"];",
              {"BREAKING json_name t.M.a_b: JSON name changed from \"aB\" to \"ab\" (JSON)"}),
        Field("Number", "string a = 1;", "string a = 2;",
              {"BREAKING number t.M.a: number changed from 1 to 2 (wire)"}),
        Field("NumbersSwapped", "string a = 1; string b = 2;", "string a = 2; string b = 1;",
              {"BREAKING number t.M.a: number changed from 1 to 2 (wire)",
               "BREAKING number t.M.b: number changed from 2 to 1 (wire)"}),
        Field("NumberTakenByAnotherField", "string a = 1; string b = 2;", "string b = 1;",
              {"BREAKING removed t.M.a: field removed (JSON and wire); its number and name are not "
               "both reserved against reuse",
               "BREAKING number t.M.b: number changed from 2 to 1 (wire)"}),
        Field("Deprecated", "string a = 1;", "string a = 1 [deprecated = true];",
              {"info options t.M.a: deprecated"}),
        Field("NoLongerDeprecated", "string a = 1 [deprecated = true];", "string a = 1;",
              {"info options t.M.a: no longer deprecated"}),
        Field("Packed", "repeated int32 a = 1;", "repeated int32 a = 1 [packed = false];",
              {"info options t.M.a: options changed"}),
        Field("Repeated", "string a = 1;", "repeated string a = 1;",
              {"BREAKING label t.M.a: changed from string to repeated string (JSON and wire)"}),
        Field("Map", "map<string, string> a = 1;", "string a = 1;",
              {"BREAKING label t.M.a: changed from map<string, string> to string (JSON and wire)"}),
        Field("PresenceAdded", "int32 a = 1;", "optional int32 a = 1;",
              {"BREAKING label t.M.a: optional now: unset and default are told apart (JSON)"}),
        Field("PresenceRemoved", "optional int32 a = 1;", "int32 a = 1;",
              {"BREAKING label t.M.a: no longer optional: default means unset (JSON)"}),
        Field("IntoAOneof", "int32 a = 1;", "oneof o { int32 a = 1; }",
              {"BREAKING oneof t.M.a: moved into oneof o"}),
        Field("OutOfAOneof", "oneof o { int32 a = 1; int32 b = 2; }",
              "oneof o { int32 a = 1; } int32 b = 2;",
              {"BREAKING oneof t.M.b: moved out of oneof o"}),
        Field("ToAnotherOneof", "oneof o { int32 a = 1; int32 b = 2; }",
              "oneof o { int32 a = 1; } oneof p { int32 b = 2; }",
              {"BREAKING oneof t.M.b: moved from oneof o to oneof p"}),
        Field("OneofRenamed", "oneof o { int32 a = 1; int32 b = 2; }",
              "oneof p { int32 a = 1; int32 b = 2; }", {})),
    [](const auto& info) { return info.param.name; });

struct TypeCase {
  const char* before;
  const char* after;
  const char* broken;  // nullptr: nothing
};

TEST(DescriptorDiffTypesTest, WireAndJsonAreToldApart) {
  const TypeCase kCases[] = {
      {"int32", "sint32", "wire"},
      {"int32", "sfixed32", "wire"},
      {"int32", "int64", "JSON"},
      {"int32", "uint32", "JSON"},
      {"int64", "sint64", "wire"},
      {"uint64", "fixed64", "wire"},
      {"fixed32", "fixed64", "JSON and wire"},
      {"float", "double", "wire"},
      {"double", "int32", "JSON and wire"},
      {"bool", "int32", "JSON"},
      {"string", "bytes", "JSON"},
      {"string", "int32", "JSON and wire"},
      {"E", "int32", "JSON"},
      {"int32", "E", "JSON"},
      {"E", "F", "JSON"},
      {"A", "string", "JSON and wire"},
      {"bytes", "A", "JSON and wire"},
      {"A", "B", "JSON and wire"},
      {"A", "google.protobuf.Timestamp", "JSON and wire"},
      {"google.protobuf.Timestamp", "google.protobuf.Any", "JSON and wire"},
      {"map<string, int32>", "map<string, sint32>", "wire"},
      {"map<int32, string>", "map<int64, string>", "JSON"},
      {"map<string, A>", "map<string, B>", "JSON and wire"},
      {"repeated int32", "repeated int64", "JSON"},
      {"google.protobuf.Timestamp", "google.protobuf.Timestamp", nullptr},
      {"map<string, A>", "map<string, A>", nullptr},
  };
  const auto full = [](std::string type) {
    for (const char* own : {"A", "B", "E", "F"}) {
      if (type == own) return fmt::format("t.{}", own);
      if (type == fmt::format("map<string, {}>", own)) return fmt::format("map<string, t.{}>", own);
    }
    return type;
  };
  const std::string beside =
      "message A { string a = 1; } message B { int32 a = 1; }"
      "enum E { E0 = 0; } enum F { F0 = 0; }";
  for (const TypeCase& test : kCases) {
    const auto changes = Diff(Served(fmt::format("{} f = 1;", test.before), beside),
                              Served(fmt::format("{} f = 1;", test.after), beside));
    if (test.broken == nullptr) {
      EXPECT_THAT(changes, IsEmpty());
    } else {
      EXPECT_THAT(changes,
                  ElementsAre(fmt::format("BREAKING type t.M.f: type changed from {} to {} ({})",
                                          full(test.before), full(test.after), test.broken)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Types, DescriptorDiffTest,
    ::testing::Values(
        DiffCase{
            "AMessageIsRenamed",
            Served("A f = 1; repeated A g = 2;", "message A { string x = 1; }"),
            Served("B f = 1; repeated B g = 2;", "message B { string x = 1; int32 y = 2; }"),
            {"info renamed t.A: message replaced by t.B, which keeps all that it has; its @type "
             "URL in Any changes",
             "info added t.A.y: field added: int32 = 2"}},
        DiffCase{
            "ARenamedMessageIsLookedInto",
            Served("A f = 1;", "message A { X x = 1; } message X { int32 v = 1; }"),
            Served("B f = 1;", "message B { Y x = 1; } message Y { int64 v = 1; }"),
            {"BREAKING type t.A.x: type changed from t.X to t.Y (JSON and wire)",
             "BREAKING removed t.X: message removed",
             "info renamed t.A: message replaced by t.B, which keeps all that it has; its @type "
             "URL in Any changes",
             "info added t.Y: message added"}},
        DiffCase{"AnEnumIsRenamed",
                 Served("E f = 1;", "enum E { V = 0; }"),
                 Served("F f = 1;", "enum F { V = 0; W = 1; }"),
                 {"info renamed t.E: enum replaced by t.F, which keeps all that it has",
                  "info added t.E.W: enum value added: 1"}},
        DiffCase{"EnumValues",
                 Served("E f = 1;", "enum E { A = 0; B = 1; C = 2; D = 3; }"),
                 Served("E f = 1;", "enum E { A = 0; B2 = 1; C = 5; N = 6; }"),
                 {"BREAKING renamed t.E.B: enum value renamed to B2 (JSON)",
                  "BREAKING number t.E.C: number changed from 2 to 5 (wire)",
                  "BREAKING removed t.E.D: enum value removed: 3 (JSON and wire)",
                  "info added t.E.N: enum value added: 6"}},
        DiffCase{"AnAliasIsAdded",
                 Served("E f = 1;", "enum E { A = 0; B = 1; }"),
                 Served("E f = 1;", "enum E { option allow_alias = true; A = 0; B = 1; C = 1; }"),
                 {"info options t.E: options changed", "info added t.E.C: enum value added: 1"}},
        DiffCase{"AliasesTradePlaces",
                 Served("E f = 1;", "enum E { option allow_alias = true; A = 0; B = 1; C = 1; }"),
                 Served("E f = 1;", "enum E { option allow_alias = true; A = 0; C = 1; B = 1; }"),
                 {"BREAKING renamed t.E.B: 1 is printed as C now (JSON)"}},
        DiffCase{"AnAliasIsPutFirst",
                 Served("E f = 1;", "enum E { A = 0; B = 1; }"),
                 Served("E f = 1;", "enum E { option allow_alias = true; A = 0; C = 1; B = 1; }"),
                 {"BREAKING renamed t.E.B: 1 is printed as C now (JSON)",
                  "info options t.E: options changed", "info added t.E.C: enum value added: 1"}},
        DiffCase{"WhatIsNotServed",
                 Served("", "message A { string x = 1; E e = 2; enum E { V = 0; } }"),
                 Served("", "message A { int32 x = 1; E e = 2; enum E { W = 0; } }"),
                 {"info renamed t.A.E.V: enum value renamed to W (JSON)",
                  "info type t.A.x: type changed from string to int32 (JSON and wire)"}},
        DiffCase{"WhatIsNotServedIsRemoved",
                 Served("", "message A { message Inner {} }"),
                 Served("", "message N { message Inner {} } enum E { V = 0; }"),
                 {"info removed t.A: message removed", "info added t.E: enum added",
                  "info added t.N: message added"}},
        DiffCase{"Recursive",
                 Served("M m = 1; A a = 2;", "message A { M m = 1; repeated A a = 2; }"),
                 Served("M m = 1; A a = 2;", "message A { M m = 1; repeated A b = 2; }"),
                 {"BREAKING renamed t.A.a: field renamed to b (JSON)"}},
        DiffCase{"Required",
                 Served("required int32 a = 1; optional int32 b = 2;", "", "proto2"),
                 Served("optional int32 a = 1; required int32 b = 2; required int32 c = 3;", "",
                        "proto2"),
                 {"BREAKING label t.M.a: no longer required (wire)",
                  "BREAKING label t.M.b: required now (wire)",
                  "BREAKING added t.M.c: required field added: int32 = 3"}},
        DiffCase{"Defaults",
                 Served("optional int32 a = 1 [default = 7];", "", "proto2"),
                 Served("optional int32 a = 1;", "", "proto2"),
                 {"BREAKING default t.M.a: default changed from \"7\" to none"}},
        DiffCase{"Openness",
                 Served("optional E e = 1;", "enum E { V = 0; }", "proto2"),
                 Served("optional E e = 1;", "enum E { V = 0; }"),
                 {"BREAKING openness t.E: open now: numbers without a name are values"}}),
    [](const auto& info) { return info.param.name; });

std::shared_ptr<const DescriptorSet> LoadFiles(const ProtoSources& sources) {
  DescriptorSetBuilder builder;
  builder.AddBytes("api.pb", CompileProtos(sources).SerializeAsString());
  return *std::move(builder).Build();
}

TEST(DescriptorDiffFilesTest, ThoseThatNoServiceImportsAreComparedToo) {
  const auto before = LoadFiles({{"a.proto", Served("int32 a = 1;")},
                                 {"b.proto", R"(syntax = "proto3"; package b; message B {})"}});
  const auto after = LoadFiles({{"a.proto", Served("int32 a = 1;")},
                                {"c.proto", R"(syntax = "proto3"; package c; message C {})"}});
  EXPECT_THAT(Show(DiffDescriptors(*before, *after)),
              ElementsAre("info removed b.B: message removed", "info added c.C: message added"));
}

// Where an element stands is nobody's concern.
TEST(DescriptorDiffFilesTest, AnElementMayMoveToAnotherFile) {
  const std::string a = R"(syntax = "proto3"; package t; message A { int32 x = 1; })";
  const std::string service = R"(service S { rpc Do(A) returns (A); })";
  EXPECT_THAT(DiffDescriptors(*LoadFiles({{"a.proto", a + service}}),
                              *LoadFiles({{"b.proto", a}, {"c.proto", R"(syntax = "proto3";
    package t; import "b.proto"; )" + service}})),
              IsEmpty());
}

// Each of many messages is renamed into each of many others.
TEST(DescriptorDiffTimeTest, GrowsWithTheSetsAlone) {
  constexpr int kTypes = 400;
  std::string before, after, fields_before, fields_after;
  std::string members;
  for (int i = 1; i <= 200; ++i) members += fmt::format("string f{} = {};", i, i);
  for (int i = 1; i <= kTypes; ++i) {
    before += fmt::format("message A{} {{ {} }}\n", i, i == 1 ? members : "");
    after += fmt::format("message B{} {{ {} }}\n", i, members);
    fields_before += fmt::format("A1 f{} = {};", i, i);
    fields_after += fmt::format("B{} f{} = {};", i, i, i);
  }
  const auto old_set = LoadProto(Served(fields_before, before));
  const auto new_set = LoadProto(Served(fields_after, before + after));
  const auto started = std::chrono::steady_clock::now();
  const auto changes = DiffDescriptors(*old_set, *new_set);
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5));
  int breaking = 0;
  for (const Change& change : changes) breaking += change.breaking;
  EXPECT_EQ(breaking, kTypes - 16);
}

}  // namespace
}  // namespace puente::testing

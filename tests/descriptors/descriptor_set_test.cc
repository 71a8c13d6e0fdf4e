#include "descriptors/descriptor_set.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/testdata/compile_protos.h"

namespace puente {
namespace {

using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;
using ::testing::AllOf;
using testing::CompileProtos;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using testing::Without;

constexpr char kMoney[] = R"(
  syntax = "proto3"; package money.v1;
  message Money { string currency_code = 1; int64 units = 2; })";
constexpr char kBilling[] = R"(
  syntax = "proto3"; package billing.v1;
  import "google/api/annotations.proto";
  import "google/protobuf/timestamp.proto";
  import "money.proto";
  message Invoice { string id = 1; money.v1.Money total = 2; google.protobuf.Timestamp due = 3; }
  service Billing {
    rpc Get(Invoice) returns (Invoice) { option (google.api.http) = {get: "/v1/invoices/{id}"}; }
  })";

const std::set<std::string> kBuiltIn = {"google/api/annotations.proto", "google/api/http.proto",
                                        "google/protobuf/descriptor.proto",
                                        "google/protobuf/timestamp.proto"};

FileDescriptorSet Billing() {
  return CompileProtos({{"billing.proto", kBilling}, {"money.proto", kMoney}});
}

using Sets = std::vector<std::pair<std::string, std::string>>;  // origin and bytes

struct Outcome {
  std::shared_ptr<const DescriptorSet> set;
  Problems problems;
};

Outcome Load(const Sets& sets) {
  Outcome outcome;
  DescriptorSetBuilder builder;
  for (const auto& [origin, bytes] : sets) {
    Problems problems = builder.AddBytes(origin, bytes);
    outcome.problems.insert(outcome.problems.end(), problems.begin(), problems.end());
  }
  auto built = std::move(builder).Build();
  if (built) {
    outcome.set = *built;
  } else {
    outcome.problems.insert(outcome.problems.end(), built.error().begin(), built.error().end());
  }
  return outcome;
}

std::vector<std::string> ServiceNames(const Outcome& outcome) {
  std::vector<std::string> names;
  if (outcome.set == nullptr) return names;
  for (const auto* service : outcome.set->services()) names.push_back(service->full_name());
  return names;
}

FileDescriptorProto File(const std::string& name, const std::vector<std::string>& imports) {
  FileDescriptorProto file;
  file.set_name(name);
  for (const std::string& import : imports) file.add_dependency(import);
  return file;
}

std::string SetOf(const std::vector<FileDescriptorProto>& files) {
  FileDescriptorSet set;
  for (const FileDescriptorProto& file : files) *set.add_file() = file;
  return set.SerializeAsString();
}

std::string SetWith(const std::function<void(FileDescriptorProto&)>& change) {
  FileDescriptorProto file = File("a.proto", {});
  change(file);
  return SetOf({file});
}

TEST(DescriptorSet, LoadsASetWithAllItsImports) {
  const Outcome outcome = Load({{"api.pb", Billing().SerializeAsString()}});
  EXPECT_THAT(outcome.problems, IsEmpty());
  EXPECT_THAT(ServiceNames(outcome), ElementsAre("billing.v1.Billing"));
}

TEST(DescriptorSet, LoadsASetWithoutTheBuiltInFiles) {
  const Outcome outcome = Load({{"api.pb", Without(Billing(), kBuiltIn).SerializeAsString()}});
  EXPECT_THAT(outcome.problems, IsEmpty());
  EXPECT_THAT(ServiceNames(outcome), ElementsAre("billing.v1.Billing"));
}

TEST(DescriptorSet, HoldsTheBuiltInTypesThatNothingImports) {
  const Outcome outcome =
      Load({{"api.pb", CompileProtos({{"money.proto", kMoney}}).SerializeAsString()}});
  ASSERT_NE(outcome.set, nullptr);
  for (const char* type : {"google.rpc.BadRequest", "google.rpc.Status", "google.api.HttpBody",
                           "google.protobuf.Any", "google.protobuf.FieldMask"}) {
    EXPECT_NE(outcome.set->pool().FindMessageTypeByName(type), nullptr) << type;
  }
}

TEST(DescriptorSet, MergesSetsInAnyOrder) {
  const std::string billing = Without(Billing(), {"money.proto"}).SerializeAsString();
  const std::string money = CompileProtos({{"money.proto", kMoney}}).SerializeAsString();
  for (const Sets& sets :
       {Sets{{"a.pb", billing}, {"b.pb", money}}, Sets{{"b.pb", money}, {"a.pb", billing}},
        Sets{{"a.pb", billing}, {"b.pb", money}, {"again.pb", billing}}}) {
    const Outcome outcome = Load(sets);
    EXPECT_THAT(outcome.problems, IsEmpty());
    EXPECT_THAT(ServiceNames(outcome), ElementsAre("billing.v1.Billing"));
  }
}

TEST(DescriptorSet, AcceptsFilesBeforeTheirImports) {
  FileDescriptorSet set = Billing();
  std::reverse(set.mutable_file()->begin(), set.mutable_file()->end());
  EXPECT_THAT(Load({{"api.pb", set.SerializeAsString()}}).problems, IsEmpty());
}

TEST(DescriptorSet, ServicesKeepTheOrderOfTheFiles) {
  const auto one = CompileProtos({{"z.proto", R"(syntax="proto3"; package z; service S {})"}});
  const auto two = CompileProtos({{"a.proto", R"(syntax="proto3"; package a; service S {})"}});
  const Outcome outcome =
      Load({{"1.pb", one.SerializeAsString()}, {"2.pb", two.SerializeAsString()}});
  EXPECT_THAT(ServiceNames(outcome), ElementsAre("z.S", "a.S"));
}

TEST(DescriptorSet, LoadsProto2) {
  const auto set = CompileProtos({{"old.proto", R"(
    syntax = "proto2"; package old;
    message M {
      required string id = 1 [default = "x"];
      optional group Part = 2 { optional int32 n = 1; }
      extensions 100 to 200;
    }
    extend M { optional string note = 100; }
    service S { rpc Do(M) returns (M); })"}});
  const Outcome outcome = Load({{"old.pb", set.SerializeAsString()}});
  EXPECT_THAT(outcome.problems, IsEmpty());
  EXPECT_THAT(ServiceNames(outcome), ElementsAre("old.S"));
}

TEST(DescriptorSet, TheSameFileTwiceIsNoConflict) {
  struct {
    const char* name;
    std::function<void(FileDescriptorProto&)> change;
  } const kCases[] = {
      {"as it is", [](auto&) {}},
      {"with source positions",
       [](auto& file) { file.mutable_source_code_info()->add_location()->add_span(1); }},
      {"with options of the file", [](auto& file) { file.mutable_options()->set_go_package("m"); }},
      {"without JSON names",
       [](auto& file) {
         for (auto& field : *file.mutable_message_type(0)->mutable_field()) field.clear_json_name();
       }},
      {"with an extension of the file format",
       [](auto& file) { file.GetReflection()->MutableUnknownFields(&file)->AddVarint(8042, 1); }},
  };
  const FileDescriptorSet set = CompileProtos({{"money.proto", kMoney}});
  for (const auto& c : kCases) {
    FileDescriptorSet changed = set;
    c.change(*changed.mutable_file(0));
    const Outcome outcome =
        Load({{"a.pb", set.SerializeAsString()}, {"b.pb", changed.SerializeAsString()}});
    EXPECT_THAT(outcome.problems, IsEmpty()) << c.name;
  }
}

TEST(DescriptorSet, RefusesDifferentFilesOfOneNameAndNamesBothSets) {
  struct {
    const char* name;
    std::function<void(FileDescriptorProto&)> change;
  } const kCases[] = {
      {"another field",
       [](auto& file) { file.mutable_message_type(0)->mutable_field(0)->set_name("code"); }},
      {"another number",
       [](auto& file) { file.mutable_message_type(0)->mutable_field(0)->set_number(9); }},
      {"a JSON name of its own",
       [](auto& file) { file.mutable_message_type(0)->mutable_field(0)->set_json_name("code"); }},
      {"a message more", [](auto& file) { file.add_message_type()->set_name("More"); }},
      {"other options of a message",
       [](auto& file) { file.mutable_message_type(0)->mutable_options()->set_deprecated(true); }},
      {"another package", [](auto& file) { file.set_package("money.v2"); }},
  };
  const FileDescriptorSet set = CompileProtos({{"money.proto", kMoney}});
  for (const auto& c : kCases) {
    FileDescriptorSet changed = set;
    c.change(*changed.mutable_file(0));
    const Outcome outcome =
        Load({{"a.pb", set.SerializeAsString()}, {"b.pb", changed.SerializeAsString()}});
    EXPECT_THAT(outcome.problems,
                ElementsAre(AllOf(HasSubstr("money.proto"), HasSubstr("a.pb"), HasSubstr("b.pb"))))
        << c.name;
  }
}

TEST(DescriptorSet, RefusesOneFileTwiceInOneSetWhenTheyDiffer) {
  FileDescriptorProto other = File("a.proto", {});
  other.set_package("other");
  EXPECT_THAT(Load({{"a.pb", SetOf({File("a.proto", {}), other})}}).problems,
              ElementsAre(HasSubstr("a.pb: holds a.proto twice")));
}

TEST(DescriptorSet, KeepsTheLargerOfTwoVersionsOfABuiltInFile) {
  FileDescriptorSet newer = Billing();
  for (FileDescriptorProto& file : *newer.mutable_file()) {
    if (file.name() == "google/api/http.proto") file.add_message_type()->set_name("Newer");
  }
  const std::string older = Billing().SerializeAsString();
  for (const Sets& sets : {Sets{{"a.pb", older}, {"b.pb", newer.SerializeAsString()}},
                           Sets{{"b.pb", newer.SerializeAsString()}, {"a.pb", older}}}) {
    const Outcome outcome = Load(sets);
    EXPECT_THAT(outcome.problems, IsEmpty());
    ASSERT_NE(outcome.set, nullptr);
    EXPECT_NE(outcome.set->pool().FindMessageTypeByName("google.api.Newer"), nullptr);
  }
}

TEST(DescriptorSet, ASetsOwnCopyOfABuiltInFileGoesFirst) {
  FileDescriptorSet set = Billing();
  for (FileDescriptorProto& file : *set.mutable_file()) {
    if (file.name() == "google/protobuf/timestamp.proto") {
      file.mutable_message_type(0)->mutable_field(0)->set_json_name("s");
    }
  }
  const Outcome outcome = Load({{"api.pb", set.SerializeAsString()}});
  ASSERT_NE(outcome.set, nullptr);
  const auto* timestamp = outcome.set->pool().FindMessageTypeByName("google.protobuf.Timestamp");
  EXPECT_EQ(timestamp->field(0)->json_name(), "s");
}

TEST(DescriptorSet, ABuiltInTypeMayStandInAFileOfAnotherName) {
  const auto set = CompileProtos({{"third_party/status.proto", R"(
    syntax = "proto3"; package google.rpc; message Status { int32 code = 1; })"}});
  const Outcome outcome = Load({{"api.pb", set.SerializeAsString()}});
  EXPECT_THAT(outcome.problems, IsEmpty());
  ASSERT_NE(outcome.set, nullptr);
  EXPECT_NE(outcome.set->pool().FindMessageTypeByName("google.rpc.BadRequest"), nullptr);
}

TEST(DescriptorSet, AMissingImportNamesTheSetTheFileTheImportAndTheRemedy) {
  const auto set = Without(Billing(), {"money.proto"});
  EXPECT_THAT(Load({{"api.pb", set.SerializeAsString()}}).problems,
              ElementsAre(AllOf(StartsWith("api.pb: billing.proto imports money.proto"),
                                HasSubstr("protoc --include_imports"), HasSubstr("buf build"))));
}

TEST(DescriptorSet, ReportsAllMissingImportsAndErrorsAtOnce) {
  FileDescriptorProto broken = File("broken.proto", {});
  broken.add_message_type()->set_name("not a name");
  const Outcome outcome = Load({{"api.pb", SetOf({File("a.proto", {"x.proto", "y.proto"}),
                                                  File("needs_a.proto", {"a.proto"}), broken})}});
  EXPECT_THAT(outcome.problems,
              ElementsAre(HasSubstr("x.proto"), HasSubstr("y.proto"), HasSubstr("broken.proto")));
}

TEST(DescriptorSet, AnUndefinedTypeNamesTheFieldAndTheType) {
  const auto bytes = SetWith([](FileDescriptorProto& file) {
    auto* message = file.add_message_type();
    message->set_name("M");
    auto* field = message->add_field();
    field->set_name("f");
    field->set_number(1);
    field->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    field->set_type_name(".no.Such");
  });
  EXPECT_THAT(
      Load({{"api.pb", bytes}}).problems,
      ElementsAre(AllOf(StartsWith("api.pb: a.proto: "), HasSubstr("M.f"), HasSubstr("no.Such"))));
}

TEST(DescriptorSet, FilesThatImportEachOtherInACircleAreNamed) {
  EXPECT_THAT(
      Load({{"api.pb", SetOf({File("a.proto", {"b.proto"}), File("b.proto", {"c.proto"}),
                              File("c.proto", {"a.proto"}), File("d.proto", {"d.proto"})})}})
          .problems,
      ElementsAre(HasSubstr("a.proto imports b.proto imports c.proto imports a.proto"),
                  HasSubstr("d.proto imports d.proto")));
}

TEST(DescriptorSet, AChainOfImportsHasALimitAndCostsNoStack) {
  std::vector<FileDescriptorProto> files;
  for (int i = 0; i < 20000; ++i) {
    files.push_back(File("f" + std::to_string(i) + ".proto", {}));
    if (i > 0) {
      files.back().add_dependency("f" + std::to_string(i - 1) + ".proto");
      files.back().add_public_dependency(0);
    }
  }
  std::reverse(files.begin(), files.end());
  EXPECT_THAT(Load({{"api.pb", SetOf(files)}}).problems,
              ElementsAre(HasSubstr("f1000.proto: its imports nest deeper than 1000 files")));
}

TEST(DescriptorSet, WhatIsNoDescriptorSetIsNamed) {
  struct {
    const char* name;
    std::string bytes;
    std::vector<std::string> says;
  } const kCases[] = {
      {"empty", "", {"api.pb: is empty"}},
      {"a source", kMoney, {"api.pb: is a .proto source", "protoc --include_imports"}},
      {"JSON", " {\"file\": []}", {"api.pb: is JSON", "protoc --include_imports"}},
      {"a JSON list", "[1, 2]", {"is JSON"}},
      {"other text", "hello, world\n", {"is text"}},
      {"text with a line break first", "\nhello, world\n", {"is text"}},
      {"another binary",
       std::string("\x7f"
                   "ELF\0\1\2\3",
                   8),
       {"another kind of file"}},
      {"a line break", "\n", {"truncated"}},
      {"a file without a name", SetWith([](auto& file) { file.clear_name(); }), {"no name"}},
  };
  for (const auto& c : kCases) {
    DescriptorSetBuilder builder;
    const Problems problems = builder.AddBytes("api.pb", c.bytes);
    ASSERT_THAT(problems, SizeIs(1)) << c.name;
    EXPECT_THAT(problems[0], StartsWith("api.pb: ")) << c.name;
    for (const std::string& part : c.says) EXPECT_THAT(problems[0], HasSubstr(part)) << c.name;
  }
}

TEST(DescriptorSet, ABrokenHttpOptionIsNamedWithItsMethod) {
  constexpr int kHttp = 72295728;
  for (const std::string rule : {"\x12\x05/a", "\xff", "\x12\x01\xff", "\x42"}) {
    FileDescriptorSet set = Billing();
    for (FileDescriptorProto& file : *set.mutable_file()) {
      if (file.name() != "billing.proto") continue;
      auto& options = *file.mutable_service(0)->mutable_method(0)->mutable_options();
      options.Clear();
      options.GetReflection()->MutableUnknownFields(&options)->AddLengthDelimited(kHttp, rule);
    }
    DescriptorSetBuilder builder;
    EXPECT_THAT(builder.AddBytes("api.pb", set.SerializeAsString()),
                ElementsAre(AllOf(StartsWith("api.pb: "), HasSubstr("google.api.http"),
                                  HasSubstr("billing.v1.Billing.Get"))));
  }
}

TEST(DescriptorSet, ASetCutAnywhereIsRefusedOrShorter) {
  const FileDescriptorSet set = Billing();
  const std::string bytes = set.SerializeAsString();
  std::set<std::size_t> file_ends;
  FileDescriptorSet begun;
  for (const auto& file : set.file()) {
    *begun.add_file() = file;
    file_ends.insert(begun.ByteSizeLong());
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    DescriptorSetBuilder builder;
    const Problems problems = builder.AddBytes("api.pb", bytes.substr(0, size));
    EXPECT_EQ(problems.empty(), file_ends.contains(size)) << size;
    if (!problems.empty()) continue;
    EXPECT_TRUE(std::move(builder).Build()) << size;
  }
}

TEST(DescriptorSet, NestingDeeperThanProtobufParsesIsRefused) {
  FileDescriptorProto file = File("a.proto", {});
  auto* message = file.add_message_type();
  message->set_name("M");
  for (int depth = 0; depth < 200; ++depth) {
    message = message->add_nested_type();
    message->set_name("M");
  }
  EXPECT_THAT(Load({{"api.pb", SetOf({file})}}).problems,
              ElementsAre(HasSubstr("not a complete FileDescriptorSet")));
}

TEST(DescriptorSet, RefusesWhatProtobufWouldRecurseOn) {
  EXPECT_THAT(Load({{"api.pb", SetWith([](auto& file) {
                       std::string package = "a";
                       for (int i = 0; i < 100000; ++i) package += ".a";
                       file.set_package(package);
                     })}})
                  .problems,
              ElementsAre(HasSubstr("its package name is too long")));
  EXPECT_THAT(Load({{"api.pb", SetWith([](auto& file) {
                       auto* option = file.add_service()->mutable_options();
                       file.mutable_service(0)->set_name("S");
                       option->add_uninterpreted_option()->set_aggregate_value("a { a {");
                     })}})
                  .problems,
              ElementsAre(HasSubstr("did not interpret")));
}

TEST(DescriptorSet, SaysThatEditionsAreNotKnown) {
  EXPECT_THAT(Load({{"api.pb", SetWith([](auto& file) { file.set_syntax("editions"); })}}).problems,
              ElementsAre(AllOf(HasSubstr("api.pb: "), HasSubstr("uses Protobuf editions"),
                                HasSubstr("`syntax = \"proto3\"`"))));
}

class DescriptorSetFile : public ::testing::Test {
 protected:
  DescriptorSetFile() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string("puente_descriptor_set_") + test->name());
    std::filesystem::create_directories(folder_);
  }
  ~DescriptorSetFile() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(DescriptorSetFile, IsRead) {
  const auto file = folder_ / "api.pb";
  std::ofstream(file, std::ios::binary) << Billing().SerializeAsString();
  DescriptorSetBuilder builder;
  EXPECT_THAT(builder.AddFile(file), IsEmpty());
  EXPECT_TRUE(std::move(builder).Build());
}

TEST_F(DescriptorSetFile, ThatCannotBeReadIsNamedWithTheReason) {
  DescriptorSetBuilder builder;
  EXPECT_THAT(builder.AddFile(folder_ / "none.pb"),
              ElementsAre(AllOf(StartsWith((folder_ / "none.pb").string()),
                                HasSubstr("No such file or directory"))));
  EXPECT_THAT(builder.AddFile(folder_), ElementsAre(HasSubstr("it is a directory")));
  std::ofstream(folder_ / "empty.pb");
  EXPECT_THAT(builder.AddFile(folder_ / "empty.pb"), ElementsAre(HasSubstr("is empty")));
}

}  // namespace
}  // namespace puente

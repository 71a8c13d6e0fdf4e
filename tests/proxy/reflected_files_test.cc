#include "proxy/upstream/reflected_files.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>

#include "proxy/presentable.h"

namespace puente {
namespace {

using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;
using testing::ElementsAre;
using testing::HasSubstr;

// "a.proto" with the package "a", this service and these imports.
FileDescriptorProto File(const std::string& name, const std::vector<std::string>& imports = {},
                         const std::string& service = {}) {
  FileDescriptorProto file;
  file.set_name(name);
  file.set_package(name.substr(0, name.find('.')));
  for (const std::string& import : imports) file.add_dependency(import);
  if (!service.empty()) file.add_service()->set_name(service);
  return file;
}

FileDescriptorProto Packaged(const std::string& name, const std::string& package,
                             const std::string& service) {
  FileDescriptorProto file = File(name, {}, service);
  file.set_package(package);
  return file;
}

ServerReflectionResponse Services(const std::vector<std::string>& names) {
  ServerReflectionResponse response;
  auto* list = response.mutable_list_services_response();
  for (const std::string& name : names) list->add_service()->set_name(name);
  return response;
}

ServerReflectionResponse Files(const std::vector<FileDescriptorProto>& files) {
  ServerReflectionResponse response;
  auto* list = response.mutable_file_descriptor_response();
  for (const auto& file : files) list->add_file_descriptor_proto(file.SerializeAsString());
  return response;
}

ServerReflectionResponse Refusal(int code, const std::string& message) {
  ServerReflectionResponse response;
  response.mutable_error_response()->set_error_code(code);
  response.mutable_error_response()->set_error_message(message);
  return response;
}

// What a server was asked, as "services", "service a.A" or "file a.proto".
std::string Describe(const ServerReflectionRequest& request) {
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kListServices:
      return "services";
    case ServerReflectionRequest::kFileContainingSymbol:
      return "service " + request.file_containing_symbol();
    case ServerReflectionRequest::kFileByFilename:
      return "file " + request.file_by_filename();
    default:
      return "something else";
  }
}

using Answers = std::map<std::string, ServerReflectionResponse>;

struct Conversation {
  std::vector<std::string> questions;
  std::string error;  // "" when it came to its end
  FileDescriptorSet set;
  std::string bytes;
  std::string missing;
};

// What is not in `answers` is NOT_FOUND.
Conversation Converse(const Answers& answers, ReflectionLimits limits = {}) {
  Conversation result;
  ReflectedFiles files(limits);
  while (const auto request = files.NextRequest()) {
    ServerReflectionRequest parsed;
    EXPECT_TRUE(parsed.ParseFromString(*request));
    result.questions.push_back(Describe(parsed));
    const auto answer = answers.find(result.questions.back());
    const auto taken = files.Take(
        (answer == answers.end() ? Refusal(5, "not here") : answer->second).SerializeAsString());
    if (!taken) {
      result.error = taken.error();
      return result;
    }
  }
  auto set = std::move(files).Finish();
  if (!set) {
    result.error = set.error();
    return result;
  }
  EXPECT_TRUE(result.set.ParseFromString(set->bytes));
  EXPECT_EQ(static_cast<int>(set->files), result.set.file_size());
  result.bytes = set->bytes;
  result.missing = set->missing;
  return result;
}

std::vector<std::string> NamesOf(const FileDescriptorSet& set) {
  std::vector<std::string> names;
  for (const auto& file : set.file()) names.push_back(file.name());
  return names;
}

TEST(ReflectedFiles, AsksUntilEveryImportIsThere) {
  const auto talk = Converse({
      {"services", Services({"a.A"})},
      {"service a.A", Files({File("a.proto", {"c.proto", "b.proto"}, "A")})},
      {"file b.proto", Files({File("b.proto", {"d.proto"})})},
      {"file c.proto", Files({File("c.proto", {"d.proto"})})},
      {"file d.proto", Files({File("d.proto")})},
  });
  EXPECT_EQ(talk.error, "");
  EXPECT_THAT(talk.questions, ElementsAre("services", "service a.A", "file b.proto", "file c.proto",
                                          "file d.proto"));
  EXPECT_THAT(NamesOf(talk.set), ElementsAre("a.proto", "b.proto", "c.proto", "d.proto"));
}

TEST(ReflectedFiles, AsksForNothingThatCameAlong) {
  const auto talk = Converse({
      {"services", Services({"b.B", "a.A"})},
      {"service a.A", Files({File("b.proto", {"c.proto"}, "B"), File("c.proto"),
                             File("a.proto", {"b.proto"}, "A")})},
  });
  EXPECT_EQ(talk.error, "");
  EXPECT_THAT(talk.questions, ElementsAre("services", "service a.A"));
}

TEST(ReflectedFiles, TheOrderOfTheAnswersDoesNotMatter) {
  const auto a = File("a.proto", {"c.proto"}, "A");
  const auto b = File("b.proto", {"c.proto"}, "B");
  const auto c = File("c.proto");
  const auto one = Converse({{"services", Services({"a.A", "b.B"})},
                             {"service a.A", Files({a, c})},
                             {"service b.B", Files({c, b})}});
  const auto other = Converse({{"services", Services({"b.B", "a.A", "a.A"})},
                               {"service a.A", Files({a, b, a})},
                               {"file c.proto", Files({c})}});
  EXPECT_EQ(one.error + other.error, "");
  EXPECT_EQ(one.bytes, other.bytes);
}

TEST(ReflectedFiles, PositionsInSourcesDoNotCount) {
  auto with_positions = File("a.proto", {}, "A");
  with_positions.mutable_source_code_info()->add_location()->add_path(4);
  const auto plain = Converse(
      {{"services", Services({"a.A"})}, {"service a.A", Files({File("a.proto", {}, "A")})}});
  const auto located =
      Converse({{"services", Services({"a.A"})},
                {"service a.A", Files({with_positions, File("a.proto", {}, "A")})}});
  EXPECT_EQ(plain.error + located.error, "");
  EXPECT_EQ(plain.bytes, located.bytes);
}

TEST(ReflectedFiles, ServicesOfGrpcItselfAreNotAskedFor) {
  const auto talk = Converse({
      {"services", Services({"grpc.reflection.v1alpha.ServerReflection", "grpc.health.v1.Health",
                             "grpc.channelz.v1.Channelz", "grpc.admin.v1.Admin",
                             "grpc.reflection.v1.ServerReflection", "a.A", "grpc.examples.E"})},
      {"service a.A", Files({File("a.proto", {}, "A")})},
      {"service grpc.examples.E", Files({Packaged("e.proto", "grpc.examples", "E")})},
  });
  EXPECT_EQ(talk.error, "");
  EXPECT_THAT(talk.questions, ElementsAre("services", "service a.A", "service grpc.examples.E"));
  EXPECT_THAT(NamesOf(talk.set), ElementsAre("a.proto", "e.proto"));
}

TEST(ReflectedFiles, ServicesOfGrpcItselfAreNotServedWhereTheyComeAlong) {
  const auto talk =
      Converse({{"services", Services({"a.A"})},
                {"service a.A", Files({File("a.proto", {"h.proto"}, "A"),
                                       Packaged("h.proto", "grpc.health.v1", "Health")})}});
  EXPECT_EQ(talk.error, "");
  ASSERT_THAT(NamesOf(talk.set), ElementsAre("a.proto", "h.proto"));
  EXPECT_EQ(talk.set.file(1).service_size(), 0);
}

TEST(ReflectedFiles, AServiceWithoutADescriptorStopsNoOther) {
  const auto talk = Converse({{"services", Services({"b.B", "a.A", "c.C"})},
                              {"service a.A", Files({File("a.proto", {}, "A")})}});
  EXPECT_EQ(talk.error, "");
  EXPECT_EQ(talk.missing, "b.B, c.C");
  EXPECT_THAT(NamesOf(talk.set), ElementsAre("a.proto"));
  EXPECT_EQ(Converse({{"services", Services({"b.B", "c.C"})}}).error,
            "its reflection has no descriptors of the services that it lists: b.B, c.C");
}

TEST(ReflectedFiles, OptionsOfAFileDoNotCount) {
  auto other = File("a.proto", {}, "A");
  other.mutable_options()->set_go_package("example.com/a");
  const auto talk = Converse(
      {{"services", Services({"a.A"})}, {"service a.A", Files({other, File("a.proto", {}, "A")})}});
  EXPECT_EQ(talk.error, "");
}

TEST(ReflectedFiles, WellKnownImportsMayBeUnknownToTheServer) {
  const auto talk = Converse({
      {"services", Services({"a.A"})},
      {"service a.A", Files({File("a.proto",
                                  {"google/protobuf/empty.proto", "google/api/annotations.proto",
                                   "google/protobuf/any.proto"},
                                  "A"),
                             File("google/protobuf/any.proto")})},
  });
  EXPECT_EQ(talk.error, "");
  EXPECT_THAT(talk.questions,
              ElementsAre("services", "service a.A", "file google/api/annotations.proto",
                          "file google/protobuf/empty.proto"));
  EXPECT_THAT(NamesOf(talk.set), ElementsAre("a.proto", "google/protobuf/any.proto"));
}

ServerReflectionResponse Bytes(const std::string& bytes) {
  ServerReflectionResponse response;
  response.mutable_file_descriptor_response()->add_file_descriptor_proto(bytes);
  return response;
}

FileDescriptorProto OtherFile(const std::string& name) {
  auto file = File(name);
  file.set_syntax("proto3");
  return file;
}

TEST(ReflectedFiles, WhatIsWrongNamesTheServiceOrTheFile) {
  const auto listed = Services({"a.A"});
  const auto good = Files({File("a.proto", {"b.proto"}, "A")});
  const struct {
    Answers answers;
    std::string error;
  } cases[] = {
      {{}, "asked for its services, its reflection answered NOT_FOUND: not here"},
      {{{"services", Refusal(99, "")}}, "asked for its services, its reflection answered UNKNOWN"},
      {{{"services", Files({})}}, "asked for its services, its reflection answered something else"},
      {{{"services", {}}}, "asked for its services, its reflection answered something else"},
      {{{"services", Services({})}}, "its reflection lists no services but gRPC's own"},
      {{{"services", Services({"grpc.health.v1.Health"})}},
       "its reflection lists no services but gRPC's own"},
      {{{"services", Services({""})}}, "its reflection lists a service called ''"},
      {{{"services", Services({"a\nb"})}}, "its reflection lists a service called 'a b'"},
      {{{"services", listed}},
       "its reflection has no descriptors of the services that it lists: a.A"},
      {{{"services", listed}, {"service a.A", Refusal(13, "bad\x1b[2Jday\n")}},
       "asked for the service a.A, its reflection answered INTERNAL: bad [2Jday "},
      {{{"services", listed}, {"service a.A", Services({"b.B"})}},
       "asked for the service a.A, its reflection answered something else"},
      {{{"services", listed}, {"service a.A", Files({})}},
       "asked for the service a.A, its reflection answered other files"},
      {{{"services", listed}, {"service a.A", Bytes("\x0a\xff")}},
       "asked for the service a.A, its reflection answered what is no file descriptor"},
      {{{"services", listed}, {"service a.A", Bytes("")}},
       "asked for the service a.A, its reflection answered what is no file descriptor"},
      {{{"services", listed}, {"service a.A", Files({File("a\nb.proto")})}},
       "asked for the service a.A, its reflection answered what is no file descriptor"},
      {{{"services", listed}, {"service a.A", Files({File("a.proto", {""}, "A")})}},
       "a.proto imports a file called ''"},
      {{{"services", listed}, {"service a.A", good}},
       "asked for b.proto, which a.proto imports, its reflection answered NOT_FOUND: not here"},
      {{{"services", listed}, {"service a.A", good}, {"file b.proto", Files({File("c.proto")})}},
       "asked for b.proto, which a.proto imports, its reflection answered other files"},
      {{{"services", listed},
        {"service a.A", good},
        {"file b.proto", Files({File("b.proto", {"c.proto"}), OtherFile("a.proto")})}},
       "its reflection gives two different files called a.proto"},
      {{{"services", listed}, {"service a.A", good}, {"file b.proto", Bytes("b.proto")}},
       "asked for b.proto, which a.proto imports, its reflection answered what is no file "
       "descriptor"},
  };
  for (const auto& c : cases) EXPECT_EQ(Converse(c.answers).error, c.error);
}

TEST(ReflectedFiles, BytesThatAreNoAnswerAreRefused) {
  for (const std::string& bytes :
       {std::string("\x32"), std::string("garbage"), std::string(100, '\xff')}) {
    ReflectedFiles files;
    files.NextRequest();
    const auto taken = files.Take(bytes);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error(),
              "asked for its services, its reflection answered what is no "
              "ServerReflectionResponse");
  }
}

TEST(ReflectedFiles, TextOfTheServerIsCutAndKeptInOneLine) {
  const auto talk = Converse({{"services", Refusal(5, std::string(100'000, 'x') + "\n")}});
  EXPECT_LT(talk.error.size(), 400U);
  EXPECT_EQ(Presentable("a\r\nb\x7f\xff"), "a  b \xef\xbf\xbd");
}

TEST(ReflectedFiles, FilesThatNeverEndAreGivenUp) {
  ReflectedFiles files({.files = 100});
  std::string error;
  int asked = 0;
  while (const auto request = files.NextRequest()) {
    ServerReflectionRequest parsed;
    parsed.ParseFromString(*request);
    ServerReflectionResponse answer;
    if (asked == 0) {
      answer = Services({"a.A"});
    } else {
      const std::string name = asked == 1 ? "a.proto" : parsed.file_by_filename();
      answer = Files({File(name, {fmt::format("{}.proto", asked)}, "A")});
    }
    ++asked;
    const auto taken = files.Take(answer.SerializeAsString());
    if (taken) continue;
    error = taken.error();
    break;
  }
  EXPECT_THAT(error, HasSubstr("its reflection leads to more than 100 files; "));
  EXPECT_LE(asked, 101);
}

TEST(ReflectedFiles, ListsAndImportsAreBounded) {
  std::vector<std::string> many;
  for (int i = 0; i <= 100; ++i) many.push_back(fmt::format("s{}", i));
  EXPECT_EQ(Converse({{"services", Services(many)}}, {.files = 100}).error,
            "its reflection lists more than 100 services");
  EXPECT_THAT(Converse({{"services", Services({"a.A"})},
                        {"service a.A", Files({File("a.proto", many, "A")})}},
                       {.files = 100})
                  .error,
              HasSubstr("its reflection leads to more than 100 files"));
}

TEST(ReflectedFiles, BytesOfAllAnswersTogetherAreBounded) {
  auto large = File("a.proto", {"b.proto"}, "A");
  large.mutable_options()->set_java_package(std::string(600, 'x'));
  auto larger = File("b.proto");
  larger.mutable_options()->set_java_package(std::string(600, 'y'));
  const Answers answers{{"services", Services({"a.A"})},
                        {"service a.A", Files({large})},
                        {"file b.proto", Files({larger})}};
  EXPECT_EQ(Converse(answers, {.bytes = 1000}).error,
            "its reflection gives more than 1000 bytes of descriptors");
  EXPECT_EQ(Converse(answers, {.bytes = 2000}).error, "");
}

}  // namespace
}  // namespace puente

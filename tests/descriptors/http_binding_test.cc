#include "descriptors/http_binding.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "descriptors/descriptor_set.h"
#include "google/api/http.pb.h"
#include "tests/testdata/compile_protos.h"

namespace puente {
namespace {

using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;
using testing::CompileProtos;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::LoadProto;

std::string Source(const std::string& options) {
  return R"(
    syntax = "proto3"; package shop.v1;
    import "google/api/annotations.proto";
    message M { string id = 1; }
    service Shop { rpc Get(M) returns (M) { )" +
         options + " } }";
}

// "2: GET /v1/{id} body=* response_body=x", one for each binding.
std::vector<std::string> Bindings(const google::protobuf::MethodDescriptor& method) {
  std::vector<std::string> lines;
  for (const HttpBinding& binding : ReadHttpBindings(method)) {
    std::string line =
        std::to_string(binding.index) + ": " + binding.http_method + " " + binding.path_template;
    if (!binding.body.empty()) line += " body=" + binding.body;
    if (!binding.response_body.empty()) line += " response_body=" + binding.response_body;
    if (binding.has_nested_bindings) line += " nested";
    lines.push_back(std::move(line));
  }
  return lines;
}

TEST(HttpBinding, ReadsEveryPattern) {
  struct {
    const char* option;
    std::vector<std::string> expected;
  } const kCases[] = {
      {"", {}},
      {"option deprecated = true;", {}},
      {R"(option (google.api.http) = {get: "/v1/{id}"};)", {"0: GET /v1/{id}"}},
      {R"(option (google.api.http) = {put: "/a" body: "*"};)", {"0: PUT /a body=*"}},
      {R"(option (google.api.http) = {post: "/a" body: "id"};)", {"0: POST /a body=id"}},
      {R"(option (google.api.http) = {delete: "/a"};)", {"0: DELETE /a"}},
      {R"(option (google.api.http) = {patch: "/a" response_body: "id"};)",
       {"0: PATCH /a response_body=id"}},
      {R"(option (google.api.http) = {custom: {kind: "HEAD" path: "/a"}};)", {"0: HEAD /a"}},
      {R"(option (google.api.http) = {custom: {kind: "*" path: "/a"}};)", {"0: * /a"}},
      {R"(option (google.api.http) = {body: "*"};)", {"0:   body=*"}},
      {R"(option (google.api.http).get = "/a";)", {"0: GET /a"}},
      {R"(option (google.api.http) = {
            get: "/a"
            additional_bindings {post: "/b" body: "*"}
            additional_bindings {get: "/c" additional_bindings {get: "/d"}}
          };)",
       {"0: GET /a", "1: POST /b body=*", "2: GET /c nested"}},
  };
  for (const auto& c : kCases) {
    const auto set = LoadProto(Source(c.option));
    ASSERT_NE(set, nullptr) << c.option;
    EXPECT_EQ(Bindings(*set->services()[0]->method(0)), c.expected) << c.option;
  }
}

// What a set's own copies of the option's files look like in the wild.
struct OwnCopy {
  const char* name;
  void (*change)(FileDescriptorProto& file);
};

class HttpBindingOwnCopy : public ::testing::TestWithParam<OwnCopy> {};

TEST_P(HttpBindingOwnCopy, TheOptionIsFoundAllTheSame) {
  FileDescriptorSet set = CompileProtos(
      {{"api.proto", Source(R"(option (google.api.http) = {get: "/v1/{id}" body: "id"};)")}});
  for (FileDescriptorProto& file : *set.mutable_file()) GetParam().change(file);
  DescriptorSetBuilder builder;
  EXPECT_THAT(builder.AddBytes("api.pb", set.SerializeAsString()), IsEmpty());
  const auto built = std::move(builder).Build();
  ASSERT_TRUE(built) << ::testing::PrintToString(built.error());
  EXPECT_THAT(Bindings(*(*built)->services()[0]->method(0)),
              ElementsAre("0: GET /v1/{id} body=id"));
}

void AddField(FileDescriptorProto& file, const char* message_name, const char* name, int number) {
  for (auto& message : *file.mutable_message_type()) {
    if (message.name() != message_name) continue;
    auto* field = message.add_field();
    field->set_name(name);
    field->set_number(number);
    field->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    field->set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sets, HttpBindingOwnCopy,
    ::testing::Values(
        OwnCopy{"TheSame", [](FileDescriptorProto&) {}},
        OwnCopy{"NewerHttpProto",
                [](FileDescriptorProto& file) { AddField(file, "HttpRule", "newer", 4711); }},
        OwnCopy{"NewerDescriptorProto",
                [](FileDescriptorProto& file) { AddField(file, "MethodOptions", "newer", 32); }},
        OwnCopy{"AnotherNameOfTheOption",
                [](FileDescriptorProto& file) {
                  if (file.name() == "google/api/annotations.proto") {
                    file.mutable_extension(0)->set_name("http_rule");
                    file.mutable_extension(0)->clear_json_name();
                  }
                }},
        OwnCopy{"UnknownFieldsOnly",
                [](FileDescriptorProto& file) {
                  if (file.name() != "google/api/http.proto") return;
                  for (auto& message : *file.mutable_message_type()) {
                    message.clear_field();
                    message.clear_oneof_decl();
                  }
                }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(HttpBinding, AnUnknownFieldOfARuleDoesNoHarm) {
  FileDescriptorSet set =
      CompileProtos({{"api.proto", Source(R"(option (google.api.http) = {get: "/a"};)")}});
  for (FileDescriptorProto& file : *set.mutable_file()) {
    if (file.name() != "api.proto") continue;
    auto* options = file.mutable_service(0)->mutable_method(0)->mutable_options();
    options->GetReflection()->MutableUnknownFields(options)->AddVarint(99999, 7);
  }
  DescriptorSetBuilder builder;
  EXPECT_THAT(builder.AddBytes("api.pb", set.SerializeAsString()), IsEmpty());
  const auto built = std::move(builder).Build();
  ASSERT_TRUE(built);
  EXPECT_THAT(Bindings(*(*built)->services()[0]->method(0)), ElementsAre("0: GET /a"));
}

TEST(HttpBinding, TheAutomaticOneIsThePathOfTheCall) {
  const auto set = LoadProto(Source(""));
  const HttpBinding binding = AutomaticBinding(*set->services()[0]->method(0));
  EXPECT_EQ(binding.http_method, "POST");
  EXPECT_EQ(binding.path_template, "/shop.v1.Shop/Get");
  EXPECT_EQ(binding.body, "*");
  EXPECT_TRUE(binding.automatic);
}

TEST(BindingsOfRule, AreThoseOfTheRuleWhateverTheAnnotation) {
  const auto set = LoadProto(Source(R"(option (google.api.http) = {get: "/v1/{id}"};)"));
  const auto& method = *set->services()[0]->method(0);
  google::api::HttpRule rule;
  rule.set_selector("any.thing");
  rule.set_patch("/v2/{id}");
  rule.set_body("*");
  auto& additional = *rule.add_additional_bindings();
  additional.mutable_custom()->set_kind("SEARCH");
  additional.mutable_custom()->set_path("/v2");
  additional.set_response_body("x");
  const auto bindings = BindingsOfRule(method, rule, "rules.yaml:3");
  ASSERT_EQ(bindings.size(), 2u);
  EXPECT_EQ(bindings[0].method, &method);
  EXPECT_EQ(bindings[0].body, "*");
  EXPECT_FALSE(bindings[0].automatic);
  EXPECT_EQ(bindings[0].Describe(), "shop.v1.Shop.Get (PATCH /v2/{id}, rules.yaml:3)");
  EXPECT_EQ(bindings[1].index, 1);
  EXPECT_EQ(bindings[1].response_body, "x");
  EXPECT_EQ(bindings[1].Describe(), "shop.v1.Shop.Get (SEARCH /v2, rules.yaml:3)");
}

TEST(HttpBinding, DescribesItself) {
  const auto set = LoadProto(Source(R"(option (google.api.http) = {get: "/v1/{id}"};)"));
  const auto& method = *set->services()[0]->method(0);
  EXPECT_EQ(ReadHttpBindings(method)[0].Describe(), "shop.v1.Shop.Get (GET /v1/{id})");
  EXPECT_EQ(AutomaticBinding(method).Describe(),
            "shop.v1.Shop.Get (POST /shop.v1.Shop/Get, automatic)");
  HttpBinding empty;
  empty.method = &method;
  empty.index = 2;
  EXPECT_EQ(empty.Describe(), "shop.v1.Shop.Get (HTTP rule 2)");
}

}  // namespace
}  // namespace puente

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>

#include "tests/descriptors/diff_fixture.h"

namespace puente::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A service with these methods.
std::string Api(const std::string& methods, const std::string& beside = "") {
  return fmt::format(R"(syntax = "proto3"; package t;
import "google/api/annotations.proto";
service S {{ {} }}
message A {{ string id = 1; B b = 2; }}
message B {{ string name = 1; }}
{})",
                     methods, beside);
}

std::string WithRule(const std::string& method, const std::string& rule) {
  return fmt::format("rpc {}(A) returns (B) {{ option (google.api.http) = {{ {} }}; }}", method,
                     rule);
}

std::string Rule(const std::string& rule) { return Api(WithRule("Do", rule)); }

// A method with these types.
std::string Empties(const std::string& request, const std::string& response) {
  return fmt::format(R"(syntax = "proto3"; package t;
import "google/protobuf/empty.proto";
import "google/protobuf/timestamp.proto";
service S {{ rpc Do({}) returns ({}); }}
message A {{ string id = 1; }})",
                     request, response);
}

class ServiceDiffTest : public ::testing::TestWithParam<DiffCase> {};

TEST_P(ServiceDiffTest, Tells) {
  EXPECT_THAT(Diff(GetParam().before, GetParam().after), ElementsAreArray(GetParam().changes));
}

INSTANTIATE_TEST_SUITE_P(
    Services, ServiceDiffTest,
    ::testing::Values(
        DiffCase{"MethodRemoved",
                 Api("rpc Do(A) returns (B); rpc Go(A) returns (B);"),
                 Api("rpc Do(A) returns (B);"),
                 {"BREAKING removed t.S.Go: method removed"}},
        DiffCase{"MethodAdded",
                 Api("rpc Do(A) returns (B);"),
                 Api("rpc Do(A) returns (B); rpc Go(A) returns (B);"),
                 {"info added t.S.Go: method added"}},
        DiffCase{"ServiceRenamed",
                 Api("", "service Old { rpc Do(A) returns (B); }"),
                 Api("", "service New { rpc Do(A) returns (B); }"),
                 {"BREAKING removed t.Old: service removed", "info added t.New: service added"}},
        DiffCase{"Streaming",
                 Api("rpc Do(A) returns (B); rpc Go(stream A) returns (stream B);"),
                 Api("rpc Do(stream A) returns (stream B); rpc Go(A) returns (stream B);"),
                 {"BREAKING streaming t.S.Do: requests are a stream now",
                  "BREAKING streaming t.S.Do: responses are a stream now",
                  "BREAKING streaming t.S.Go: requests are no stream now"}},
        DiffCase{"OtherMessages",
                 Api("rpc Do(A) returns (B);"),
                 Api("rpc Do(B) returns (A);"),
                 {"BREAKING type t.S.Do: request type changed from t.A to t.B (JSON and wire)",
                  "BREAKING type t.S.Do: response type changed from t.B to t.A (JSON and wire)"}},
        DiffCase{
            "RenamedMessages",
            Api("rpc Do(A) returns (B);"),
            Api("rpc Do(A) returns (C);", "message C { string name = 1; }"),
            {"info renamed t.B: message replaced by t.C, which keeps all that it has; its @type "
             "URL in Any changes",
             "info type t.S.Do: response type changed from t.B to t.C, which keeps all that it "
             "has"}},
        DiffCase{"FromEmpty",
                 Empties("google.protobuf.Empty", "google.protobuf.Empty"),
                 Empties("t.A", "google.protobuf.Timestamp"),
                 {"BREAKING type t.S.Do: response type changed from google.protobuf.Empty to "
                  "google.protobuf.Timestamp (JSON and wire)",
                  "info type t.S.Do: request type changed from google.protobuf.Empty to t.A, which "
                  "keeps all that it has"}},
        DiffCase{"MethodDeprecated",
                 Api("rpc Do(A) returns (B);"),
                 Api("rpc Do(A) returns (B) { option deprecated = true; }"),
                 {"info options t.S.Do: deprecated"}},
        DiffCase{"RuleAdded",
                 Api("rpc Do(A) returns (B);"),
                 Rule("get: '/v1/{id}'"),
                 {"info http_rule t.S.Do: HTTP rule added: GET /v1/{id}"}},
        DiffCase{"RuleOfANewMethod",
                 Api("rpc Do(A) returns (B);"),
                 Api("rpc Do(A) returns (B);" + WithRule("Go", "post: '/v1/x' body: '*'")),
                 {"info added t.S.Go: method added",
                  "info http_rule t.S.Go: HTTP rule added: POST /v1/x body \"*\""}},
        DiffCase{"RuleOfANewMethodTakesPaths",
                 Rule("get: '/v1/{id}'"),
                 Api(WithRule("Do", "get: '/v1/{id}'") + WithRule("Go", "get: '/v1/latest'")),
                 {"BREAKING http_rule t.S.Go: HTTP rule added: GET /v1/latest; takes /v1/latest "
                  "from GET /v1/{id}",
                  "info added t.S.Go: method added"}},
        DiffCase{"RuleRemoved",
                 Rule("get: '/v1/{id}'"),
                 Api("rpc Do(A) returns (B);"),
                 {"BREAKING http_rule t.S.Do: HTTP rule removed: GET /v1/{id}"}},
        DiffCase{"RuleMethod",
                 Rule("put: '/v1/{id}' body: '*'"),
                 Rule("patch: '/v1/{id}' body: '*'"),
                 {"BREAKING http_rule t.S.Do: HTTP rule removed: PUT /v1/{id} body \"*\"",
                  "info http_rule t.S.Do: HTTP rule added: PATCH /v1/{id} body \"*\""}},
        DiffCase{
            "RuleBody",
            Rule("post: '/v1' body: '*'"),
            Rule("post: '/v1' body: 'b' response_body: 'name'"),
            {"BREAKING http_rule t.S.Do: HTTP rule changed from POST /v1 body \"*\" to POST /v1 "
             "body \"b\" response_body \"name\""}},
        DiffCase{
            "RuleBindingsAsASet",
            Rule("get: '/a' additional_bindings { get: '/b' } additional_bindings { get: '/c' }"),
            Rule("get: '/c' additional_bindings { get: '/d' } additional_bindings { get: '/a' }"),
            {"BREAKING http_rule t.S.Do: HTTP rule removed: GET /b",
             "info http_rule t.S.Do: HTTP rule added: GET /d"}},
        DiffCase{"RuleOfAnotherVariable",
                 Rule("get: '/v1/{id}'"),
                 Rule("get: '/v1/{b.name}'"),
                 {"BREAKING http_rule t.S.Do: HTTP rule removed: GET /v1/{id}",
                  "info http_rule t.S.Do: HTTP rule added: GET /v1/{b.name}"}},
        DiffCase{"RuleSpelledOut", Rule("get: '/v1/{id}'"), Rule("get: '/v1/{id=*}'"), {}},
        DiffCase{"RuleOfARenamedField",
                 Rule("get: '/v1/{b.name=x/**}:go' body: 'b'"),
                 R"(syntax = "proto3"; package t;
import "google/api/annotations.proto";
service S { rpc Do(A) returns (B) {
  option (google.api.http) = { get: "/v1/{c.title=x/**}:go" body: "c" }; } }
message A { string id = 1; B c = 2; }
message B { string title = 1; })",
                 {"BREAKING renamed t.A.b: field renamed to c (JSON)",
                  "BREAKING renamed t.B.name: field renamed to title (JSON)"}}),
    [](const auto& info) { return info.param.name; });

TEST(ServiceDiffPathsTest, ANewRuleTakesPathsFromTheOneThatServedThem) {
  const struct {
    const char* old_rules;
    const char* new_rule;
    const char* owner;  // nullptr: none
  } kCases[] = {
      {"get: '/v1/{id}'", "get: '/v1/latest'", "GET /v1/{id}"},
      {"get: '/v1/{id=x/*}'", "get: '/v1/x/latest'", "GET /v1/{id=x/*}"},
      {"get: '/v1/{id=**}'", "get: '/v1/a/b'", "GET /v1/{id=**}"},
      {"get: '/v1/{id=**}/end'", "get: '/v1/a/{b.name}/end'", "GET /v1/{id=**}/end"},
      {"get: '/v1/{id=**}'", "get: '/v1/{id}'", "GET /v1/{id=**}"},
      {"get: '/v1/{id}/{b.name}' additional_bindings { get: '/v1/a/{id}' }", "get: '/v1/a/b'",
       "GET /v1/a/{id}"},
      {"get: '/v1/{id}:go'", "get: '/v1/x:go'", "GET /v1/{id}:go"},
      {"custom: { kind: '*' path: '/v1/{id}' }", "get: '/v1/x'", "* /v1/{id}"},
      {"get: '/v1/{id}'", "post: '/v1/latest'", nullptr},
      {"get: '/v1/{id}'", "get: '/v1/latest:go'", nullptr},
      {"get: '/v1/{id}'", "get: '/v1/a/b'", nullptr},
      {"get: '/v1/{id}'", "get: '/v2/latest'", nullptr},
      {"get: '/v1/latest'", "get: '/v1/{id}'", nullptr},
      {"get: '/v1/{id}'", "get: '/v1/{id=**}'", nullptr},
      {"get: '/v1/{id}' additional_bindings { get: '/v1/x' }", "get: '/v1/x'", nullptr},
      {"get: '/v1/{id}' additional_bindings { get: '{{/:}/a}=' }", "get: '}{/=:{'", nullptr},
  };
  for (const auto& c : kCases) {
    const auto lines =
        Diff(Rule(c.old_rules), Api(WithRule("Do", c.old_rules) + WithRule("Go", c.new_rule)));
    ASSERT_EQ(lines.size(), 2U) << c.new_rule;
    const std::string added = "http_rule t.S.Go: HTTP rule added: ";
    if (c.owner == nullptr) {
      EXPECT_THAT(lines, Contains(AllOf(StartsWith("info " + added), Not(HasSubstr("takes")))))
          << c.new_rule;
    } else {
      EXPECT_THAT(lines[0], AllOf(StartsWith("BREAKING " + added),
                                  EndsWith(std::string(" from ") + c.owner)));
    }
  }
}

// What its methods took alone is served no more.
TEST(ServiceDiffRemovalTest, ARemovedMethodIsOneChange) {
  EXPECT_THAT(
      Diff(Api("rpc Do(A) returns (B);"), R"(syntax = "proto3"; package t; service S {})"),
      ElementsAre("BREAKING removed t.S.Do: method removed", "info removed t.A: message removed",
                  "info removed t.B: message removed"));
}

}  // namespace
}  // namespace puente::testing

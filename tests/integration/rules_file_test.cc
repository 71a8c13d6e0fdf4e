// `transcoding.rules`: HTTP rules that stand in a file of their own (design section 3).
#include <filesystem>

#include "tests/integration/binary_under_test.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"
#include "tests/support/temp_dir.h"

namespace puente::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr char kListUsers[] = "/users.v1.UserService/ListUsers";

std::string Document(const std::string& rules) {
  return "type: google.api.Service\nconfig_version: 3\nhttp:\n  rules:\n" + rules;
}

class RulesFile : public testing::Test {
 protected:
  RulesFile() {
    upstream_.OnUnary(kGetInvoice, [](const UnaryRequest& request) {
      return UnaryReply{.bytes = request.bytes};
    });
    upstream_.OnUnary(kListUsers, UnaryReply{});
  }

  // The configuration has `more` behind it.
  std::string Config(const std::string& rules_file, const std::string& transcoding,
                     const std::string& more = {}) {
    return ExampleConfig(
        fmt::format("upstreams: [{{name: examples, grpc: {{target: \"{}\"}}}}]\n"
                    "transcoding: {{rules: \"{}\"{}}}\n{}",
                    upstream_.target(), rules_file, transcoding, more));
  }

  ProxyUnderTest Start(const std::string& rules, const std::string& transcoding = {}) {
    return ProxyUnderTest::FromConfig(Config(dir_.Write("rules.yaml", rules), transcoding));
  }

  // A configuration in the folder of the rules, which it names without their folder.
  std::string WriteConfig(const std::string& rules, const std::string& more = {}) {
    dir_.Write("rules.yaml", rules);
    return dir_.Write("puente.yaml", Config("rules.yaml", "", more));
  }

  std::string Check(const std::string& rules) {
    const Finished run = RunBinary({"check", "--config", WriteConfig(rules)});
    EXPECT_EQ(run.exit_code, 1);
    return run.errors;
  }

  TempDir dir_;
  FakeUpstream upstream_;
};

TEST_F(RulesFile, ServesAMethodWithoutAnAnnotation) {
  const auto proxy =
      Start(Document("  - selector: users.v1.UserService.ListUsers\n"
                     "    get: /v3/people\n"));
  EXPECT_THAT(proxy.Get("/v3/people?pageSize=3"), IsJson("{}"));
  EXPECT_EQ(upstream_.Calls().at(0).requests.at(0), "\x08\x03");
  EXPECT_THAT(proxy.Post(kListUsers, "{}"), IsJson("{}"));
}

TEST_F(RulesFile, OverridesTheAnnotationsOfItsMethodWholly) {
  const auto proxy = Start(Document(R"(  - selector: billing.v1.BillingService.GetInvoice
    get: /v9/{id=bills/*}
    additional_bindings:
    - custom: {kind: SEARCH, path: "/v9/{id}:find"}
      response_body: id
)"));
  EXPECT_THAT(proxy.Get("/v9/bills/7"), IsJson(R"({"id":"bills/7"})"));
  EXPECT_THAT(proxy.Connect().Request("SEARCH", "/v9/7:find"), IsJson(R"("7")"));
  EXPECT_THAT(proxy.Get("/v1/invoices/7"), IsError(404, 5));
  EXPECT_THAT(proxy.Get("/v1/invoices"), IsError(501, 12)) << "another method keeps its own";
}

TEST_F(RulesFile, TheLastRuleForAMethodCounts) {
  const auto proxy = Start(
      Document("  - {selector: billing.v1.BillingService.GetInvoice, get: '/first/{id}'}\n"
               "  - {selector: billing.v1.BillingService.GetInvoice, get: '/second/{id}'}\n"));
  EXPECT_THAT(proxy.Get("/first/7"), IsError(404, 5));
  EXPECT_THAT(proxy.Get("/second/7"), IsJson(R"({"id":"7"})"));
}

TEST_F(RulesFile, AMethodWithARuleIsNotInferred) {
  const auto proxy =
      Start(Document("  - {selector: users.v1.UserService.ListUsers, get: /v3/people}\n"),
            ", auto_routes: REST");
  EXPECT_THAT(proxy.Get("/v3/people"), IsJson("{}"));
  EXPECT_EQ(proxy.Get("/users").status, 405) << "CreateUser is POST /users";
}

TEST_F(RulesFile, AnUnknownMethodIsNamedAtItsLineWithTheNearest) {
  const std::string errors =
      Check(Document("  - {selector: users.v1.UserService.ListUser, get: /a}\n"
                     "  - selector: far.away.from.Everything\n    get: /b\n"));
  EXPECT_THAT(errors, HasSubstr(dir_.File("rules.yaml") +
                                ":5:6: http.rules[0].selector: the descriptors have no method "
                                "`users.v1.UserService.ListUser`; did you mean "
                                "`users.v1.UserService.ListUsers`?\n"));
  EXPECT_THAT(errors, HasSubstr("rules.yaml:6:5: http.rules[1].selector: the descriptors have no "
                                "method `far.away.from.Everything`\n"));
  EXPECT_THAT(errors, HasSubstr("2 problems found"));
}

TEST_F(RulesFile, AMethodThatIsNotServedIsNamedAtItsLine) {
  const std::string rules = dir_.Write(
      "rules.yaml", Document("  - {selector: users.v1.UserService.ListUsers, get: /v3/people}\n"));
  const std::string config =
      dir_.Write("puente.yaml", Config("rules.yaml", ", services: [billing.v1.BillingService]"));
  const Finished run = RunBinary({"check", "--config", config});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.errors,
              HasSubstr(rules + ":5:6: http.rules[0].selector: `users.v1.UserService.ListUsers` is "
                                "not served: `transcoding.services` leaves out "
                                "`users.v1.UserService`\n"));
}

TEST_F(RulesFile, AMistakeIsNamedAtItsLine) {
  EXPECT_THAT(Check(Document("  - selector: users.v1.UserService.ListUsers\n    gett: /a\n")),
              HasSubstr(dir_.File("rules.yaml") +
                        ":6:5: http.rules[0].gett: unknown key; did you mean `get`?\n"));
}

TEST_F(RulesFile, WhatItsRoutesGetWrongNamesMethodTemplateAndLine) {
  EXPECT_THAT(
      Check(Document("  - {selector: users.v1.UserService.ListUsers, get: '/a/{nope}'}\n")),
      HasSubstr(fmt::format("users.v1.UserService.ListUsers (GET /a/{{nope}}, {}:5): path variable "
                            "'nope'",
                            dir_.File("rules.yaml"))));
  EXPECT_THAT(
      Check(Document("  - {selector: users.v1.UserService.ListUsers, get: /v1/invoices}\n")),
      AllOf(HasSubstr("billing.v1.BillingService.ListInvoices (GET /v1/invoices)"),
            HasSubstr("users.v1.UserService.ListUsers (GET /v1/invoices, "),
            HasSubstr("the same route twice")));
}

TEST_F(RulesFile, AFileThatIsNotThereIsNamedAtTheKeyThatNamesIt) {
  const std::string config = WriteConfig("");
  std::filesystem::remove(dir_.File("rules.yaml"));
  const Finished run = RunBinary({"check", "--config", config});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.errors, HasSubstr("puente.yaml:5:15: transcoding.rules: "));
  EXPECT_THAT(run.errors, HasSubstr("rules.yaml: can't be read: No such file or directory"));
}

TEST_F(RulesFile, ProblemsOfBothFilesAreToldTogether) {
  const std::string config =
      WriteConfig(Document("  - {selector: '*', get: /a}\n"), "upstream: x\n");
  const Finished run = RunBinary({"check", "--config", config});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.errors, HasSubstr("puente.yaml:6:1: upstream: unknown key"));
  EXPECT_THAT(run.errors, HasSubstr("rules.yaml:5:6: http.rules[0].selector: expected"));
}

TEST_F(RulesFile, IsCheckedAlsoWhenTheDescriptorsCannotBeRead) {
  const std::string rules = dir_.Write("rules.yaml", Document("  - {selector: a.B.C}\n"));
  const Finished run =
      RunBinary({"check", "--config",
                 dir_.Write("puente.yaml",
                            "listeners: [{address: \"127.0.0.1:0\"}]\n"
                            "descriptors: {files: [missing.pb]}\n"
                            "upstreams: [{name: examples, grpc: {target: \"127.0.0.1:1\"}}]\n"
                            "transcoding: {rules: rules.yaml}\n")});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.errors, HasSubstr("puente.yaml:2:23: descriptors.files[0]: "));
  EXPECT_THAT(run.errors, HasSubstr(rules + ":5:5: http.rules[0]: needs `get`"));
}

TEST_F(RulesFile, CheckListsItsRoutes) {
  const Finished run = RunBinary(
      {"check", "--config",
       WriteConfig(Document("  - {selector: users.v1.UserService.ListUsers, get: /v3/people}\n"))});
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_THAT(run.output, HasSubstr("/v3/people"));
}

}  // namespace
}  // namespace puente::test

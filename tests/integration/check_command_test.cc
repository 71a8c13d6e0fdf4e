// `puente check` and `puente routes`, `--version` and `--help` (design section 2).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "examples/json_subset.h"
#include "tests/integration/binary_under_test.h"
#include "tests/integration/proxy_under_test.h"
#include "tests/support/temp_dir.h"

namespace puente::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// The smallest useful file, without its last line end.
std::string GoodConfig() {
  return fmt::format(
      "listeners: [{{name: rest, address: \"127.0.0.1:8080\"}}]\n"
      "admin: {{address: \"127.0.0.1:9901\"}}\n"
      "descriptors: {{files: [\"{}\"]}}\n"
      "upstreams: [{{name: billing, grpc: {{target: \"127.0.0.1:50051\"}}}}]",
      ExampleDescriptors());
}

TEST(CheckCommandTest, Version) {
  const Finished run = RunBinary({"--version"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.output, testing::MatchesRegex("puente [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(run.errors, "");
}

TEST(CheckCommandTest, HelpNamesEveryCommand) {
  const Finished run = RunBinary({"--help"});
  EXPECT_EQ(run.exit_code, 0);
  for (const char* command : {"run", "check", "routes", "explain", "diff", "--version"}) {
    EXPECT_THAT(run.output, HasSubstr(command));
  }
  const Finished of_run = RunBinary({"run", "--help"});
  EXPECT_EQ(of_run.exit_code, 0);
  for (const char* option : {"--config", "--descriptors", "--upstream", "--listen", "--admin"}) {
    EXPECT_THAT(of_run.output, HasSubstr(option));
  }
}

TEST(CheckCommandTest, BadUsageIs2AndSaysWhy) {
  const std::pair<std::vector<std::string>, const char*> kCases[] = {
      {{}, "run, check, routes, explain or diff"},
      {{"walk"}, "walk"},
      {{"--frobnicate"}, "frobnicate"},
      {{"run", "--frobnicate"}, "frobnicate"},
      {{"run"}, "--config"},
      {{"run", "--descriptors", "a.pb"}, "--upstream"},
      {{"run", "--config", "a.yaml", "--listen", "127.0.0.1:0"}, "--config"},
      {{"run", "--config"}, "--config"},
      {{"check"}, "--config"},
      {{"check", "--config", "a.yaml", "b.yaml"}, "b.yaml"},
      {{"routes"}, "--config"},
      {{"routes", "--config", "a.yaml", "--descriptors", "a.pb"}, "--config"},
  };
  for (const auto& [arguments, says] : kCases) {
    const Finished run = RunBinary(arguments);
    EXPECT_EQ(run.exit_code, 2) << fmt::format("{}", says);
    EXPECT_THAT(run.errors, HasSubstr(says));
    EXPECT_EQ(run.output, "");
  }
}

TEST(CheckCommandTest, AGoodFilePrintsItsRoutes) {
  const TempDir dir;
  const Finished run = RunBinary({"check", "--config", dir.Write("puente.yaml", GoodConfig())});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.errors, "");
  EXPECT_THAT(run.output, HasSubstr("GET"));
  EXPECT_THAT(run.output, HasSubstr("/v1/invoices/{id}"));
  EXPECT_THAT(run.output, HasSubstr("billing.v1.BillingService.WatchInvoices  server stream"));
}

// Whether `errors` has exactly these lines, each beginning with "FILE:LINE:" and holding its text.
void ExpectProblems(const std::string& errors, const std::string& file,
                    const std::vector<std::pair<int, std::string>>& expected) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < errors.size();) {
    const auto end = std::min(errors.find('\n', at), errors.size());
    lines.push_back(errors.substr(at, end - at));
    at = end + 1;
  }
  ASSERT_EQ(lines.size(), expected.size() + 1) << errors;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_THAT(lines[i], StartsWith(fmt::format("{}:{}:", file, expected[i].first)));
    EXPECT_THAT(lines[i], HasSubstr(expected[i].second));
  }
  EXPECT_EQ(lines.back(), fmt::format("puente: {} problems found", expected.size()));
}

TEST(CheckCommandTest, FiveMistakesOfAFileAreAllPrinted) {
  const TempDir dir;
  const std::string file = dir.Write("puente.yaml", fmt::format(R"(listeners:
- name: rest
  adress: 127.0.0.1:8080
admin: {{address: "nowhere"}}
descriptors: {{files: ["{}"]}}
upstreams:
- name: billing
  grpc: {{target: "127.0.0.1:50051", load_balancing: RANDOM}}
limits: {{header_timeout: soon, max_headers: -1}}
)",
                                                                ExampleDescriptors()));
  const Finished run = RunBinary({"check", "--config", file});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.output, "");
  ExpectProblems(run.errors, file,
                 {{3, "listeners[0].adress: unknown key; did you mean `address`?"},
                  {4, "admin.address: "},
                  {8, "upstreams[0].grpc.load_balancing: "},
                  {9, "limits.header_timeout: "},
                  {9, "limits.max_headers: "}});
}

TEST(CheckCommandTest, MistakesOfAllLayersArePrintedTogether) {
  const TempDir dir;
  const std::string file = dir.Write("puente.yaml", R"(listeners:
- name: rest
  address: 127.0.0.1:8080
  tls: {certificate: missing.crt, private_key: missing.key}
workers: many
admin: {address: "127.0.0.1:9901"}
descriptors:
  files: [missing.pb]
upstreams:
- name: billing
  grpc: {target: "127.0.0.1:50051"}
  colour: blue
cors: {allow_origins: ["app.example"]}
auth: {default: {none: true}}
)");
  const Finished run = RunBinary({"check", "--config", file});
  EXPECT_EQ(run.exit_code, 1);
  ExpectProblems(run.errors, file,
                 {{4, "listeners[0].tls.certificate: "},
                  {4, "listeners[0].tls.private_key: "},
                  {5, "workers: "},
                  {8, "descriptors.files[0]: "},
                  {12, "upstreams[0].colour: unknown key"},
                  {13, "cors.allow_origins[0]: expected an origin"},
                  {14, "auth: "}});
  EXPECT_THAT(run.errors, HasSubstr("missing.crt: No such file or directory"));
  EXPECT_THAT(run.errors, HasSubstr("missing.key: No such file or directory"));
  EXPECT_THAT(run.errors, HasSubstr("missing.pb"));
  EXPECT_THAT(run.errors, HasSubstr("not supported yet"));
}

TEST(CheckCommandTest, WhatIsWrongIsSaidOnce) {
  const TempDir dir;
  const std::string file = dir.Write("puente.yaml", GoodConfig() + R"(
routes:
- match: {service: billing.v1.NoService}
  upstream: nobody
)");
  const Finished run = RunBinary({"check", "--config", file});
  EXPECT_EQ(run.exit_code, 1);
  ExpectProblems(
      run.errors, file,
      {{6, "the descriptors have no service `billing.v1.NoService`"}, {7, "routes[0].upstream: "}});
}

TEST(CheckCommandTest, AListenerWithoutItsKeysIsSaidOnce) {
  const TempDir dir;
  const std::string file =
      dir.Write("puente.yaml", fmt::format(R"(listeners: [{{name: rest, address: "127.0.0.1:8080",
  tls: {{}}}}]
descriptors: {{files: ["{}"]}}
upstreams: [{{name: billing, grpc: {{target: "127.0.0.1:50051"}}}}]
)",
                                           ExampleDescriptors()));
  const Finished run = RunBinary({"check", "--config", file});
  EXPECT_EQ(run.exit_code, 1);
  ExpectProblems(run.errors, file,
                 {{2, "listeners[0].tls.certificate: is missing"},
                  {2, "listeners[0].tls.private_key: is missing"}});
}

TEST(CheckCommandTest, AFileThatIsNotThereIsNamed) {
  const Finished run = RunBinary({"check", "--config", "/no/such/file.yaml"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.errors, HasSubstr("/no/such/file.yaml"));
}

TEST(CheckCommandTest, ADescriptorFileThatIsBrokenIsNamed) {
  const TempDir dir;
  const Finished run =
      RunBinary({"routes", "--descriptors", dir.Write("broken.pb", "\x0a\xff\xff\xff")});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.errors, HasSubstr("broken.pb"));
  EXPECT_EQ(run.output, "");
}

TEST(CheckCommandTest, RoutesAsTextAndAsJson) {
  const TempDir dir;
  const std::string config = dir.Write("puente.yaml", GoodConfig());
  const Finished text = RunBinary({"routes", "--descriptors", ExampleDescriptors()});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_THAT(text.output, HasSubstr("/v1/invoices/{id}"));
  EXPECT_EQ(RunBinary({"routes", "--config", config}).output, text.output);
  EXPECT_EQ(RunBinary({"check", "--config", config}).output, text.output);

  const Finished json = RunBinary({"routes", "--json", "--descriptors", ExampleDescriptors()});
  EXPECT_EQ(json.exit_code, 0);
  EXPECT_EQ(examples::FindJsonDifference("{}", json.output), std::nullopt);
  EXPECT_THAT(json.output, HasSubstr("\"/v1/invoices/{id}\""));
  EXPECT_EQ(RunBinary({"routes", "--json", "--config", config}).output, json.output);
}

}  // namespace
}  // namespace puente::test

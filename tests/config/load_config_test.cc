#include "config/load_config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/duration_text.h"

namespace puente {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

std::optional<std::string> TestEnvironment(std::string_view name) {
  if (name == "PORT") return "8080";
  if (name == "TIMEOUT") return "7s";
  if (name == "FLAG") return "true";
  if (name == "CODEC") return "DYNAMIC";
  if (name == "YAML") return "{name: evil}";
  if (name == "CONTROL") return "a\nb";
  if (name == "SECRET") return "hunter2";
  return std::nullopt;
}

LoadResult Parse(std::string_view text) {
  return ParseConfig(text, "puente.yaml", TestEnvironment);
}

std::vector<std::string> ProblemsOf(std::string_view text) {
  std::vector<std::string> texts;
  for (const Problem& problem : Parse(text).problems) texts.push_back(ToString(problem));
  return texts;
}

// Lines 1 to 4 of a file that is right; what a test adds begins at line 5.
constexpr std::string_view kSound =
    "listeners: [{name: rest, address: '127.0.0.1:8080'}]\n"
    "admin: {address: '127.0.0.1:9901'}\n"
    "descriptors: {files: [api.pb]}\n"
    "upstreams: [{name: billing, grpc: {target: '127.0.0.1:50051'}}]\n";

std::string With(std::string_view more) { return std::string(kSound) + std::string(more); }

TEST(LoadConfigTest, TheSmallestUsefulFileIsComplete) {
  const LoadResult result = Parse(kSound);
  EXPECT_TRUE(result.ok());
  const config::Config& config = result.loaded.config;
  ASSERT_EQ(config.listeners_size(), 1);
  EXPECT_EQ(config.listeners(0).name(), "rest");
  EXPECT_EQ(config.listeners(0).protocol(), config::Listener::PROTOCOL_HTTP);
  EXPECT_FALSE(config.listeners(0).has_tls());
  EXPECT_EQ(config.descriptors().files(0), "api.pb");
  EXPECT_EQ(config.upstreams(0).grpc().target(), "127.0.0.1:50051");
  EXPECT_EQ(config.upstreams(0).grpc().max_receive_message_bytes(), 52428800u);
  EXPECT_EQ(config.limits().max_request_body_bytes(), 4194304u);
  EXPECT_EQ(ToChrono(config.drain().timeout()), 25s);
  EXPECT_EQ(config.transcoding().auto_routes(), config::Transcoding::AUTO_ROUTES_RPC);
  EXPECT_EQ(config.telemetry().log().level(), config::Log::LEVEL_INFO);
}

TEST(LoadConfigTest, EveryKindOfValueIsRead) {
  const LoadResult result = Parse(With(R"(
workers: 3
drain: {delay: 250ms, timeout: 1m30s}
trusted_proxies: [10.0.0.0/8, "::1"]
headers_with_underscores: REJECT
transcoding:
  services: [billing.v1.BillingService]
  json:
    always_print_fields_with_no_presence: true
    int64_as_number: true
    unknown_fields: IGNORE
    unknown_query: WARN
    ignored_query_parameters: [utm_source, "a b"]
limits: {max_request_body_bytes: 1048576}
)"));
  EXPECT_TRUE(result.ok()) << ToString(result.problems[0]);
  const config::Config& config = result.loaded.config;
  EXPECT_EQ(config.workers(), 3u);
  EXPECT_EQ(ToChrono(config.drain().delay()), 250ms);
  EXPECT_EQ(ToChrono(config.drain().timeout()), 90s);
  EXPECT_THAT(config.trusted_proxies(), ElementsAre("10.0.0.0/8", "::1"));
  EXPECT_EQ(config.headers_with_underscores(), config::HEADERS_WITH_UNDERSCORES_REJECT);
  EXPECT_THAT(config.transcoding().services(), ElementsAre("billing.v1.BillingService"));
  const config::Json& json = config.transcoding().json();
  EXPECT_TRUE(json.always_print_fields_with_no_presence());
  EXPECT_FALSE(json.print_enums_as_ints());
  EXPECT_TRUE(json.int64_as_number());
  EXPECT_EQ(json.unknown_fields(), config::Json::UNKNOWN_IGNORE);
  EXPECT_EQ(json.unknown_query(), config::Json::UNKNOWN_WARN);
  EXPECT_THAT(json.ignored_query_parameters(), ElementsAre("utm_source", "a b"));
  EXPECT_EQ(config.limits().max_request_body_bytes(), 1048576u);
}

TEST(LoadConfigTest, FiveDifferentMistakesAreAllReportedWithTheirLines) {
  EXPECT_THAT(ProblemsOf(R"(listeners:
- name: rest
  address: 127.0.0.1
workers: many
descriptors:
  files: [api.pb]
limits:
  max_json_depth: 5000
upstreams:
- name: billing
  grpc:
    targt: 127.0.0.1:50051
routes:
- match: {service: billing.v1.BillingService}
  upstream: biling
)"),
              ElementsAre("puente.yaml:3:3: listeners[0].address: expected an IP address and a "
                          "port, such as `127.0.0.1:8080`, `0.0.0.0:8080` or `[::1]:8080`, or "
                          "`unix:/path`",
                          "puente.yaml:4:1: workers: expected a whole number from 0 to "
                          "4294967295, found `many`",
                          "puente.yaml:8:3: limits.max_json_depth: must be at most 1000",
                          "puente.yaml:12:5: upstreams[0].grpc.targt: unknown key; did you mean "
                          "`target`?",
                          "puente.yaml:15:3: routes[0].upstream: there is no upstream with this "
                          "name; did you mean `billing`?"));
}

struct MistakeCase {
  std::string_view text;
  std::string_view problem;  // after "puente.yaml:"
};

void ExpectOneProblem(const MistakeCase& c) {
  EXPECT_THAT(ProblemsOf(With(c.text)), ElementsAre(HasSubstr(std::string(c.problem)))) << c.text;
}

TEST(LoadConfigTest, UnknownKeysAreNamedWithWhatWasMeant) {
  const MistakeCase cases[] = {
      {"worker: 3", ":5:1: worker: unknown key; did you mean `workers`?"},
      {"limits: {maxJsonDepth: 3}",
       ":5:10: limits.maxJsonDepth: unknown key; did you mean `max_json_depth`?"},
      {"drain: {dealy: 3s}", ":5:9: drain.dealy: unknown key; did you mean `delay`?"},
      {"header_timeout: 3s", ":5:1: header_timeout: unknown key; it belongs in `limits`"},
      {"drain: {workers: 3}",
       ":5:9: drain.workers: unknown key; it belongs at the top of the file"},
      {"drain: {banana: 3}",
       ":5:9: drain.banana: unknown key; the keys here are `delay` and `timeout`"},
      {"drain: {\"a\\nb\": 3}",
       ":5:9: drain.(key): unknown key; the keys here are `delay` and `timeout`"},
  };
  for (const MistakeCase& c : cases) ExpectOneProblem(c);
}

TEST(LoadConfigTest, ValuesOfTheWrongKindSayWhatIsExpectedAndWhatWasFound) {
  const MistakeCase cases[] = {
      {"drain: 5s", ":5:1: drain: expected a section with keys, found a single value"},
      {"drain: [5s]", ":5:1: drain: expected a section with keys, found a list"},
      {"drain:", ":5:1: drain: expected a section with keys, found nothing"},
      {"drain: {delay: }", ":5:9: drain.delay: expected a single value, found nothing"},
      {"drain: {delay: {s: 5}}", ":5:9: drain.delay: expected a single value, found a section"},
      {"trusted_proxies: 10.0.0.0/8", ":5:1: trusted_proxies: expected a list, found a single"},
      {"trusted_proxies: [[a]]",
       ":5:19: trusted_proxies[0]: expected a single value, found a list"},
      {"routes: [x]", ":5:10: routes[0]: expected a section with keys, found a single value"},
      {"workers: 3.5", "expected a whole number from 0 to 4294967295, found `3.5`"},
      {"workers: -1", "expected a whole number from 0 to 4294967295, found `-1`"},
      {"workers: 0x10", "expected a whole number from 0 to 4294967295, found `0x10`"},
      {"workers: \"3\"", "expected a whole number from 0 to 4294967295, found `3`"},
      {"workers: 4294967296", "expected a whole number from 0 to 4294967295"},
      {"limits: {max_headers: 1_000}", "expected a whole number"},
      {"limits: {max_header_bytes: 18446744073709551616}",
       "expected a whole number from 0 to 18446744073709551615"},
      {"drain: {delay: 5}", "expected a duration with its unit, such as `250ms`, `5s`, `1m30s`"},
      {"drain: {delay: -5s}", "drain.delay: expected a duration with its unit"},
      {"transcoding: {json: {print_enums_as_ints: yes}}", "expected true or false, found `yes`"},
      {"transcoding: {json: {print_enums_as_ints: 'true'}}", "expected true or false"},
      {"headers_with_underscores: drop", "expected `DROP`, `ALLOW` or `REJECT`, found `drop`"},
      {"telemetry: {log: {level: LEVEL_INFO}}", "expected `INFO`, `DEBUG`, `WARN` or `ERROR`"},
      {"trusted_proxies: [\"a\\0b\"]",
       "expected text in UTF-8 without control characters, found "
       "another text"},
      {"trusted_proxies: [\xff]", "expected text in UTF-8"},
      {"trusted_proxies: [\xed\xa0\x80]", "expected text in UTF-8"},
      {"workers: \"\\\x01\"", ":5:13: not valid YAML: unexpected character"},
      {"workers: 3\nworkers: 4", ":6:1: workers: this key is here twice"},
      {"drain: {delay: 1s, delay: 1s}", ":5:20: drain.delay: this key is here twice"},
      {"workers: &w 3", ":5:10: anchors (&name) are not supported"},
      {"workers: !!int 3", ":5:10: tags (!name) are not supported"},
  };
  for (const MistakeCase& c : cases) ExpectOneProblem(c);
}

TEST(LoadConfigTest, WhatNoCodeServesIsRefused) {
  const MistakeCase cases[] = {
      {"auth: {default: {none: true}}", ":5:1: auth: this key is not supported yet"},
      {"transcoding: {codec: FAST}",
       ":5:15: transcoding.codec: expected `COMPILED` or `DYNAMIC`, found `FAST`"},
      {"routes: [{match: {service: a.B}, upstream: billing, auth: {none: true}}]",
       "routes[0].auth: this key is not supported yet"},
      {"routes: [{match: {service: a.B}, upstream: billing, rate_limit: {burst: x}}]",
       "routes[0].rate_limit: this key is not supported yet"},
  };
  for (const MistakeCase& c : cases) ExpectOneProblem(c);
}

TEST(LoadConfigTest, SayingWhatHoldsAnywayIsNoMistake) {
  for (const std::string_view text :
       {"transcoding: {error_format: STATUS, codec: DYNAMIC}",
        "descriptors: {files: [api.pb], reflection: []}", "routes: []", "trusted_proxies: []"}) {
    std::string file = With(text);
    if (text.starts_with("descriptors"))
      file.erase(file.find("descriptors: {files: [api.pb]}\n"), 31);
    EXPECT_THAT(ProblemsOf(file), IsEmpty()) << text;
  }
}

TEST(LoadConfigTest, VariablesAreExpandedInValues) {
  const LoadResult result = ParseConfig(R"(
listeners: [{name: "rest-${PORT}$$", address: "127.0.0.1:${PORT}"}]
workers: "${WORKERS:-2}"
drain: {delay: "${TIMEOUT}"}
descriptors: {files: ["${DIR:-/etc/puente}/api.pb"]}
transcoding: {codec: "${CODEC}", json: {print_enums_as_ints: "${FLAG}"}}
upstreams: [{name: "${YAML}", grpc: {target: "billing:${PORT}"}}]
)",
                                        "puente.yaml", TestEnvironment);
  EXPECT_TRUE(result.ok()) << ToString(result.problems[0]);
  const config::Config& config = result.loaded.config;
  EXPECT_EQ(config.listeners(0).name(), "rest-8080$");
  EXPECT_EQ(config.listeners(0).address(), "127.0.0.1:8080");
  EXPECT_EQ(config.workers(), 2u);
  EXPECT_EQ(ToChrono(config.drain().delay()), 7s);
  EXPECT_EQ(config.descriptors().files(0), "/etc/puente/api.pb");
  EXPECT_TRUE(config.transcoding().json().print_enums_as_ints());
  EXPECT_EQ(config.upstreams(0).name(), "{name: evil}");
}

TEST(LoadConfigTest, AVariableThatCannotBeUsedIsNamedAndItsValueIsNotShown) {
  const MistakeCase cases[] = {
      {"workers: ${WORKERS}", ":5:1: workers: the environment variable WORKERS is not set"},
      {"workers: ${SECRET}", "expected a whole number from 0 to 4294967295, found `${SECRET}`"},
      {"trusted_proxies: [\"${CONTROL}\"]", "expected text in UTF-8 without control characters"},
      {"trusted_proxies: [\"${\"]", "trusted_proxies[0]: \"${\" without a \"}\""},
  };
  for (const MistakeCase& c : cases) ExpectOneProblem(c);
}

TEST(LoadConfigTest, FilesAreRelativeToTheConfigurationFile) {
  const LoadResult result = ParseConfig(R"(
listeners:
- address: unix:/run/puente.sock
  tls: {certificate: tls/a.crt, private_key: ../a.key}
descriptors: {files: [api.pb, /var/lib/b.pb]}
upstreams: [{name: b, grpc: {target: "b:1", tls: {ca: ca.crt}}}]
)",
                                        "/etc/puente/puente.yaml", TestEnvironment);
  EXPECT_TRUE(result.ok()) << ToString(result.problems[0]);
  const config::Config& config = result.loaded.config;
  EXPECT_EQ(config.listeners(0).name(), "unix:/run/puente.sock");
  EXPECT_EQ(config.listeners(0).tls().certificate(), "/etc/puente/tls/a.crt");
  EXPECT_EQ(config.listeners(0).tls().private_key(), "/etc/a.key");
  EXPECT_THAT(config.descriptors().files(), ElementsAre("/etc/puente/api.pb", "/var/lib/b.pb"));
  EXPECT_EQ(config.upstreams(0).grpc().tls().ca(), "/etc/puente/ca.crt");
}

TEST(LoadConfigTest, TheAccessLogIsAFileOrAStandardStream) {
  struct Case {
    std::string_view section;
    std::string_view path;
  };
  const Case cases[] = {
      {"{}", "stdout"},
      {"{path: stdout}", "stdout"},
      {"{path: stderr}", "stderr"},
      {"{path: access.log}", "/etc/puente/access.log"},
      {"{path: /var/log/access.log}", "/var/log/access.log"},
      {"{path: logs/stdout}", "/etc/puente/logs/stdout"},
  };
  for (const Case& c : cases) {
    const LoadResult result =
        ParseConfig(With(fmt::format("telemetry: {{access_log: {}}}", c.section)),
                    "/etc/puente/puente.yaml", TestEnvironment);
    EXPECT_TRUE(result.ok()) << ToString(result.problems[0]);
    EXPECT_EQ(result.loaded.config.telemetry().access_log().path(), c.path);
  }
  EXPECT_FALSE(Parse(With("workers: 1")).loaded.config.telemetry().has_access_log());
}

TEST(LoadConfigTest, AnElementThatCannotBeReadKeepsItsPlace) {
  const LoadResult result = Parse(
      "listeners: [3, {address: '127.0.0.1:1'}]\n"
      "descriptors: {files: [[a], b.pb, '${NONE}']}\n"
      "upstreams: [{name: b, grpc: {target: 'b:1'}}]\n");
  EXPECT_EQ(result.problems.size(), 3u);
  ASSERT_EQ(result.loaded.config.listeners_size(), 2);
  EXPECT_EQ(result.loaded.config.listeners(1).address(), "127.0.0.1:1");
  EXPECT_THAT(result.loaded.config.descriptors().files(), ElementsAre("", "b.pb", ""));
}

TEST(LoadConfigTest, AFileThatIsNoConfigurationIsOneProblem) {
  struct Case {
    std::string_view text;
    std::string_view problem;
  };
  const Case cases[] = {
      {"", "puente.yaml: is empty; it needs listeners, descriptors and upstreams"},
      {"# nothing\n", "puente.yaml: is empty; it needs listeners, descriptors and upstreams"},
      {"hello", "puente.yaml:1:1: expected keys such as `listeners:` at the top of the file"},
      {"[a]", "puente.yaml:1:1: expected keys such as `listeners:` at the top of the file"},
      {"a: 1\n---\nb: 2\n", "puente.yaml:2:1: what begins here does not belong"},
      {"a: [\nb: 1\n", "puente.yaml:2:1: not valid YAML: "},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(ProblemsOf(c.text), ElementsAre(HasSubstr(std::string(c.problem)))) << c.text;
  }
  EXPECT_THAT(ProblemsOf(std::string((1 << 20) + 1, ' ')),
              ElementsAre("puente.yaml: is larger than 1 MiB"));
}

TEST(LoadConfigTest, ManyProblemsAreStillAllReported) {
  std::string text(kSound);
  for (int i = 0; i < 5000; ++i) text += fmt::format("key_{}_of_a_file_that_is_all_wrong: 1\n", i);
  EXPECT_EQ(Parse(text).problems.size(), 5000u);
}

TEST(LoadConfigTest, LaterChecksReportAtTheLineOfTheirKey) {
  const SourceMap positions =
      Parse(With("routes:\n- match: {service: a.B}\n  upstream: billing\n")).loaded.positions;
  EXPECT_EQ(ToString(positions.At("descriptors.files[0]", "api.pb: not found")),
            "puente.yaml:3:23: descriptors.files[0]: api.pb: not found");
  EXPECT_EQ(ToString(positions.At("routes[0].match.service", "no such service")),
            "puente.yaml:6:11: routes[0].match.service: no such service");
  EXPECT_EQ(ToString(positions.At("routes[0].timeout", "too long")),
            "puente.yaml:6:3: routes[0].timeout: too long");
  EXPECT_EQ(ToString(positions.At("transcoding.services", "none")),
            "puente.yaml: transcoding.services: none");
}

TEST(LoadConfigTest, FilesAreReadFromDisk) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / "load_config_test_files";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "good.yaml") << kSound;
  std::ofstream(folder / "large.yaml") << std::string((1 << 20) + 1, '\n');

  const LoadResult good = LoadConfigFile(folder / "good.yaml", TestEnvironment);
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(good.loaded.config.descriptors().files(0), (folder / "api.pb").string());

  const LoadResult missing = LoadConfigFile(folder / "missing.yaml", TestEnvironment);
  ASSERT_EQ(missing.problems.size(), 1u);
  EXPECT_EQ(ToString(missing.problems[0]),
            (folder / "missing.yaml").string() + ": can't be read: No such file or directory");

  const LoadResult directory = LoadConfigFile(folder, TestEnvironment);
  ASSERT_EQ(directory.problems.size(), 1u);
  EXPECT_THAT(ToString(directory.problems[0]), HasSubstr("can't be read: it is a directory"));

  const LoadResult large = LoadConfigFile(folder / "large.yaml", TestEnvironment);
  ASSERT_EQ(large.problems.size(), 1u);
  EXPECT_THAT(ToString(large.problems[0]), HasSubstr("is larger than 1 MiB"));
}

TEST(LoadConfigTest, AConfigurationCanBePutTogetherWithoutAFile) {
  config::Config config;
  config.add_listeners()->set_address("0.0.0.0:8080");
  config.mutable_descriptors()->add_files("api.pb");
  config::Upstream* upstream = config.add_upstreams();
  upstream->set_name("upstream");
  upstream->mutable_grpc()->set_target("127.0.0.1:50051");
  const LoadResult good = CompleteConfig(config, "command line");
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(good.loaded.config.listeners(0).name(), "0.0.0.0:8080");
  EXPECT_EQ(good.loaded.config.descriptors().files(0), "api.pb");
  EXPECT_EQ(good.loaded.config.admin().address(), "127.0.0.1:9901");

  upstream->mutable_grpc()->set_target("nowhere");
  const LoadResult bad = CompleteConfig(config, "command line");
  ASSERT_EQ(bad.problems.size(), 1u);
  EXPECT_THAT(ToString(bad.problems[0]),
              HasSubstr("command line: upstreams[0].grpc.target: expected a gRPC target"));
}

}  // namespace
}  // namespace puente

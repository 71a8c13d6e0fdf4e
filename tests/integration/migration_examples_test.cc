// examples/migration and the snippets of the documentation are right as they stand.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <yaml-cpp/yaml.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "config/load_config.h"
#include "examples/services/example_server.h"
#include "tests/integration/binary_under_test.h"
#include "tests/integration/prometheus_server.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using testing::HasSubstr;

const std::string kSource = PUENTE_SOURCE_DIR;
const std::string kExamples = kSource + "/examples/migration";

std::string Contents(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> Stages() {
  std::vector<std::string> stages;
  for (const auto& entry : std::filesystem::directory_iterator(kExamples)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".yaml") && name.front() >= '1' && name.front() <= '9') {
      stages.push_back(entry.path());
    }
  }
  return stages;
}

TEST(MigrationExamples, EveryStageIsRight) {
  const auto stages = Stages();
  EXPECT_EQ(stages.size(), 5u);
  for (const std::string& stage : stages) {
    ChildProcess check("env", {"BILLING_DESCRIPTORS=" + ExampleDescriptors("billing"),
                               PUENTE_BINARY, "check", "--config", stage});
    EXPECT_EQ(check.WaitForExit(), 0) << stage << "\n" << check.Errors();
    EXPECT_THAT(check.Output(), HasSubstr("GET   /v1/invoices/{id}"));
  }
}

// Only what differs from stage to stage is a decision; the listeners and the like are the same.
TEST(MigrationExamples, StagesShareTheirAddresses) {
  const auto head = [](const std::string& stage) {
    const std::string text = Contents(stage);
    const std::size_t begin = text.find("listeners:");
    return text.substr(begin, text.find("upstreams:") - begin);
  };
  const auto stages = Stages();
  ASSERT_FALSE(stages.empty());
  for (const std::string& stage : stages) EXPECT_EQ(head(stage), head(stages.front())) << stage;
}

// The blocks of a language in a Markdown file.
std::vector<std::string> Blocks(const std::string& markdown, const std::string& language) {
  const std::string begin = "\n```" + language + "\n";
  std::vector<std::string> blocks;
  for (std::size_t at = 0; (at = markdown.find(begin, at)) != markdown.npos;) {
    at += begin.size();
    blocks.push_back(markdown.substr(at, markdown.find("\n```", at) + 1 - at));
  }
  return blocks;
}

// What a part of a configuration lacks for a whole one.
std::string Completed(const std::string& part) {
  const std::pair<const char*, const char*> sections[] = {
      {"listeners:", "[{name: rest, address: \"127.0.0.1:8080\"}]"},
      {"descriptors:", "{files: [api.pb]}"},
      {"upstreams:",
       "[{name: legacy, http: {url: \"http://127.0.0.1:9000\"}}, "
       "{name: billing, grpc: {target: \"127.0.0.1:50051\"}}]"}};
  std::string whole = part;
  for (const auto& [key, value] : sections) {
    if (("\n" + part).find(std::string("\n") + key) == std::string::npos) {
      whole += fmt::format("\n{} {}", key, value);
    }
  }
  return whole;
}

TEST(MigrationExamples, SnippetsOfTheDocumentationLoad) {
  for (const char* file : {"README.md", "docs/migration.md"}) {
    const auto blocks = Blocks(Contents(kSource + "/" + file), "yaml");
    EXPECT_FALSE(blocks.empty()) << file;
    for (const std::string& block : blocks) {
      const LoadResult result = ParseConfig(Completed(block), file, ProcessEnvironment);
      for (const Problem& problem : result.problems) {
        ADD_FAILURE() << ToString(problem) << "\n" << block;
      }
    }
  }
}

// Calls `visit` with the value of each key `query` in the documents of a YAML file.
void VisitQueries(const YAML::Node& node, const std::function<void(std::string)>& visit) {
  if (node.IsMap()) {
    for (const auto& entry : node) {
      if (entry.first.as<std::string>() == "query") {
        visit(entry.second.as<std::string>());
      } else {
        VisitQueries(entry.second, visit);
      }
    }
  } else if (node.IsSequence()) {
    for (const YAML::Node& element : node) VisitQueries(element, visit);
  }
}

// The queries of Flagger's and Argo's templates, with values in place of their variables.
std::vector<std::string> Queries() {
  const std::pair<const char*, const char*> variables[] = {
      {"split", "billing-migration"}, {"from", "legacy"}, {"to", "billing"}, {"interval", "10s"}};
  std::vector<std::string> queries;
  for (const char* file : {"flagger.yaml", "argo-rollouts.yaml"}) {
    for (const YAML::Node& document : YAML::LoadAllFromFile(kExamples + "/" + file)) {
      VisitQueries(document, [&](std::string query) {
        for (const auto& [name, value] : variables) {
          const std::regex variable(
              fmt::format(R"(\{{\{{ ?(args\.|variables\.)?{} ?\}}\}})", name));
          query = std::regex_replace(query, variable, value);
        }
        queries.push_back(std::regex_replace(query, std::regex(R"(\[2m\])"), "[10s]"));
      });
    }
  }
  return queries;
}

TEST(MigrationExamples, QueriesAreOfPrometheus) {
  if (!HasPrometheus()) GTEST_SKIP() << "prometheus is not installed";
  const auto queries = Queries();
  EXPECT_EQ(queries.size(), 4u);
  YAML::Node rules;
  for (const std::string& query : queries) {
    EXPECT_EQ(query.find("{{"), std::string::npos) << query;
    YAML::Node rule;
    rule["record"] = "example";
    rule["expr"] = query;
    rule["labels"]["number"] = std::to_string(rules.size());
    rules.push_back(rule);
  }
  YAML::Node group;
  group["name"] = "examples";
  group["rules"] = rules;
  YAML::Node file;
  file["groups"].push_back(group);
  const TempDir dir;
  ChildProcess promtool(kPromtool, {"check", "rules", dir.Write("rules.yaml", YAML::Dump(file))});
  EXPECT_EQ(promtool.WaitForExit(), 0) << promtool.Output() << promtool.Errors();
}

// A proxy with the split of the examples before the demo's services.
class MigratingProxy : public testing::Test {
 protected:
  MigratingProxy() {
    if (const auto started = server_.Start(); !started) throw std::runtime_error(started.error());
    proxy_.emplace(ProxyUnderTest::FromConfig(
        ExampleConfig(fmt::format(R"(
upstreams:
- {{name: legacy, http: {{url: "{}"}}}}
- {{name: billing, grpc: {{target: "{}"}}}}
routes:
- match: {{path_prefix: /}}
  split:
    name: billing-migration
    backends: [{{upstream: legacy, weight: 50}}, {{upstream: billing, weight: 50}}]
)",
                                  server_.legacy_url(), server_.target()))));
  }

  // How shift.sh ends.
  int Shift(const std::string& percent, const std::string& ttl = "") {
    const std::string admin = fmt::format("127.0.0.1:{}", proxy_->admin_port());
    ChildProcess shift("sh", {kExamples + "/shift.sh", admin, "billing-migration", "legacy",
                              "billing", percent, ttl});
    const auto code = shift.WaitForExit();
    errors_ = shift.Errors();
    return code.value_or(-1);
  }

  std::string Split() { return proxy_->Admin("/splits/billing-migration").body; }

  examples::ExampleServer server_{"127.0.0.1:0", "127.0.0.1:0"};
  std::optional<ProxyUnderTest> proxy_;
  std::string errors_;
};

TEST_F(MigratingProxy, TakesItsSharesFromTheScript) {
  EXPECT_EQ(Shift("25"), 0) << errors_;
  EXPECT_THAT(Split(), HasSubstr(R"("weights": {"legacy": 75, "billing": 25})"));
  EXPECT_EQ(Shift("+10", "10m"), 0) << errors_;
  EXPECT_THAT(Split(), HasSubstr(R"("weights": {"legacy": 65, "billing": 35})"));
  EXPECT_THAT(Split(), HasSubstr("\"expires_in\""));
  EXPECT_EQ(Shift("+90"), 0) << errors_;
  EXPECT_THAT(Split(), HasSubstr(R"("weights": {"legacy": 0, "billing": 100})"));
  EXPECT_NE(Shift("101"), 0);
  EXPECT_THAT(errors_, HasSubstr("did not take the weights"));
  EXPECT_THAT(Split(), HasSubstr(R"("weights": {"legacy": 0, "billing": 100})"));
}

// Each query is a number as long as there is traffic: 50 percent more failures, some latency.
TEST_F(MigratingProxy, IsJudgedByTheQueries) {
  if (!HasPrometheus()) GTEST_SKIP() << "prometheus is not installed";
  server_.billing_faults().Set({.fail_percent = 50});
  const PrometheusServer prometheus(proxy_->admin_port());
  const auto ask = [&](const std::string& query) {
    for (int i = 0; i < 20; ++i) proxy_->Get("/v1/invoices/inv-1001");
    const auto values = prometheus.Query(query);
    return values.size() == 1 ? std::stod(values.front()) : std::nan("");
  };
  for (const std::string& query : Queries()) {
    const bool is_latency = query.find("quantile") != std::string::npos;
    const double least = is_latency ? 0 : 30;
    const double most = is_latency ? 1e6 : 70;
    EXPECT_TRUE(WaitUntil(
        [&] {
          const double value = ask(query);
          return value > least && value < most;
        },
        std::chrono::seconds(60)))
        << query;
  }
}

// The demo runs all that it prints, the migration included.
TEST(Demo, TellsATrueStory) {
  ChildProcess demo(PUENTE_DEMO_BINARY, {"--once"});
  EXPECT_EQ(demo.WaitForExit(std::chrono::seconds(110)), 0) << demo.Output() << demo.Errors();
  EXPECT_THAT(demo.Output(), HasSubstr(", 0 failed"));
}

}  // namespace
}  // namespace puente::test

#include "config/load_config.h"

#include <fmt/format.h>

#include <utility>

#include "config/check_config.h"
#include "config/config_reader.h"
#include "config/defaults.h"
#include "config/findings.h"
#include "config/yaml_file.h"
#include "config/yaml_tree.h"

namespace puente {
namespace {

LoadResult Finish(config::Config config, Findings& findings) {
  SortByPosition(findings.problems());
  return {{std::move(config), std::move(findings.positions())}, std::move(findings.problems())};
}

LoadResult FailWith(std::string_view file_name, SourceMap::Position position, std::string message) {
  Findings findings(file_name);
  findings.Add(position, "", std::move(message));
  return Finish(DefaultConfig(), findings);
}

LoadResult CompleteAndCheck(config::Config config, Findings& findings) {
  ApplyDefaults(config);
  CheckConfig(config, findings);
  return Finish(std::move(config), findings);
}

LoadResult ReadTree(const YamlTree& tree, std::string_view file_name,
                    const Environment& environment) {
  Findings findings(file_name);
  for (const YamlProblem& problem : tree.problems) {
    findings.Add(problem.position, "", problem.message);
  }
  const std::filesystem::path folder = std::filesystem::path(file_name).parent_path();
  config::Config config;
  ConfigReader(folder, environment, findings).ReadSection(tree.root, "", config);
  return CompleteAndCheck(std::move(config), findings);
}

}  // namespace

LoadResult LoadConfigFile(const std::filesystem::path& file, const Environment& environment) {
  auto text = ReadYamlFile(file);
  if (!text.has_value()) return FailWith(file.string(), {}, std::move(text).error());
  return ParseConfig(*text, file.string(), environment);
}

LoadResult ParseConfig(std::string_view text, std::string_view file_name,
                       const Environment& environment) {
  if (text.size() > kMaxYamlBytes) return FailWith(file_name, {}, "is larger than 1 MiB");
  const auto tree = ParseYaml(text);
  if (!tree.has_value()) {
    return FailWith(file_name, tree.error().position, tree.error().message);
  }
  switch (tree->root.kind) {
    case YamlNode::Kind::kMapping:
      return ReadTree(*tree, file_name, environment);
    case YamlNode::Kind::kNull:
      return FailWith(file_name, {}, "is empty; it needs listeners, descriptors and upstreams");
    default:
      return FailWith(file_name, tree->root.position,
                      "expected keys such as `listeners:` at the top of the file");
  }
}

LoadResult CompleteConfig(config::Config config, std::string_view origin) {
  Findings findings(origin);
  return CompleteAndCheck(std::move(config), findings);
}

}  // namespace puente

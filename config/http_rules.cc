#include "config/http_rules.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "config/check_sections.h"
#include "config/config_reader.h"
#include "config/findings.h"
#include "config/yaml_file.h"
#include "config/yaml_tree.h"

namespace puente {
namespace {

using google::api::Http;
using google::api::HttpRule;

constexpr std::string_view kType = "google.api.Service";

HttpRulesResult Finish(Http http, Findings& findings) {
  SortByPosition(findings.problems());
  return {{std::move(http), std::move(findings.positions())}, std::move(findings.problems())};
}

HttpRulesResult FailWith(std::string_view file_name, SourceMap::Position position,
                         std::string message) {
  Findings findings(file_name);
  findings.Add(position, "", std::move(message));
  return Finish({}, findings);
}

// What is wrong with rules that could be read.
class RuleChecker {
 public:
  explicit RuleChecker(Findings& findings) : findings_(findings) {}

  void Check(const Http& http) {
    if (http.fully_decode_reserved_expansion()) {
      findings_.Report("http.fully_decode_reserved_expansion",
                       "is not supported: of a variable of several segments, %2F is never decoded");
    }
    for (int i = 0; i < http.rules_size(); ++i) {
      CheckRule(http.rules(i), IndexKey("http.rules", static_cast<std::size_t>(i)));
    }
  }

 private:
  void CheckRule(const HttpRule& rule, const std::string& key) {
    CheckSelector(rule.selector(), JoinKey(key, "selector"));
    CheckPattern(rule, key);
    for (int i = 0; i < rule.additional_bindings_size(); ++i) {
      const std::string list = JoinKey(key, "additional_bindings");
      CheckAdditional(rule.additional_bindings(i), rule.selector(),
                      IndexKey(list, static_cast<std::size_t>(i)));
    }
  }

  void CheckAdditional(const HttpRule& binding, const std::string& selector,
                       const std::string& key) {
    CheckPattern(binding, key);
    if (!binding.selector().empty() && binding.selector() != selector) {
      findings_.Report(JoinKey(key, "selector"), "an additional binding is for its rule's method");
    }
    if (binding.additional_bindings_size() > 0) {
      findings_.Report(JoinKey(key, "additional_bindings"),
                       "additional bindings can't be nested; put it into the list above");
    }
  }

  void CheckSelector(const std::string& selector, const std::string& key) {
    if (selector.empty()) {
      findings_.Report(key, findings_.positions().Has(key) ? "is empty" : "is missing");
    } else if (selector.find('*') != std::string::npos) {
      findings_.Report(key,
                       "expected the name of one method: methods can't share a path, so a rule for "
                       "several of them makes no sense");
    } else if (!IsFullName(selector) || selector.find('.') == std::string::npos) {
      findings_.Report(key,
                       "expected the full name of a method, such as "
                       "`billing.v1.BillingService.GetInvoice`");
    }
  }

  void CheckPattern(const HttpRule& rule, const std::string& key) {
    std::vector<Alternative> alternatives;
    const auto& patterns = *HttpRule::descriptor()->FindOneofByName("pattern");
    for (int i = 0; i < patterns.field_count(); ++i) {
      const std::string& name = patterns.field(i)->name();
      alternatives.push_back({name, findings_.positions().Has(JoinKey(key, name))});
    }
    CheckExactlyOne(key, alternatives, findings_);
    if (!rule.has_custom()) return;
    const std::string custom = JoinKey(key, "custom");
    if (rule.custom().kind().empty()) findings_.Report(JoinKey(custom, "kind"), "is missing");
    if (rule.custom().path().empty()) findings_.Report(JoinKey(custom, "path"), "is missing");
  }

  Findings& findings_;
};

void CheckType(const YamlNode& node, Findings& findings) {
  if (node.kind == YamlNode::Kind::kScalar && node.scalar == kType) return;
  findings.Add(node.position, "type", fmt::format("expected `{}`", kType));
}

void ReadHttp(const YamlNode& node, Findings& findings, Http& http) {
  if (findings.positions().Has("http")) {
    findings.Add(node.position, "http", "this key is here twice");
    return;
  }
  findings.positions().Add("http", node.position);
  ConfigReader(findings).ReadSection(node, "http", http);
}

HttpRulesResult ReadTree(const YamlTree& tree, std::string_view file_name) {
  Findings findings(file_name);
  for (const YamlProblem& problem : tree.problems) {
    findings.Add(problem.position, "", problem.message);
  }
  Http http;
  for (const YamlNode& section : tree.root.children) {
    if (section.key == "type") CheckType(section, findings);
    if (section.key == "http") ReadHttp(section, findings, http);
  }
  if (!findings.positions().Has("http")) {
    findings.Report("http", "is missing: the file should have `http:` with a list of `rules:`");
  }
  RuleChecker(findings).Check(http);
  return Finish(std::move(http), findings);
}

}  // namespace

HttpRulesResult LoadHttpRules(const std::filesystem::path& file) {
  auto text = ReadYamlFile(file);
  if (!text.has_value()) return FailWith(file.string(), {}, std::move(text).error());
  return ParseHttpRules(*text, file.string());
}

HttpRulesResult ParseHttpRules(std::string_view text, std::string_view file_name) {
  if (text.size() > kMaxYamlBytes) return FailWith(file_name, {}, "is larger than 1 MiB");
  const auto tree = ParseYaml(text);
  if (!tree.has_value()) return FailWith(file_name, tree.error().position, tree.error().message);
  if (tree->root.kind != YamlNode::Kind::kMapping) {
    return FailWith(file_name, {},
                    "expected keys such as `type:` and `http:` at the top of the file");
  }
  return ReadTree(*tree, file_name);
}

}  // namespace puente

#include "descriptors/http_rule_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "descriptors/field_diff.h"
#include "descriptors/http_binding.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

namespace {

// Field names of the new version as the old one has them.
class OldNames {
 public:
  OldNames(const Descriptor& before, const Descriptor& after) : before_(&before), after_(&after) {}

  // Of a path with dots; what can't be followed stays as it is.
  std::string Translate(std::string_view path) const {
    std::string translated;
    const Descriptor* before = before_;
    const Descriptor* after = after_;
    while (before != nullptr && after != nullptr) {
      const std::size_t dot = std::min(path.find('.'), path.size());
      const FieldDescriptor* field = after->FindFieldByName(std::string(path.substr(0, dot)));
      const FieldDescriptor* old = field == nullptr ? nullptr : FindSuccessor(*field, *before);
      if (old == nullptr) break;
      translated += old->name();
      path.remove_prefix(dot);
      before = old->message_type();
      after = field->message_type();
      if (path.empty()) break;
      translated += '.';
      path.remove_prefix(1);
    }
    return translated.append(path);
  }

  // The same for every variable of a template; "{x=*}" becomes "{x}".
  std::string TranslateTemplate(std::string_view text) const {
    std::string translated;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t open = std::min(text.find('{', at), text.size());
      translated += text.substr(at, open - at);
      const std::size_t end = std::min(text.find('}', open), text.size());
      if (open < text.size())
        translated += TranslateVariable(text.substr(open + 1, end - open - 1));
      at = std::min(end + 1, text.size());
    }
    return translated;
  }

 private:
  std::string TranslateVariable(std::string_view variable) const {
    const std::size_t equals = std::min(variable.find('='), variable.size());
    const std::string_view segments = variable.substr(equals);
    return fmt::format("{{{}{}}}", Translate(variable.substr(0, equals)),
                       segments == "=*" ? "" : segments);
  }

  const Descriptor* before_;
  const Descriptor* after_;
};

// What clients see of a binding: where it is, and what it binds there.
struct Rule {
  std::string binds;
  std::string shown;
  bool operator==(const Rule& other) const { return binds == other.binds; }
};

std::string Show(const HttpBinding& binding) {
  std::string text = fmt::format("{} {}", binding.http_method, binding.path_template);
  if (!binding.body.empty()) text += fmt::format(" body \"{}\"", binding.body);
  if (!binding.response_body.empty()) {
    text += fmt::format(" response_body \"{}\"", binding.response_body);
  }
  return text;
}

// By method and template.
using Rules = std::multimap<std::string, Rule>;

Rules RulesOf(const MethodDescriptor& method, const OldNames& request, const OldNames& response) {
  Rules rules;
  for (const HttpBinding& binding : ReadHttpBindings(method)) {
    const std::string place =
        binding.http_method + " " + request.TranslateTemplate(binding.path_template);
    const std::string binds =
        request.Translate(binding.body) + "\n" + response.Translate(binding.response_body);
    rules.emplace(place, Rule{binds, Show(binding)});
  }
  return rules;
}

// Takes away what both have.
void RemoveCommon(Rules& before, Rules& after) {
  for (auto rule = before.begin(); rule != before.end();) {
    const auto [first, last] = after.equal_range(rule->first);
    const auto same =
        std::find_if(first, last, [&](const auto& other) { return other.second == rule->second; });
    if (same == last) {
      ++rule;
      continue;
    }
    after.erase(same);
    rule = before.erase(rule);
  }
}

}  // namespace

void DiffHttpRules(const MethodDescriptor& before, const MethodDescriptor& after,
                   std::vector<Change>& changes) {
  const Descriptor& request = *before.input_type();
  const Descriptor& response = *before.output_type();
  Rules old_rules = RulesOf(before, {request, request}, {response, response});
  Rules new_rules =
      RulesOf(after, {request, *after.input_type()}, {response, *after.output_type()});
  RemoveCommon(old_rules, new_rules);
  const auto add = [&](bool breaking, ChangeKind kind, std::string text) {
    changes.push_back({kind, breaking, before.full_name(), std::move(text)});
  };
  for (const auto& [place, rule] : old_rules) {
    const auto changed = new_rules.find(place);
    if (changed == new_rules.end()) {
      add(true, ChangeKind::kHttpRule, fmt::format("HTTP rule removed: {}", rule.shown));
      continue;
    }
    add(true, ChangeKind::kHttpRule,
        fmt::format("HTTP rule changed from {} to {}", rule.shown, changed->second.shown));
    new_rules.erase(changed);
  }
  for (const auto& [place, rule] : new_rules) {
    add(false, ChangeKind::kHttpRule, fmt::format("HTTP rule added: {}", rule.shown));
  }
}

}  // namespace puente

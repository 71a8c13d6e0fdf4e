#include "descriptors/http_rule_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

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
  std::string place;  // method and template
  std::string binds;
  HttpBinding binding;
};

bool operator<(const Rule& a, const Rule& b) {
  return std::tie(a.place, a.binds) < std::tie(b.place, b.binds);
}

std::string Show(const HttpBinding& binding) {
  std::string text = fmt::format("{} {}", binding.http_method, binding.path_template);
  if (!binding.body.empty()) text += fmt::format(" body \"{}\"", binding.body);
  if (!binding.response_body.empty()) {
    text += fmt::format(" response_body \"{}\"", binding.response_body);
  }
  return text;
}

// Sorted.
std::vector<Rule> RulesOf(const MethodDescriptor& method, const OldNames& request,
                          const OldNames& response) {
  std::vector<Rule> rules;
  for (const HttpBinding& binding : ReadHttpBindings(method)) {
    rules.push_back(
        {binding.http_method + " " + request.TranslateTemplate(binding.path_template),
         request.Translate(binding.body) + "\n" + response.Translate(binding.response_body),
         binding});
  }
  std::ranges::sort(rules, std::less<>());
  return rules;
}

// What `from` has and `others` does not.
std::vector<Rule> Difference(const std::vector<Rule>& from, const std::vector<Rule>& others) {
  std::vector<Rule> rest;
  std::set_difference(from.begin(), from.end(), others.begin(), others.end(),
                      std::back_inserter(rest));
  return rest;
}

void AddRule(const HttpBinding& binding, const PathOwners& owners, std::vector<Change>& changes) {
  std::string text = "HTTP rule added: " + Show(binding);
  const std::string owner = owners.TakenFrom(binding);
  if (!owner.empty()) text += fmt::format("; takes {} from {}", binding.path_template, owner);
  changes.push_back({ChangeKind::kHttpRule, !owner.empty(), binding.method->full_name(), text});
}

}  // namespace

void AddHttpRules(const MethodDescriptor& method, const PathOwners& owners,
                  std::vector<Change>& changes) {
  for (const HttpBinding& binding : ReadHttpBindings(method)) AddRule(binding, owners, changes);
}

void DiffHttpRules(const MethodDescriptor& before, const MethodDescriptor& after,
                   const PathOwners& owners, std::vector<Change>& changes) {
  const Descriptor& request = *before.input_type();
  const Descriptor& response = *before.output_type();
  const auto old_rules = RulesOf(before, {request, request}, {response, response});
  const auto new_rules =
      RulesOf(after, {request, *after.input_type()}, {response, *after.output_type()});
  std::multimap<std::string, HttpBinding> added;  // by place
  for (const Rule& rule : Difference(new_rules, old_rules)) added.emplace(rule.place, rule.binding);
  const auto add = [&](bool breaking, std::string text) {
    changes.push_back({ChangeKind::kHttpRule, breaking, before.full_name(), std::move(text)});
  };
  for (const Rule& rule : Difference(old_rules, new_rules)) {
    const auto changed = added.find(rule.place);
    if (changed == added.end()) {
      add(true, fmt::format("HTTP rule removed: {}", Show(rule.binding)));
      continue;
    }
    add(true,
        fmt::format("HTTP rule changed from {} to {}", Show(rule.binding), Show(changed->second)));
    added.erase(changed);
  }
  for (const auto& [place, binding] : added) AddRule(binding, owners, changes);
}

}  // namespace puente

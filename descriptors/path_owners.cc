#include "descriptors/path_owners.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace puente {
namespace {

constexpr std::size_t kMostForms = 256;

// The kinds of segments, the most specific first.
constexpr char kLiteral = 'a';
constexpr char kSingle = 'b';
constexpr char kMulti = 'c';

struct Path {
  std::vector<std::string> segments;
  std::string verb;
  std::string form;  // the kinds of the segments
};

// "/v1/{name=shelves/*}/{id}" as "/v1/shelves/*/*".
std::string WithoutVariables(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('{'), text.size());
    plain += text.substr(0, open);
    text.remove_prefix(open);
    if (text.empty()) break;
    const std::string_view variable = text.substr(1, std::min(text.find('}'), text.size()) - 1);
    const std::size_t equals = variable.find('=');
    plain += equals == variable.npos ? "*" : variable.substr(equals + 1);
    text.remove_prefix(std::min(variable.size() + 2, text.size()));
  }
  return plain;
}

char KindOf(std::string_view segment) {
  if (segment == "**") return kMulti;
  return segment == "*" ? kSingle : kLiteral;
}

Path PathOf(const HttpBinding& binding) {
  const std::string plain = WithoutVariables(binding.path_template);
  std::string_view rest = plain;
  Path path;
  const std::size_t colon = rest.rfind(':');
  if (colon != rest.npos && rest.find('/', colon) == rest.npos) {
    path.verb = rest.substr(colon);
    rest = rest.substr(0, colon);
  }
  while (rest.starts_with('/')) {
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    path.segments.emplace_back(segment);
    path.form += KindOf(segment);
    rest.remove_prefix(segment.size());
  }
  return path;
}

std::string KeyOf(std::string_view http_method, const Path& path) {
  return fmt::format("{} {}", http_method, path.verb);
}

// Adds the segments from `first` on that `form` has literals for. False: `form` does not match.
bool AddLiterals(std::string_view form, const Path& path, std::size_t first, std::string& key) {
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (path.form[first + i] > form[i]) return false;
    if (form[i] == kLiteral) key.append("/").append(path.segments[first + i]);
  }
  return true;
}

// What is literal in a template of this form that matches all of `path`; nullopt when none does.
std::optional<std::string> LiteralsIn(std::string_view form, const Path& path, std::string key) {
  const std::size_t before = std::min(form.find(kMulti), form.size());
  const std::size_t behind = before == form.size() ? 0 : form.size() - before - 1;
  const std::size_t size = path.segments.size();
  const bool fits = before == form.size() ? size == before : size >= before + behind;
  if (!fits || !AddLiterals(form.substr(0, before), path, 0, key) ||
      !AddLiterals(form.substr(form.size() - behind), path, size - behind, key)) {
    return std::nullopt;
  }
  return key;
}

}  // namespace

void PathOwners::Add(const HttpBinding& binding) {
  const Path path = PathOf(binding);
  auto form = forms_.find(path.form);
  if (form == forms_.end()) {
    if (forms_.size() == kMostForms) return;
    form = forms_.emplace(path.form, Rules()).first;
  }
  const auto key = LiteralsIn(path.form, path, KeyOf(binding.http_method, path));
  if (!key) return;
  form->second.emplace(*key, fmt::format("{} {}", binding.http_method, binding.path_template));
}

std::string PathOwners::TakenFrom(const HttpBinding& binding) const {
  const Path path = PathOf(binding);
  for (const std::string_view http_method :
       {std::string_view(binding.http_method), std::string_view("*")}) {
    for (const auto& [form, rules] : forms_) {
      const auto key = LiteralsIn(form, path, KeyOf(http_method, path));
      const auto rule = key ? rules.find(*key) : rules.end();
      if (rule == rules.end()) continue;
      return form == path.form ? "" : rule->second;
    }
  }
  return "";
}

}  // namespace puente

#include "proxy/method_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "config/key_suggestion.h"

namespace puente {
namespace {

// A file that is for another API is not one with typing errors.
constexpr int kMostSuggestions = 20;

std::vector<std::string> MethodNames(const DescriptorSet& descriptors) {
  std::vector<std::string> names;
  for (const auto* service : descriptors.services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      names.push_back(service->method(i)->full_name());
    }
  }
  return names;
}

// What is known of a selector that names no method.
class UnknownSelectors {
 public:
  explicit UnknownSelectors(const DescriptorSet& descriptors) : descriptors_(descriptors) {}

  std::string Describe(const std::string& selector) {
    std::string text = fmt::format("the descriptors have no method `{}`", selector);
    if (++count_ > kMostSuggestions) return text;
    if (names_.empty()) names_ = MethodNames(descriptors_);
    const std::string_view nearest = NearestName(names_, selector);
    return nearest.empty() ? text : fmt::format("{}; did you mean `{}`?", text, nearest);
  }

 private:
  const DescriptorSet& descriptors_;
  std::vector<std::string> names_;
  int count_ = 0;
};

}  // namespace

std::optional<LoadedHttpRules> ReadRulesFile(const LoadedConfig& loaded,
                                             std::vector<Problem>& problems) {
  if (!loaded.config.transcoding().has_rules()) return LoadedHttpRules();
  HttpRulesResult read = LoadHttpRules(loaded.config.transcoding().rules());
  for (const Problem& problem : read.problems) {
    const bool is_of_whole_file = problem.line == 0 && problem.key.empty();
    problems.push_back(
        is_of_whole_file ? loaded.positions.At("transcoding.rules", ToString(problem)) : problem);
  }
  return read.ok() ? std::optional(std::move(read.loaded)) : std::nullopt;
}

MethodRules ResolveRules(const LoadedHttpRules& loaded, const DescriptorSet& descriptors,
                         const std::vector<std::string>& services, std::vector<Problem>& problems) {
  MethodRules rules;
  UnknownSelectors unknown(descriptors);
  for (int i = 0; i < loaded.http.rules_size(); ++i) {
    const google::api::HttpRule& rule = loaded.http.rules(i);
    const std::string key = IndexKey("http.rules", static_cast<std::size_t>(i));
    const auto* method = descriptors.pool().FindMethodByName(rule.selector());
    if (method == nullptr) {
      problems.push_back(
          loaded.positions.At(JoinKey(key, "selector"), unknown.Describe(rule.selector())));
      continue;
    }
    const std::string& service = method->service()->full_name();
    if (!services.empty() && std::ranges::find(services, service) == services.end()) {
      problems.push_back(loaded.positions.At(
          JoinKey(key, "selector"),
          fmt::format("`{}` is not served: `transcoding.services` leaves out `{}`", rule.selector(),
                      service)));
      continue;
    }
    const Problem place = loaded.positions.At(key, "");
    rules[method] = BindingsOfRule(*method, rule, fmt::format("{}:{}", place.file, place.line));
  }
  return rules;
}

}  // namespace puente

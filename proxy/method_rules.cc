#include "proxy/method_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "config/http_rules.h"
#include "config/key_suggestion.h"

namespace puente {
namespace {

using google::protobuf::MethodDescriptor;

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

class RuleResolver {
 public:
  RuleResolver(const LoadedHttpRules& loaded, const DescriptorSet& descriptors, bool complete,
               std::vector<Problem>& problems)
      : loaded_(loaded), descriptors_(descriptors), complete_(complete), problems_(problems) {}

  MethodRules Resolve() {
    for (int i = 0; i < loaded_.http.rules_size(); ++i) {
      const google::api::HttpRule& rule = loaded_.http.rules(i);
      const std::string key = IndexKey("http.rules", static_cast<std::size_t>(i));
      const auto* method = descriptors_.pool().FindMethodByName(rule.selector());
      if (method != nullptr) {
        const Problem place = loaded_.positions.At(key, "");
        rules_[method] =
            BindingsOfRule(*method, rule, fmt::format("{}:{}", place.file, place.line));
      } else if (complete_) {
        ReportUnknown(rule.selector(), key + ".selector");
      }
    }
    return std::move(rules_);
  }

 private:
  void ReportUnknown(const std::string& selector, const std::string& key) {
    if (names_.empty()) names_ = MethodNames(descriptors_);
    std::string message = fmt::format("the descriptors have no method `{}`", selector);
    const bool suggest = ++unknown_ <= kMostSuggestions;
    const std::string_view nearest = suggest ? NearestName(names_, selector) : std::string_view();
    if (!nearest.empty()) message += fmt::format("; did you mean `{}`?", nearest);
    problems_.push_back(loaded_.positions.At(key, std::move(message)));
  }

  const LoadedHttpRules& loaded_;
  const DescriptorSet& descriptors_;
  const bool complete_;
  std::vector<Problem>& problems_;
  MethodRules rules_;
  std::vector<std::string> names_;
  int unknown_ = 0;
};

}  // namespace

std::optional<MethodRules> LoadMethodRules(const LoadedConfig& loaded,
                                           const DescriptorSet& descriptors, bool complete,
                                           std::vector<Problem>& problems) {
  constexpr std::string_view kKey = "transcoding.rules";
  if (!loaded.config.transcoding().has_rules()) return MethodRules();
  const std::size_t before = problems.size();
  const HttpRulesResult read = LoadHttpRules(loaded.config.transcoding().rules());
  for (const Problem& problem : read.problems) {
    const bool is_of_whole_file = problem.line == 0 && problem.key.empty();
    problems.push_back(is_of_whole_file ? loaded.positions.At(kKey, ToString(problem)) : problem);
  }
  if (problems.size() > before) return std::nullopt;
  MethodRules rules = RuleResolver(read.loaded, descriptors, complete, problems).Resolve();
  if (problems.size() > before) return std::nullopt;
  return rules;
}

}  // namespace puente

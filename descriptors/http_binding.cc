#include "descriptors/http_binding.h"

#include <fmt/format.h>

#include "google/api/annotations.pb.h"

namespace puente {

using google::api::HttpRule;
using google::protobuf::MethodDescriptor;

namespace {

struct Pattern {
  std::string http_method;
  std::string path_template;
};

Pattern PatternOf(const HttpRule& rule) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return {"GET", rule.get()};
    case HttpRule::kPut:
      return {"PUT", rule.put()};
    case HttpRule::kPost:
      return {"POST", rule.post()};
    case HttpRule::kDelete:
      return {"DELETE", rule.delete_()};
    case HttpRule::kPatch:
      return {"PATCH", rule.patch()};
    case HttpRule::kCustom:
      return {rule.custom().kind(), rule.custom().path()};
    case HttpRule::PATTERN_NOT_SET:
      return {};
  }
  return {};
}

HttpBinding BindingOf(const MethodDescriptor& method, const HttpRule& rule,
                      const std::string& origin, int index) {
  auto [http_method, path_template] = PatternOf(rule);
  HttpBinding binding;
  binding.method = &method;
  binding.http_method = std::move(http_method);
  binding.path_template = std::move(path_template);
  binding.body = rule.body();
  binding.response_body = rule.response_body();
  binding.index = index;
  binding.has_nested_bindings = index > 0 && rule.additional_bindings_size() > 0;
  binding.origin = origin;
  return binding;
}

}  // namespace

std::string HttpBinding::Describe() const {
  const std::string from = automatic ? ", automatic" : origin.empty() ? "" : ", " + origin;
  if (http_method.empty() && path_template.empty()) {
    return fmt::format("{} (HTTP rule {}{})", method->full_name(), index, from);
  }
  return fmt::format("{} ({} {}{})", method->full_name(), http_method, path_template, from);
}

std::vector<HttpBinding> ReadHttpBindings(const MethodDescriptor& method) {
  // Through bytes, so that an option that the pool holds as an unknown field is found as well.
  google::protobuf::MethodOptions options;
  if (!options.ParsePartialFromString(method.options().SerializePartialAsString())) return {};
  if (!options.HasExtension(google::api::http)) return {};
  return BindingsOfRule(method, options.GetExtension(google::api::http), "");
}

std::vector<HttpBinding> BindingsOfRule(const MethodDescriptor& method, const HttpRule& rule,
                                        const std::string& origin) {
  std::vector<HttpBinding> bindings = {BindingOf(method, rule, origin, 0)};
  for (const HttpRule& additional : rule.additional_bindings()) {
    bindings.push_back(BindingOf(method, additional, origin, static_cast<int>(bindings.size())));
  }
  return bindings;
}

HttpBinding AutomaticBinding(const MethodDescriptor& method) {
  HttpBinding binding;
  binding.method = &method;
  binding.http_method = "POST";
  binding.path_template = fmt::format("/{}/{}", method.service()->full_name(), method.name());
  binding.body = "*";
  binding.automatic = true;
  return binding;
}

}  // namespace puente

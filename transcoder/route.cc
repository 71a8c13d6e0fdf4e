#include "transcoder/route.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "transcoder/json_name_clashes.h"
#include "transcoder/rest_routes.h"

namespace puente {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

namespace {

bool ServesAutomatically(const HttpBinding& binding, const HttpBinding& automatic) {
  return (binding.http_method == automatic.http_method || binding.http_method == "*") &&
         binding.path_template == automatic.path_template;
}

// What somebody wrote for `method`, where it counts: the rules go before the annotations.
std::vector<HttpBinding> WrittenBindings(const MethodDescriptor& method,
                                         const RouteOptions& options) {
  const auto rule = options.rules.find(&method);
  return rule == options.rules.end() ? ReadHttpBindings(method) : rule->second;
}

std::vector<HttpBinding> BindingsOf(const MethodDescriptor& method, const RestRoutes& rest,
                                    const RouteOptions& options) {
  std::vector<HttpBinding> bindings = WrittenBindings(method, options);
  if (options.auto_routes == AutoRoutes::kOff) return bindings;
  if (bindings.empty() && options.auto_routes == AutoRoutes::kRest) {
    bindings = rest.BindingsOf(method);
  }
  HttpBinding automatic = AutomaticBinding(method);
  const bool is_there = std::ranges::any_of(bindings, [&](const HttpBinding& binding) {
    return ServesAutomatically(binding, automatic);
  });
  if (!is_there) bindings.push_back(std::move(automatic));
  return bindings;
}

// The services that `names` chooses, in the order of the set; `problems` gets the unknown ones.
std::vector<const ServiceDescriptor*> Choose(const DescriptorSet& set,
                                             const std::vector<std::string>& names,
                                             Problems& problems) {
  const auto all = set.services();
  if (names.empty()) return {all.begin(), all.end()};
  const std::set<std::string_view> wanted(names.begin(), names.end());
  std::vector<const ServiceDescriptor*> chosen;
  std::set<std::string_view> known;
  for (const ServiceDescriptor* service : all) {
    known.insert(service->full_name());
    if (wanted.contains(service->full_name())) chosen.push_back(service);
  }
  for (std::string_view name : wanted) {
    if (known.contains(name)) continue;
    problems.push_back(
        fmt::format("transcoding.services: the descriptors have no service '{}'; they have: {}",
                    name, known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
  }
  return chosen;
}

// Equal for two routes that no request can tell apart. NUL stands in none of its parts.
std::string KeyOf(const Route& route) {
  std::string key = route.http_method + '\0' + route.path.verb + '\0';
  for (const PathTemplate::Segment& segment : route.path.segments) {
    key += static_cast<char>('0' + static_cast<int>(segment.kind));
    key += segment.literal;
    key += '\0';
  }
  return key;
}

}  // namespace

std::string Route::Describe() const {
  HttpBinding binding;
  binding.method = method;
  binding.http_method = http_method;
  binding.path_template = path.text;
  binding.automatic = automatic;
  binding.origin = origin;
  return binding.Describe();
}

Loaded<std::vector<Route>> CompileRoutes(const DescriptorSet& set, const RouteOptions& options) {
  Problems problems;
  std::vector<Route> routes;
  for (const ServiceDescriptor* service : Choose(set, options.services, problems)) {
    const RestRoutes rest(*service);
    for (int i = 0; i < service->method_count(); ++i) {
      for (const HttpBinding& binding : BindingsOf(*service->method(i), rest, options)) {
        auto route = CompileRoute(binding);
        if (route) {
          routes.push_back(std::move(*route));
        } else {
          std::ranges::move(route.error(), std::back_inserter(problems));
        }
      }
    }
  }
  std::ranges::move(FindDuplicates(routes), std::back_inserter(problems));
  std::ranges::move(FindJsonNameClashes(routes, options.preserve_proto_field_names),
                    std::back_inserter(problems));
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  return routes;
}

Problems FindDuplicates(std::span<const Route> routes) {
  Problems problems;
  std::unordered_map<std::string, const Route*> seen;
  for (const Route& route : routes) {
    const Route& first = *seen.try_emplace(KeyOf(route), &route).first->second;
    if (&first == &route) continue;
    problems.push_back(
        fmt::format("{} and {}: the same route twice, no request could tell them apart",
                    first.Describe(), route.Describe()));
  }
  return problems;
}

}  // namespace puente

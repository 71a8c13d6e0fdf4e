#include "transcoder/route.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "transcoder/json_name_clashes.h"
#include "transcoder/rest_routes.h"
#include "transcoder/scalar_text.h"
#include "transcoder/well_known.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::OneofDescriptor;
using google::protobuf::ServiceDescriptor;

namespace {

bool IsHttpBody(const Descriptor* message) {
  return message != nullptr && message->full_name() == "google.api.HttpBody";
}

bool IsHttpBody(const FieldDescriptor& field) {
  return !field.is_repeated() && field.type() == FieldDescriptor::TYPE_MESSAGE &&
         IsHttpBody(field.message_type());
}

bool IsInsideGroup(const FieldPath& path) {
  return std::ranges::any_of(path, [](const FieldDescriptor* field) {
    return field->type() == FieldDescriptor::TYPE_GROUP;
  });
}

bool IsToken(std::string_view text) {
  const auto is_token_char = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

class RouteCompiler {
 public:
  explicit RouteCompiler(const HttpBinding& binding) : binding_(binding) {
    route_.method = binding.method;
    route_.http_method = binding.http_method;
    route_.automatic = binding.automatic;
    route_.origin = binding.origin;
    route_.grpc_path =
        fmt::format("/{}/{}", binding.method->service()->full_name(), binding.method->name());
  }

  Loaded<Route> Compile() && {
    if (binding_.has_nested_bindings) Report("additional_bindings cannot be nested");
    if (binding_.http_method.empty() && binding_.path_template.empty()) {
      Report("the rule has no pattern (get, put, post, delete, patch or custom)");
      return tl::unexpected(std::move(problems_));
    }
    CheckHttpMethod();
    CompilePath();
    CompileBody();
    CompileResponseBody();
    if (!problems_.empty()) return tl::unexpected(std::move(problems_));
    return std::move(route_);
  }

 private:
  void Report(std::string_view what) {
    problems_.push_back(fmt::format("{}: {}", binding_.Describe(), what));
  }

  void CheckHttpMethod() {
    if (binding_.http_method.empty()) return Report("the custom pattern has an empty kind");
    if (!IsToken(binding_.http_method)) Report("the kind of the custom pattern is no HTTP method");
  }

  void CompilePath() {
    auto parsed = PathTemplate::Parse(binding_.path_template);
    if (!parsed) return Report(fmt::format("the path template does not parse: {}", parsed.error()));
    route_.path = std::move(*parsed);
    for (const PathTemplate::Variable& variable : route_.path.variables) {
      CompileVariable(variable.field_path);
    }
    CheckOverlaps();
    CheckOneofs();
  }

  void CompileVariable(const std::string& text) {
    auto field_path = ResolveFieldPath(*binding_.method->input_type(), text);
    if (!field_path) {
      return Report(fmt::format("path variable '{}': {}", text, field_path.error()));
    }
    const FieldDescriptor& field = *field_path->back();
    const auto refuse = [&](std::string_view type) {
      Report(fmt::format("path variable '{}' is of {} type, which a path cannot hold", text, type));
    };
    if (field.is_map()) return refuse("map");
    if (field.is_repeated()) return refuse("repeated");
    if (!HasTextForm(field)) return refuse("message");
    if (IsInsideGroup(*field_path)) {
      return Report(
          fmt::format("path variable '{}' is inside of a group, which is not supported", text));
    }
    if (HasPlaceInJson(text, *field_path)) route_.variables.push_back(std::move(*field_path));
  }

  // A variable without one could not win over the body.
  bool HasPlaceInJson(const std::string& text, const FieldPath& path) {
    const Descriptor& request = *binding_.method->input_type();
    if (binding_.body == "*" && KindOf(request) != WellKnown::kNone) {
      Report(fmt::format("path variable '{}' with body '*': the type {} has no fields in JSON",
                         text, request.full_name()));
      return false;
    }
    for (auto end = path.begin() + 1; end != path.end(); ++end) {
      if (KindOf(*(*(end - 1))->message_type()) == WellKnown::kNone) continue;
      Report(fmt::format("path variable '{}' is inside of '{}': the type has no fields in JSON",
                         text, ToString(FieldPath(path.begin(), end))));
      return false;
    }
    return true;
  }

  void CheckOverlaps() {
    std::vector<FieldPath> sorted = route_.variables;
    std::ranges::sort(sorted);
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      if (sorted[i - 1] != sorted[i]) continue;
      Report(fmt::format("path variables '{}' and '{}' set the same field", ToString(sorted[i - 1]),
                         ToString(sorted[i])));
    }
  }

  void CheckOneofs() {
    std::map<std::pair<FieldPath, const OneofDescriptor*>, const FieldDescriptor*> members;
    for (const FieldPath& path : route_.variables) {
      for (std::size_t i = 0; i < path.size(); ++i) {
        const OneofDescriptor* oneof = path[i]->real_containing_oneof();
        if (oneof == nullptr) continue;
        const FieldPath holder(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i));
        const FieldDescriptor* first = members.try_emplace({holder, oneof}, path[i]).first->second;
        if (first == path[i]) continue;
        Report(fmt::format("path variables set two members of oneof '{}': '{}' and '{}'",
                           oneof->name(), first->name(), path[i]->name()));
      }
    }
  }

  // The top-level field of `message` that `option` names; nullptr, and a report, when there is
  // none.
  const FieldDescriptor* TopLevelField(const Descriptor& message, std::string_view option,
                                       const std::string& name) {
    if (const FieldDescriptor* field = FindAnnotatedField(message, name)) return field;
    if (name.find('.') != name.npos) {
      Report(fmt::format("{} '{}' is not a top-level field: it must name a field of {} itself",
                         option, name, message.full_name()));
    } else {
      Report(fmt::format("{} '{}': {} has no such field", option, name, message.full_name()));
    }
    return nullptr;
  }

  void CompileBody() {
    const Descriptor& request = *binding_.method->input_type();
    if (binding_.body.empty()) return;
    if (binding_.body == "*") {
      route_.body = Route::Body::kMessage;
      route_.request_is_http_body = IsHttpBody(&request);
      return;
    }
    route_.body = Route::Body::kField;
    route_.body_field = TopLevelField(request, "body", binding_.body);
    route_.request_is_http_body = route_.body_field != nullptr && IsHttpBody(*route_.body_field);
  }

  void CompileResponseBody() {
    const Descriptor& response = *binding_.method->output_type();
    if (binding_.response_body.empty()) {
      route_.response_is_http_body = IsHttpBody(&response);
      return;
    }
    route_.response_field = TopLevelField(response, "response_body", binding_.response_body);
    route_.response_is_http_body =
        route_.response_field != nullptr && IsHttpBody(*route_.response_field);
  }

  const HttpBinding& binding_;
  Route route_;
  Problems problems_;
};

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

Loaded<Route> CompileRoute(const HttpBinding& binding) { return RouteCompiler(binding).Compile(); }

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
  std::ranges::move(FindJsonNameClashes(routes), std::back_inserter(problems));
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

// One binding, compiled; route.cc compiles those of a whole set.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "transcoder/route.h"
#include "transcoder/scalar_text.h"
#include "transcoder/well_known.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

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
    CheckOneofOfBody();
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
    if (binding_.http_method == "TRACE" || binding_.http_method == "CONNECT") {
      Report(fmt::format("{} requests are always answered 405, so no route can serve them",
                         binding_.http_method));
    }
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

  void CheckOneofOfBody() {
    if (route_.body_field == nullptr) return;
    for (const FieldPath& path : route_.variables) {
      if (!AreRivals(*path.front(), *route_.body_field)) continue;
      return Report(fmt::format("path variable '{}' and body '{}' set two members of oneof '{}'",
                                ToString(path), route_.body_field->name(),
                                route_.body_field->real_containing_oneof()->name()));
    }
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

}  // namespace

Loaded<Route> CompileRoute(const HttpBinding& binding) { return RouteCompiler(binding).Compile(); }

}  // namespace puente

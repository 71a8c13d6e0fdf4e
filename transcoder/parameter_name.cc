#include "transcoder/parameter_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "transcoder/place.h"
#include "transcoder/scalar_text.h"
#include "transcoder/well_known.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

namespace {

constexpr std::ptrdiff_t kDeepestPath = 32;

constexpr std::string_view kNoSuchField = "there is no such field";
constexpr std::string_view kTooDeep = "it is nested more than 32 fields deep";
constexpr std::string_view kNoFieldsInJson = "the type has no fields in JSON";
constexpr std::string_view kMapWithoutKey = "a map's entries are named with brackets: map[key]";
constexpr std::string_view kGroup = "proto2 groups are not supported";
constexpr std::string_view kNoText = "no text can set the field";

std::string_view ProblemOnTheWay(const FieldDescriptor& field) {
  if (field.is_map()) return kMapWithoutKey;
  if (field.is_repeated()) return "it names a field of a repeated message";
  if (field.type() == FieldDescriptor::TYPE_GROUP) return kGroup;
  if (KindOf(*field.message_type()) != WellKnown::kNone) return kNoFieldsInJson;
  return "";
}

std::string_view ProblemAtTheEnd(const FieldDescriptor& field, bool has_key) {
  if (field.is_map()) {
    if (!has_key) return kMapWithoutKey;
    return HasTextForm(*field.message_type()->map_value()) ? "" : kNoText;
  }
  if (HasTextForm(field)) return "";
  if (field.type() == FieldDescriptor::TYPE_GROUP) return kGroup;
  const bool is_plain = KindOf(*field.message_type()) == WellKnown::kNone && !field.is_repeated();
  return is_plain ? "it names a message, whose fields are set one by one" : kNoText;
}

// The field whose name is all of the last part of `name`, its brackets included.
const FieldDescriptor* FindBracketed(const Descriptor& holder, std::string_view last,
                                     const ParameterName& name) {
  if (!name.map_key) return nullptr;
  return FindField(holder, fmt::format("{}[{}]", last, *name.map_key));
}

// Follows `name` in `message`, whatever else may bind what it finds.
ResolvedName Resolve(const Descriptor& message, const ParameterName& name) {
  ResolvedName resolved;
  std::string_view rest = name.field;
  if (std::count(rest.begin(), rest.end(), '.') >= kDeepestPath) {
    return resolved.unknown = kTooDeep, resolved;
  }
  const Descriptor* holder = &message;
  while (true) {
    const std::size_t dot = rest.find('.');
    const FieldDescriptor* bracketed =
        dot == rest.npos ? FindBracketed(*holder, rest, name) : nullptr;
    const FieldDescriptor* field =
        bracketed != nullptr ? bracketed : FindField(*holder, rest.substr(0, dot));
    if (field == nullptr) return resolved.unknown = kNoSuchField, resolved;
    resolved.path.push_back(field);
    if (dot == rest.npos) {
      if (bracketed == nullptr) resolved.map_key = name.map_key;
      break;
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      return resolved.unknown = kNoSuchField, resolved;
    }
    resolved.problem = ProblemOnTheWay(*field);
    if (!resolved.problem.empty()) return resolved;
    holder = field->message_type();
    rest.remove_prefix(dot + 1);
  }
  if (resolved.map_key && !resolved.path.back()->is_map()) resolved.unknown = kNoSuchField;
  resolved.problem = ProblemAtTheEnd(*resolved.path.back(), resolved.map_key.has_value());
  return resolved;
}

bool Overlap(const FieldPath& a, const FieldPath& b) {
  const std::size_t common = std::min(a.size(), b.size());
  return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin());
}

void RefusePathFields(const Route& route, ResolvedName& resolved) {
  const bool is_of_path = std::ranges::any_of(
      route.variables, [&](const FieldPath& path) { return Overlap(path, resolved.path); });
  if (resolved.unknown.empty() && is_of_path) resolved.unknown = "the field is bound by the path";
}

ResolvedName Unknown(std::string_view why) { return {.path = {}, .unknown = why, .problem = {}}; }

bool HasFieldsInJson(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_MESSAGE && !field.is_repeated() &&
         KindOf(*field.message_type()) == WellKnown::kNone;
}

ResolvedName ResolveInBodyField(const Route& route, const ParameterName& name) {
  if (HasFieldsInJson(*route.body_field)) {
    ResolvedName inside = Resolve(*route.body_field->message_type(), name);
    if (inside.unknown.empty()) {
      inside.path.insert(inside.path.begin(), route.body_field);
      return inside;
    }
  }
  ResolvedName outside = Resolve(*route.method->input_type(), name);
  const bool is_of_body = !outside.path.empty() && outside.path.front() == route.body_field;
  return is_of_body || outside.path.empty() ? outside : Unknown(kNoSuchField);
}

ResolvedName ResolveInWholeBody(const Route& route, const ParameterName& name) {
  const Descriptor& request = *route.method->input_type();
  if (KindOf(request) != WellKnown::kNone) return Unknown(kNoFieldsInJson);
  return Resolve(request, name);
}

}  // namespace

ParameterName::ParameterName(const std::string& name) : field(name) {
  const std::size_t bracket = name.find('[');
  if (bracket == name.npos || !name.ends_with(']')) return;
  field = name.substr(0, bracket);
  map_key = name.substr(bracket + 1, name.size() - bracket - 2);
}

bool ParameterName::IsPlain() const {
  return IsPlainName(field) && (!map_key || IsPlainName(*map_key));
}

ResolvedName ResolveQueryParameter(const Route& route, const ParameterName& name) {
  if (route.body == Route::Body::kMessage) return Unknown("the whole body is bound");
  ResolvedName resolved = Resolve(*route.method->input_type(), name);
  RefusePathFields(route, resolved);
  const bool is_of_body = route.body == Route::Body::kField && !resolved.path.empty() &&
                          resolved.path.front() == route.body_field;
  if (resolved.unknown.empty() && is_of_body) resolved.unknown = "the field is bound by the body";
  return resolved;
}

ResolvedName ResolveFormField(const Route& route, const ParameterName& name) {
  ResolvedName resolved = route.body == Route::Body::kField ? ResolveInBodyField(route, name)
                                                            : ResolveInWholeBody(route, name);
  RefusePathFields(route, resolved);
  return resolved;
}

}  // namespace puente

#include "transcoder/request_binding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "transcoder/place.h"
#include "transcoder/scalar_text.h"
#include "transcoder/uri.h"
#include "transcoder/well_known.h"

namespace puente {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

constexpr std::size_t kDeepestPath = 32;

// What is set so far, one node per field.
class SetFields {
 public:
  enum class Outcome { kOk, kTwice, kOneof };

  Outcome Add(const FieldPath& path, const std::optional<std::string>& map_key) {
    SetFields* node = this;
    for (const FieldDescriptor* field : path) {
      const OneofDescriptor* oneof = field->real_containing_oneof();
      if (oneof != nullptr && node->oneofs_.try_emplace(oneof, field).first->second != field) {
        return Outcome::kOneof;
      }
      node = &node->children_[field];
    }
    if (map_key) {
      const FieldDescriptor& key_field = *path.back()->message_type()->map_key();
      const bool is_new = node->keys_.insert(CanonicalMapKey(key_field, *map_key)).second;
      return is_new ? Outcome::kOk : Outcome::kTwice;
    }
    if (path.back()->is_repeated()) return Outcome::kOk;
    return std::exchange(node->set_, true) ? Outcome::kTwice : Outcome::kOk;
  }

 private:
  std::map<const FieldDescriptor*, SetFields> children_;
  std::map<const OneofDescriptor*, const FieldDescriptor*> oneofs_;
  std::set<std::string> keys_;
  bool set_ = false;
};

// The field that a parameter's name stands for, as far as the name could be followed.
struct Resolved {
  FieldPath path;
  std::string_view problem;  // why it can't be set; empty when it can
  bool unknown = false;      // it names no field
};

std::string_view ProblemOnTheWay(const FieldDescriptor& field) {
  if (field.is_map()) return "a map's entries are named with brackets: map[key]";
  if (field.is_repeated()) return "it names a field of a repeated message";
  if (field.type() == FieldDescriptor::TYPE_GROUP) return "proto2 groups are not supported";
  if (KindOf(*field.message_type()) != WellKnown::kNone) return "the type has no fields in JSON";
  return "";
}

std::string_view ProblemAtTheEnd(const FieldDescriptor& field, bool has_key) {
  if (field.is_map()) {
    if (!has_key) return "a map's entries are named with brackets: map[key]";
    return HasTextForm(*field.message_type()->map_value()) ? "" : "no text can set the field";
  }
  if (HasTextForm(field)) return "";
  if (field.type() == FieldDescriptor::TYPE_GROUP) return "proto2 groups are not supported";
  const bool is_plain = KindOf(*field.message_type()) == WellKnown::kNone && !field.is_repeated();
  return is_plain ? "it names a message, whose fields are set one by one"
                  : "no text can set the field";
}

Resolved Resolve(const Descriptor& message, std::string_view name, bool has_key) {
  Resolved resolved;
  const Descriptor* holder = &message;
  while (true) {
    const std::size_t dot = name.find('.');
    const FieldDescriptor* field = FindField(*holder, name.substr(0, dot));
    if (field == nullptr) return resolved.unknown = true, resolved;
    resolved.path.push_back(field);
    if (dot == std::string_view::npos) break;
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      return resolved.unknown = true, resolved;
    }
    resolved.problem = ProblemOnTheWay(*field);
    if (!resolved.problem.empty()) return resolved;
    holder = field->message_type();
    name.remove_prefix(dot + 1);
  }
  resolved.unknown = has_key && !resolved.path.back()->is_map();
  resolved.problem = ProblemAtTheEnd(*resolved.path.back(), has_key);
  return resolved;
}

bool Overlap(const FieldPath& a, const FieldPath& b) {
  const std::size_t common = std::min(a.size(), b.size());
  return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin());
}

// "labels[region]" as its field and its key.
struct Name {
  std::string field;
  std::optional<std::string> map_key;
};

Name SplitName(const std::string& name) {
  const std::size_t bracket = name.find('[');
  if (bracket == std::string::npos || !name.ends_with(']')) return {name, std::nullopt};
  return {name.substr(0, bracket), name.substr(bracket + 1, name.size() - bracket - 2)};
}

class Binder {
 public:
  Binder(const Route& route, const TargetInput& target, const CodecOptions& options,
         DroppedInput& dropped)
      : route_(route), target_(target), options_(options), dropped_(dropped) {}

  Result<std::vector<BoundParameter>> Bind() {
    for (std::size_t i = 0; i < route_.variables.size(); ++i) BindVariable(i);
    if (auto bound = BindQuery(); !bound) return tl::unexpected(bound.error());
    return std::move(parameters_);
  }

 private:
  void BindVariable(std::size_t index) {
    const FieldPath& path = route_.variables[index];
    (void)set_.Add(path, std::nullopt);
    parameters_.push_back(
        {path, std::nullopt, target_.captures[index],
         fmt::format("path variable \"{}\"", route_.path.variables[index].field_path)});
  }

  Result<void> BindQuery() {
    int count = 0;
    std::string_view rest = target_.query;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('&'), rest.size());
      const std::string_view piece = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (piece.empty()) continue;
      if (++count > options_.max_query_parameters) return Fail(TooMany());
      if (auto bound = BindPiece(piece, count); !bound) return bound;
    }
    return {};
  }

  Result<void> BindPiece(std::string_view piece, int ordinal) {
    const std::size_t equals = std::min(piece.find('='), piece.size());
    const std::string name = QueryDecode(piece.substr(0, equals), options_.plus_is_space);
    const std::string_view value = piece.substr(std::min(equals + 1, piece.size()));
    const Name split = SplitName(name);
    const std::string origin = Origin(name, split, ordinal);
    if (route_.body == Route::Body::kMessage) return Unknown(origin, "the whole body is bound");
    const auto dots = std::count(split.field.begin(), split.field.end(), '.');
    if (static_cast<std::size_t>(dots) >= kDeepestPath) {
      return Fail(fmt::format("{} is nested more than {} fields deep", origin, kDeepestPath));
    }
    Resolved resolved =
        Resolve(*route_.method->input_type(), split.field, split.map_key.has_value());
    if (resolved.unknown) return Unknown(origin, "there is no such field");
    if (IsOfPath(resolved.path)) return Unknown(origin, "the field is bound by the path");
    if (IsOfBody(resolved.path)) return Unknown(origin, "the field is bound by the body");
    if (!resolved.problem.empty()) return Fail(fmt::format("{}: {}", origin, resolved.problem));
    return Add({std::move(resolved.path), split.map_key, QueryDecode(value, options_.plus_is_space),
                origin});
  }

  Result<void> Add(BoundParameter parameter) {
    switch (set_.Add(parameter.path, parameter.map_key)) {
      case SetFields::Outcome::kTwice:
        return Fail(fmt::format("{}: the field is given twice", parameter.origin));
      case SetFields::Outcome::kOneof:
        return Fail(
            fmt::format("{}: another member of the same oneof is given, too", parameter.origin));
      case SetFields::Outcome::kOk:
        break;
    }
    parameters_.push_back(std::move(parameter));
    return {};
  }

  Result<void> Unknown(const std::string& origin, std::string_view why) {
    if (options_.unknown_query == UnknownInput::kReject) {
      return Fail(fmt::format("unknown {}: {}", origin, why));
    }
    ++dropped_.in_query;
    return {};
  }

  bool IsOfPath(const FieldPath& path) const {
    return std::any_of(route_.variables.begin(), route_.variables.end(),
                       [&](const FieldPath& variable) { return Overlap(variable, path); });
  }
  bool IsOfBody(const FieldPath& path) const {
    return route_.body == Route::Body::kField && path.front() == route_.body_field;
  }

  std::string TooMany() const {
    return fmt::format("more than {} query parameters", options_.max_query_parameters);
  }

  static std::string Origin(const std::string& name, const Name& split, int ordinal) {
    const bool is_plain =
        IsPlainName(split.field) && (!split.map_key || IsPlainName(*split.map_key));
    return is_plain ? fmt::format("query parameter \"{}\"", name)
                    : fmt::format("query parameter number {}", ordinal);
  }

  static tl::unexpected<Error> Fail(std::string message) {
    return puente::Fail(Code::kInvalidArgument, std::move(message));
  }

  const Route& route_;
  const TargetInput& target_;
  const CodecOptions& options_;
  DroppedInput& dropped_;
  SetFields set_;
  std::vector<BoundParameter> parameters_;
};

using Appended = tl::expected<void, TextProblem>;

Appended AppendMapEntry(const FieldDescriptor& map, std::string_view key, std::string_view value,
                        WireWriter& out) {
  out.Open(map.number());
  Appended appended = AppendText(*map.message_type()->map_key(), key, out);
  if (appended) appended = AppendText(*map.message_type()->map_value(), value, out);
  out.Close();
  return appended;
}

bool IsFieldMask(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         KindOf(*field.message_type()) == WellKnown::kFieldMask;
}

Appended AppendLast(const BoundParameter& parameter, WireWriter& out) {
  const FieldDescriptor& field = *parameter.path.back();
  if (parameter.map_key) return AppendMapEntry(field, *parameter.map_key, parameter.text, out);
  if (parameter.text.empty() && IsFieldMask(field)) return tl::unexpected(ExpectedFor(field));
  return AppendText(field, parameter.text, out);
}

}  // namespace

Result<std::vector<BoundParameter>> BindParameters(const Route& route, const TargetInput& target,
                                                   const CodecOptions& options,
                                                   DroppedInput& dropped) {
  return Binder(route, target, options, dropped).Bind();
}

Result<void> AppendParameter(const BoundParameter& parameter, WireWriter& out) {
  const std::size_t holders = parameter.path.size() - 1;
  for (std::size_t i = 0; i < holders; ++i) out.Open(parameter.path[i]->number());
  const Appended appended = AppendLast(parameter, out);
  for (std::size_t i = 0; i < holders; ++i) out.Close();
  if (appended) return {};
  return Fail(Code::kInvalidArgument, fmt::format("{}: {}", parameter.origin, appended.error()));
}

}  // namespace puente

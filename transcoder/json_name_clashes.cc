#include "transcoder/json_name_clashes.h"

#include <fmt/format.h>

#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "transcoder/well_known.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

namespace {

class ClashFinder {
 public:
  explicit ClashFinder(bool proto_field_names) : proto_field_names_(proto_field_names) {}

  void Visit(const MethodDescriptor& method) {
    Add(method.input_type());
    Add(method.output_type());
    while (!pending_.empty()) {
      const Descriptor& message = *pending_.back();
      pending_.pop_back();
      if (KindOf(message) == WellKnown::kNone) Check(message, method);
    }
  }

  Problems Finish() && { return std::move(problems_); }

 private:
  void Add(const Descriptor* message) {
    if (message != nullptr && seen_.insert(message).second) pending_.push_back(message);
  }

  void Check(const Descriptor& message, const MethodDescriptor& method) {
    std::unordered_map<std::string_view, const FieldDescriptor*> by_name;
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      Add(field.message_type());
      if (proto_field_names_) CheckProtoName(field, method);
      const FieldDescriptor& first = *by_name.try_emplace(field.json_name(), &field).first->second;
      if (&first == &field) continue;
      problems_.push_back(fmt::format(
          "{} uses {}, whose fields '{}' and '{}' have the same JSON name '{}'; give one of them "
          "another json_name",
          method.full_name(), message.full_name(), first.name(), field.name(), field.json_name()));
    }
  }

  void CheckProtoName(const FieldDescriptor& field, const MethodDescriptor& method) {
    const Descriptor& message = *field.containing_type();
    const FieldDescriptor* other = message.FindFieldByName(field.json_name());
    const bool is_moved =
        other != nullptr && other != &field && other->json_name() != field.json_name();
    if (!is_moved) return;
    problems_.push_back(fmt::format(
        "{} uses {}, whose field '{}' has the JSON name '{}', the name of another field: with "
        "preserve_proto_field_names, '{}' of an answer that is sent back would set '{}'; give '{}' "
        "another json_name",
        method.full_name(), message.full_name(), field.name(), field.json_name(), other->name(),
        field.name(), field.name()));
  }

  const bool proto_field_names_;
  std::unordered_set<const Descriptor*> seen_;
  std::vector<const Descriptor*> pending_;
  Problems problems_;
};

}  // namespace

Problems FindJsonNameClashes(std::span<const Route> routes, bool proto_field_names) {
  ClashFinder finder(proto_field_names);
  for (const Route& route : routes) finder.Visit(*route.method);
  return std::move(finder).Finish();
}

}  // namespace puente

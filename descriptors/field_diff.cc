#include "descriptors/field_diff.h"

#include <fmt/format.h>

#include <iterator>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "descriptors/option_diff.h"
#include "descriptors/type_name.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

namespace {

std::string_view NameOf(Broken broken) {
  if (broken.json && broken.wire) return "JSON and wire";
  return broken.json ? "JSON" : "wire";
}

// The reserved numbers and names of a message.
class Reserved {
 public:
  explicit Reserved(const Descriptor& message) {
    for (int i = 0; i < message.reserved_range_count(); ++i) {
      ends_[message.reserved_range(i)->start] = message.reserved_range(i)->end;
    }
    for (int i = 0; i < message.reserved_name_count(); ++i) names_.insert(message.reserved_name(i));
  }

  bool Has(const FieldDescriptor& field) const {
    const auto behind = ends_.upper_bound(field.number());
    return behind != ends_.begin() && field.number() < std::prev(behind)->second &&
           names_.contains(field.name());
  }

 private:
  std::map<int, int> ends_;  // of a range, exclusive, by its start
  std::unordered_set<std::string> names_;
};

// The default that is written down; empty when there is none.
std::string DefaultOf(const FieldDescriptor& field) {
  if (!field.has_default_value()) return "";
  google::protobuf::FieldDescriptorProto proto;
  field.CopyTo(&proto);
  return fmt::format("\"{}\"", proto.default_value());
}

class FieldDiff {
 public:
  FieldDiff(const Descriptor& before, const Descriptor& after, bool is_served, TypeMatches& types,
            std::vector<Change>& changes)
      : before_(before),
        after_(after),
        reserved_(after),
        is_served_(is_served),
        types_(types),
        changes_(changes) {}

  void Run() {
    for (int i = 0; i < before_.real_oneof_decl_count(); ++i) MatchOneof(*before_.oneof_decl(i));
    for (int i = 0; i < before_.field_count(); ++i) {
      const FieldDescriptor& field = *before_.field(i);
      element_ = fmt::format("{}.{}", before_.full_name(), field.name());
      if (const FieldDescriptor* successor = FindSuccessor(field, after_)) {
        successors_.insert(successor);
        Compare(field, *successor);
      } else {
        AddRemoved(field);
      }
    }
    for (int i = 0; i < before_.field_count(); ++i) {
      const FieldDescriptor& field = *before_.field(i);
      old_names_.emplace(field.name(), &field);
      old_names_.emplace(field.json_name(), &field);
    }
    for (int i = 0; i < after_.field_count(); ++i) AddIfNew(*after_.field(i));
  }

 private:
  void Breaking(ChangeKind kind, std::string text) {
    changes_.push_back({kind, is_served_, element_, std::move(text)});
  }

  void AddRemoved(const FieldDescriptor& field) {
    Breaking(ChangeKind::kRemoved,
             fmt::format("field removed (JSON and wire){}",
                         reserved_.Has(field)
                             ? ""
                             : "; its number and name are not both reserved against reuse"));
  }

  void AddIfNew(const FieldDescriptor& field) {
    if (successors_.contains(&field)) return;
    element_ = fmt::format("{}.{}", before_.full_name(), field.name());
    const std::string taken = TakenBy(field);
    changes_.push_back(
        {ChangeKind::kAdded, is_served_ && (field.is_required() || !taken.empty()), element_,
         fmt::format("{}field added: {} = {}{}", field.is_required() ? "required " : "",
                     TypeName(field), field.number(), taken)});
  }

  // JSON had another field by one of its names.
  std::string TakenBy(const FieldDescriptor& field) const {
    for (const std::string& name : {field.name(), field.json_name()}) {
      const auto old = old_names_.find(name);
      if (old == old_names_.end()) continue;
      return fmt::format("; takes the name \"{}\" from {} (JSON)", name, old->second->name());
    }
    return "";
  }

  void Compare(const FieldDescriptor& old_field, const FieldDescriptor& new_field) {
    CompareNames(old_field, new_field);
    if (old_field.number() != new_field.number()) {
      Breaking(ChangeKind::kNumber, fmt::format("number changed from {} to {} (wire)",
                                                old_field.number(), new_field.number()));
    }
    if (old_field.is_repeated() == new_field.is_repeated() &&
        old_field.is_map() == new_field.is_map()) {
      CompareTypes(old_field, new_field);
      ComparePresence(old_field, new_field);
    } else {
      Breaking(ChangeKind::kLabel, fmt::format("changed from {} to {} (JSON and wire)",
                                               TypeName(old_field), TypeName(new_field)));
    }
    CompareOneofs(old_field, new_field);
    CompareDefaults(old_field, new_field);
    DiffOptions(old_field, new_field, element_, changes_);
  }

  void CompareNames(const FieldDescriptor& old_field, const FieldDescriptor& new_field) {
    const bool same_json = old_field.json_name() == new_field.json_name();
    if (old_field.name() != new_field.name()) {
      Breaking(ChangeKind::kRenamed,
               fmt::format("field renamed to {} (JSON{})", new_field.name(),
                           same_json ? ": requests and field masks that use the proto name" : ""));
    } else if (!same_json) {
      Breaking(ChangeKind::kJsonName, fmt::format("JSON name changed from \"{}\" to \"{}\" (JSON)",
                                                  old_field.json_name(), new_field.json_name()));
    }
  }

  void CompareTypes(const FieldDescriptor& old_field, const FieldDescriptor& new_field) {
    const Broken broken = types_.CompareTypes(old_field, new_field);
    if (!broken.any()) return;
    const std::string old_type = TypeName(old_field);
    const std::string new_type = TypeName(new_field);
    Breaking(ChangeKind::kType,
             fmt::format("type changed from {} to {} ({})", old_type, new_type, NameOf(broken)));
  }

  void ComparePresence(const FieldDescriptor& old_field, const FieldDescriptor& new_field) {
    if (old_field.is_required() != new_field.is_required()) {
      return Breaking(ChangeKind::kLabel, new_field.is_required() ? "required now (wire)"
                                                                  : "no longer required (wire)");
    }
    const bool in_oneof = old_field.real_containing_oneof() != nullptr ||
                          new_field.real_containing_oneof() != nullptr;
    if (in_oneof || old_field.has_presence() == new_field.has_presence()) return;
    if ((old_field.message_type() == nullptr) != (new_field.message_type() == nullptr)) return;
    Breaking(ChangeKind::kLabel, new_field.has_presence()
                                     ? "optional now: unset and default are told apart (JSON)"
                                     : "no longer optional: default means unset (JSON)");
  }

  // Oneofs have no name in JSON or on the wire, so one that is only renamed stays what it is.
  void MatchOneof(const OneofDescriptor& oneof) {
    const OneofDescriptor* match = after_.FindOneofByName(oneof.name());
    for (int i = 0; match == nullptr && i < oneof.field_count(); ++i) {
      const FieldDescriptor* successor = FindSuccessor(*oneof.field(i), after_);
      if (successor != nullptr) match = successor->real_containing_oneof();
    }
    oneofs_[&oneof] = match;
  }

  void CompareOneofs(const FieldDescriptor& old_field, const FieldDescriptor& new_field) {
    const OneofDescriptor* from = old_field.real_containing_oneof();
    const OneofDescriptor* to = new_field.real_containing_oneof();
    if ((from == nullptr ? nullptr : oneofs_[from]) == to && (from == nullptr) == (to == nullptr)) {
      return;
    }
    if (from == nullptr) {
      Breaking(ChangeKind::kOneof, fmt::format("moved into oneof {}", to->name()));
    } else if (to == nullptr) {
      Breaking(ChangeKind::kOneof, fmt::format("moved out of oneof {}", from->name()));
    } else {
      Breaking(ChangeKind::kOneof,
               fmt::format("moved from oneof {} to oneof {}", from->name(), to->name()));
    }
  }

  void CompareDefaults(const FieldDescriptor& old_field, const FieldDescriptor& new_field) {
    const std::string from = DefaultOf(old_field);
    const std::string to = DefaultOf(new_field);
    if (from == to) return;
    Breaking(ChangeKind::kDefault,
             fmt::format("default changed from {} to {}", from.empty() ? "none" : from,
                         to.empty() ? "none" : to));
  }

  const Descriptor& before_;
  const Descriptor& after_;
  const Reserved reserved_;
  const bool is_served_;
  TypeMatches& types_;
  std::vector<Change>& changes_;
  std::string element_;
  std::unordered_map<const OneofDescriptor*, const OneofDescriptor*> oneofs_;
  std::unordered_set<const FieldDescriptor*> successors_;
  std::unordered_map<std::string, const FieldDescriptor*> old_names_;  // that JSON has them by
};

}  // namespace

const FieldDescriptor* FindSuccessor(const FieldDescriptor& field, const Descriptor& after) {
  if (const FieldDescriptor* same_name = after.FindFieldByName(field.name())) return same_name;
  const FieldDescriptor* same_number = after.FindFieldByNumber(field.number());
  if (same_number == nullptr) return nullptr;
  const bool was_another = field.containing_type()->FindFieldByName(same_number->name()) != nullptr;
  return was_another ? nullptr : same_number;
}

void DiffFields(const Descriptor& before, const Descriptor& after, bool is_served,
                TypeMatches& types, std::vector<Change>& changes) {
  FieldDiff(before, after, is_served, types, changes).Run();
}

}  // namespace puente

#include "descriptors/descriptor_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_set>

#include "descriptors/built_in_files.h"
#include "descriptors/enum_diff.h"
#include "descriptors/field_diff.h"
#include "descriptors/http_binding.h"
#include "descriptors/http_rule_diff.h"
#include "descriptors/option_diff.h"
#include "descriptors/path_owners.h"
#include "descriptors/type_matches.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

namespace {

// Messages and enums that can be part of a call.
class ReachableTypes {
 public:
  void Add(const Descriptor& message) {
    if (seen_.insert(&message).second) pending_.push_back(&message);
    while (!pending_.empty()) {
      const Descriptor& next = *pending_.back();
      pending_.pop_back();
      for (int i = 0; i < next.field_count(); ++i) AddTypeOf(*next.field(i));
    }
  }

  bool Contains(const void* type) const { return seen_.contains(type); }

 private:
  void AddTypeOf(const FieldDescriptor& field) {
    if (field.enum_type() != nullptr) seen_.insert(field.enum_type());
    const Descriptor* message = field.message_type();
    if (message != nullptr && seen_.insert(message).second) pending_.push_back(message);
  }

  std::unordered_set<const void*> seen_;
  std::vector<const Descriptor*> pending_;
};

struct Types {
  std::vector<const Descriptor*> messages;
  std::vector<const EnumDescriptor*> enums;
};

template <class Scope>
void AddTypesOf(const Scope& scope, Types& types) {
  for (int i = 0; i < scope.enum_type_count(); ++i) types.enums.push_back(scope.enum_type(i));
}

// Those of the set's files, whatever they are nested in; those that nest others first.
Types TypesOf(const DescriptorSet& set) {
  Types types;
  for (const FileDescriptor* file : set.files()) {
    if (FindBuiltInFile(file->name()) != nullptr) continue;
    AddTypesOf(*file, types);
    for (int i = 0; i < file->message_type_count(); ++i) {
      types.messages.push_back(file->message_type(i));
    }
  }
  for (std::size_t next = 0; next < types.messages.size(); ++next) {
    const Descriptor& message = *types.messages[next];
    AddTypesOf(message, types);
    for (int i = 0; i < message.nested_type_count(); ++i) {
      const Descriptor& nested = *message.nested_type(i);
      if (!nested.options().map_entry()) types.messages.push_back(&nested);
    }
  }
  return types;
}

const Descriptor* FindSame(const Descriptor& message, const DescriptorPool& pool) {
  return pool.FindMessageTypeByName(message.full_name());
}
const EnumDescriptor* FindSame(const EnumDescriptor& type, const DescriptorPool& pool) {
  return pool.FindEnumTypeByName(type.full_name());
}

constexpr std::string_view KindOf(const Descriptor&) { return "message"; }
constexpr std::string_view KindOf(const EnumDescriptor&) { return "enum"; }

// Whether what `type` is nested in is in `pool`; if not, it is gone or new with that.
template <class Type>
bool HasPlaceIn(const Type& type, const DescriptorPool& pool) {
  return type.containing_type() == nullptr || FindSame(*type.containing_type(), pool) != nullptr;
}

// The reserved numbers and names, as a text to compare.
template <class Type>
std::string ReservedIn(const Type& type) {
  std::string reserved;
  for (int i = 0; i < type.reserved_range_count(); ++i) {
    reserved += fmt::format("{}-{} ", type.reserved_range(i)->start, type.reserved_range(i)->end);
  }
  for (int i = 0; i < type.reserved_name_count(); ++i) reserved += type.reserved_name(i) + " ";
  return reserved;
}

class DescriptorDiff {
 public:
  DescriptorDiff(const DescriptorSet& before, const DescriptorSet& after)
      : before_(before), after_(after) {}

  std::vector<Change> Run() && {
    for (const ServiceDescriptor* service : before_.services()) AddOwners(*service);
    for (const ServiceDescriptor* service : before_.services()) CompareService(*service);
    for (const ServiceDescriptor* service : after_.services()) AddIfNew(*service);
    CompareMatches();
    const Types old_types = TypesOf(before_);
    MatchByName(old_types.messages);
    MatchByName(old_types.enums);
    CompareMatches();
    AddRemoved(old_types.messages);
    AddRemoved(old_types.enums);
    const Types new_types = TypesOf(after_);
    AddNew(new_types.messages);
    AddNew(new_types.enums);
    Sort();
    return std::move(changes_);
  }

 private:
  void Add(ChangeKind kind, bool breaking, const std::string& element, std::string text) {
    changes_.push_back({kind, breaking, element, std::move(text)});
  }

  void AddOwners(const ServiceDescriptor& service) {
    for (int i = 0; i < service.method_count(); ++i) {
      for (const HttpBinding& binding : ReadHttpBindings(*service.method(i))) owners_.Add(binding);
    }
  }

  void CompareService(const ServiceDescriptor& service) {
    const ServiceDescriptor* kept = after_.pool().FindServiceByName(service.full_name());
    if (kept == nullptr) {
      return Add(ChangeKind::kRemoved, true, service.full_name(), "service removed");
    }
    DiffOptions(service, *kept, service.full_name(), changes_);
    for (int i = 0; i < service.method_count(); ++i) CompareMethod(*service.method(i), *kept);
    for (int i = 0; i < kept->method_count(); ++i) {
      const MethodDescriptor& method = *kept->method(i);
      if (service.FindMethodByName(method.name()) == nullptr) {
        Add(ChangeKind::kAdded, false, method.full_name(), "method added");
        AddHttpRules(method, owners_, changes_);
      }
    }
  }

  void AddIfNew(const ServiceDescriptor& service) {
    if (before_.pool().FindServiceByName(service.full_name()) != nullptr) return;
    Add(ChangeKind::kAdded, false, service.full_name(), "service added");
    for (int i = 0; i < service.method_count(); ++i) {
      AddHttpRules(*service.method(i), owners_, changes_);
    }
  }

  void CompareMethod(const MethodDescriptor& method, const ServiceDescriptor& service) {
    const MethodDescriptor* kept = service.FindMethodByName(method.name());
    if (kept == nullptr) {
      return Add(ChangeKind::kRemoved, true, method.full_name(), "method removed");
    }
    served_.Add(*method.input_type());
    served_.Add(*method.output_type());
    CompareStreaming(method, "requests", method.client_streaming(), kept->client_streaming());
    CompareStreaming(method, "responses", method.server_streaming(), kept->server_streaming());
    CompareMessage(method, "request", *method.input_type(), *kept->input_type());
    CompareMessage(method, "response", *method.output_type(), *kept->output_type());
    DiffHttpRules(method, *kept, owners_, changes_);
    DiffOptions(method, *kept, method.full_name(), changes_);
  }

  void CompareStreaming(const MethodDescriptor& method, std::string_view what, bool before,
                        bool after) {
    if (before == after) return;
    Add(ChangeKind::kStreaming, true, method.full_name(),
        fmt::format("{} {} now", what, after ? "are a stream" : "are no stream"));
  }

  void CompareMessage(const MethodDescriptor& method, std::string_view what,
                      const Descriptor& before, const Descriptor& after) {
    if (types_.Match(before, after)) {
      if (before.full_name() == after.full_name()) return;
      return Add(ChangeKind::kType, false, method.full_name(),
                 fmt::format("{} type changed from {} to {}, which keeps all that it has", what,
                             before.full_name(), after.full_name()));
    }
    Add(ChangeKind::kType, true, method.full_name(),
        fmt::format("{} type changed from {} to {} (JSON and wire)", what, before.full_name(),
                    after.full_name()));
  }

  // Comparing a pair may bring others.
  void CompareMatches() {
    std::vector<TypeMatches::MessagePair> messages;
    std::vector<TypeMatches::EnumPair> enums;
    while (types_.Take(messages, enums)) {
      for (const auto& [before, after] : messages) CompareMessages(*before, *after);
      for (const auto& [before, after] : enums) CompareEnums(*before, *after);
    }
  }

  void CompareMessages(const Descriptor& before, const Descriptor& after) {
    if (FindBuiltInFile(before.file()->name()) != nullptr) return;
    CompareTypes(before, after);
    DiffFields(before, after, served_.Contains(&before), types_, changes_);
  }

  void CompareEnums(const EnumDescriptor& before, const EnumDescriptor& after) {
    if (FindBuiltInFile(before.file()->name()) != nullptr) return;
    CompareTypes(before, after);
    DiffEnums(before, after, served_.Contains(&before), changes_);
  }

  template <class Type>
  void CompareTypes(const Type& before, const Type& after) {
    if (before.full_name() != after.full_name()) {
      Add(ChangeKind::kRenamed, false, before.full_name(),
          fmt::format("{} replaced by {}, which keeps all that it has{}", KindOf(before),
                      after.full_name(),
                      KindOf(before) == "message" ? "; its @type URL in Any changes" : ""));
    }
    if (ReservedIn(before) != ReservedIn(after)) {
      Add(ChangeKind::kOptions, false, before.full_name(), "reserved numbers and names changed");
    }
    DiffOptions(before, after, before.full_name(), changes_);
  }

  template <class Type>
  void MatchByName(const std::vector<const Type*>& types) {
    for (const Type* type : types) {
      const Type* same = FindSame(*type, after_.pool());
      if (same != nullptr) types_.Match(*type, *same);
    }
  }

  template <class Type>
  void AddRemoved(const std::vector<const Type*>& types) {
    for (const Type* type : types) {
      const bool is_gone = FindSame(*type, after_.pool()) == nullptr && !types_.IsOld(type);
      if (!is_gone || !HasPlaceIn(*type, after_.pool())) continue;
      Add(ChangeKind::kRemoved, served_.Contains(type), type->full_name(),
          fmt::format("{} removed", KindOf(*type)));
    }
  }

  template <class Type>
  void AddNew(const std::vector<const Type*>& types) {
    for (const Type* type : types) {
      const bool is_new = FindSame(*type, before_.pool()) == nullptr && !types_.IsNew(type);
      if (!is_new || !HasPlaceIn(*type, before_.pool())) continue;
      Add(ChangeKind::kAdded, false, type->full_name(), fmt::format("{} added", KindOf(*type)));
    }
  }

  void Sort() {
    std::ranges::stable_sort(changes_, [](const Change& a, const Change& b) {
      return std::tie(b.breaking, a.element) < std::tie(a.breaking, b.element);
    });
  }

  const DescriptorSet& before_;
  const DescriptorSet& after_;
  PathOwners owners_;
  ReachableTypes served_;
  TypeMatches types_;
  std::vector<Change> changes_;
};

}  // namespace

std::vector<Change> DiffDescriptors(const DescriptorSet& before, const DescriptorSet& after) {
  return DescriptorDiff(before, after).Run();
}

}  // namespace puente

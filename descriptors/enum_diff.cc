#include "descriptors/enum_diff.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "descriptors/option_diff.h"

namespace puente {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FileDescriptor;

namespace {

bool IsClosed(const EnumDescriptor& type) {
  return type.file()->syntax() != FileDescriptor::SYNTAX_PROTO3;
}

std::string ElementOf(const EnumDescriptor& type, const EnumValueDescriptor& value) {
  return fmt::format("{}.{}", type.full_name(), value.name());
}

// The new name of the number of a value that is gone; nullptr when there is none.
const EnumValueDescriptor* FindRenamed(const EnumValueDescriptor& value,
                                       const EnumDescriptor& after) {
  const EnumValueDescriptor* same_number = after.FindValueByNumber(value.number());
  if (same_number == nullptr) return nullptr;
  return value.type()->FindValueByName(same_number->name()) == nullptr ? same_number : nullptr;
}

}  // namespace

void DiffEnums(const EnumDescriptor& before, const EnumDescriptor& after, bool is_served,
               std::vector<Change>& changes) {
  if (IsClosed(before) != IsClosed(after)) {
    changes.push_back({ChangeKind::kOpenness, is_served, before.full_name(),
                       IsClosed(after) ? "closed now: numbers without a name are refused"
                                       : "open now: numbers without a name are values"});
  }
  for (int i = 0; i < before.value_count(); ++i) {
    const EnumValueDescriptor& value = *before.value(i);
    const std::string element = ElementOf(before, value);
    const auto add = [&](ChangeKind kind, std::string text) {
      changes.push_back({kind, is_served, element, std::move(text)});
    };
    if (const EnumValueDescriptor* kept = after.FindValueByName(value.name())) {
      if (kept->number() != value.number()) {
        add(ChangeKind::kNumber,
            fmt::format("number changed from {} to {} (wire)", value.number(), kept->number()));
      }
      DiffOptions(value, *kept, element, changes);
    } else if (const EnumValueDescriptor* renamed = FindRenamed(value, after)) {
      add(ChangeKind::kRenamed, fmt::format("enum value renamed to {} (JSON)", renamed->name()));
    } else {
      add(ChangeKind::kRemoved, fmt::format("enum value {} removed (JSON and wire)", value.number()));
    }
  }
  for (int i = 0; i < after.value_count(); ++i) {
    const EnumValueDescriptor& value = *after.value(i);
    const EnumValueDescriptor* old = before.FindValueByNumber(value.number());
    const bool is_new_name = before.FindValueByName(value.name()) == nullptr;
    const bool is_rename = old != nullptr && after.FindValueByName(old->name()) == nullptr;
    if (!is_new_name || is_rename) continue;
    changes.push_back({ChangeKind::kAdded, false, ElementOf(before, value),
                       fmt::format("enum value added: {}", value.number())});
  }
}

}  // namespace puente

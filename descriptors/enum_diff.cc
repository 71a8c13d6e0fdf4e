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

class EnumDiff {
 public:
  EnumDiff(const EnumDescriptor& before, const EnumDescriptor& after, bool is_served,
           std::vector<Change>& changes)
      : before_(before), after_(after), is_served_(is_served), changes_(changes) {}

  void Run() {
    if (IsClosed(before_) != IsClosed(after_)) {
      Breaking(ChangeKind::kOpenness, before_.full_name(),
               IsClosed(after_) ? "closed now: numbers without a name are refused"
                                : "open now: numbers without a name are values");
    }
    for (int i = 0; i < before_.value_count(); ++i) Compare(*before_.value(i));
    for (int i = 0; i < after_.value_count(); ++i) AddIfNew(*after_.value(i));
  }

 private:
  void Breaking(ChangeKind kind, std::string element, std::string text) {
    changes_.push_back({kind, is_served_, std::move(element), std::move(text)});
  }

  void Compare(const EnumValueDescriptor& value) {
    const std::string element = ElementOf(before_, value);
    if (const EnumValueDescriptor* kept = after_.FindValueByName(value.name())) {
      if (kept->number() != value.number()) {
        Breaking(
            ChangeKind::kNumber, element,
            fmt::format("number changed from {} to {} (wire)", value.number(), kept->number()));
      }
      ComparePrintedName(value, *kept);
      DiffOptions(value, *kept, element, changes_);
    } else if (const EnumValueDescriptor* renamed = FindRenamed(value, after_)) {
      Breaking(ChangeKind::kRenamed, element,
               fmt::format("enum value renamed to {} (JSON)", renamed->name()));
    } else {
      Breaking(ChangeKind::kRemoved, element,
               fmt::format("enum value removed: {} (JSON and wire)", value.number()));
    }
  }

  // Of aliases the first is printed.
  void ComparePrintedName(const EnumValueDescriptor& value, const EnumValueDescriptor& kept) {
    const bool was_printed = before_.FindValueByNumber(value.number()) == &value;
    const EnumValueDescriptor* printed = after_.FindValueByNumber(value.number());
    if (!was_printed || kept.number() != value.number() || printed == &kept) return;
    Breaking(ChangeKind::kRenamed, ElementOf(before_, value),
             fmt::format("{} is printed as {} now (JSON)", value.number(), printed->name()));
  }

  void AddIfNew(const EnumValueDescriptor& value) {
    const EnumValueDescriptor* old = before_.FindValueByNumber(value.number());
    const bool is_known = before_.FindValueByName(value.name()) != nullptr;
    const bool is_rename = old != nullptr && FindRenamed(*old, after_) == &value &&
                           after_.FindValueByName(old->name()) == nullptr;
    if (is_known || is_rename) return;
    changes_.push_back({ChangeKind::kAdded, false, ElementOf(before_, value),
                        fmt::format("enum value added: {}", value.number())});
  }

  const EnumDescriptor& before_;
  const EnumDescriptor& after_;
  const bool is_served_;
  std::vector<Change>& changes_;
};

}  // namespace

void DiffEnums(const EnumDescriptor& before, const EnumDescriptor& after, bool is_served,
               std::vector<Change>& changes) {
  EnumDiff(before, after, is_served, changes).Run();
}

}  // namespace puente

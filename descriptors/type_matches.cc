#include "descriptors/type_matches.h"

#include <iterator>
#include <string_view>

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

namespace {

// What keeps the time linear when types are renamed back and forth.
constexpr std::size_t kMostRenames = 16;

// Its JSON is not that of its fields, or may not be.
bool HasOwnJsonForm(const Descriptor& message) {
  constexpr std::string_view kPackage = "google.protobuf.";
  const std::string& name = message.full_name();
  return name == "google.api.HttpBody" ||
         (name.starts_with(kPackage) && name != "google.protobuf.Empty");
}

bool IsKept(const FieldDescriptor& field, const Descriptor& after) {
  const FieldDescriptor* kept = after.FindFieldByNumber(field.number());
  return kept != nullptr && kept->name() == field.name() &&
         kept->json_name() == field.json_name() && kept->type() == field.type() &&
         kept->label() == field.label() && kept->is_map() == field.is_map();
}

bool KeepsAll(const Descriptor& before, const Descriptor& after) {
  if (HasOwnJsonForm(before) || HasOwnJsonForm(after)) return false;
  for (int i = 0; i < before.field_count(); ++i) {
    if (!IsKept(*before.field(i), after)) return false;
  }
  return true;
}

bool KeepsAll(const EnumDescriptor& before, const EnumDescriptor& after) {
  for (int i = 0; i < before.value_count(); ++i) {
    const auto* kept = after.FindValueByName(before.value(i)->name());
    if (kept == nullptr || kept->number() != before.value(i)->number()) return false;
  }
  return true;
}

enum class WireForm { kVarint, kZigZag, kFixed32, kFixed64, kFloat, kDouble, kBytes, kGroup };
enum class JsonForm {
  kInt32,
  kUint32,
  kInt64,
  kUint64,
  kReal,
  kBool,
  kString,
  kBytes,
  kEnum,
  kMessage
};

struct Forms {
  WireForm wire;
  JsonForm json;
};

Forms FormsOf(const FieldDescriptor& field) {
  // In the order of FieldDescriptor::Type.
  constexpr Forms kForms[] = {
      {WireForm::kDouble, JsonForm::kReal},     // double
      {WireForm::kFloat, JsonForm::kReal},      // float
      {WireForm::kVarint, JsonForm::kInt64},    // int64
      {WireForm::kVarint, JsonForm::kUint64},   // uint64
      {WireForm::kVarint, JsonForm::kInt32},    // int32
      {WireForm::kFixed64, JsonForm::kUint64},  // fixed64
      {WireForm::kFixed32, JsonForm::kUint32},  // fixed32
      {WireForm::kVarint, JsonForm::kBool},     // bool
      {WireForm::kBytes, JsonForm::kString},    // string
      {WireForm::kGroup, JsonForm::kMessage},   // group
      {WireForm::kBytes, JsonForm::kMessage},   // message
      {WireForm::kBytes, JsonForm::kBytes},     // bytes
      {WireForm::kVarint, JsonForm::kUint32},   // uint32
      {WireForm::kVarint, JsonForm::kEnum},     // enum
      {WireForm::kFixed32, JsonForm::kInt32},   // sfixed32
      {WireForm::kFixed64, JsonForm::kInt64},   // sfixed64
      {WireForm::kZigZag, JsonForm::kInt32},    // sint32
      {WireForm::kZigZag, JsonForm::kInt64},    // sint64
  };
  static_assert(std::size(kForms) == FieldDescriptor::MAX_TYPE);
  return kForms[field.type() - 1];
}

Broken CompareForms(const FieldDescriptor& before, const FieldDescriptor& after) {
  const Forms old_forms = FormsOf(before);
  const Forms new_forms = FormsOf(after);
  const bool one_is_message =
      (old_forms.json == JsonForm::kMessage) != (new_forms.json == JsonForm::kMessage);
  return {old_forms.json != new_forms.json, old_forms.wire != new_forms.wire || one_is_message};
}

}  // namespace

template <class Type>
bool TypeMatches::MatchType(const Type& before, const Type& after,
                            std::vector<std::pair<const Type*, const Type*>>& pending) {
  const auto [known, is_new] = known_.try_emplace({&before, &after}, false);
  if (!is_new) return known->second;
  const bool same = before.full_name() == after.full_name();
  if (!same && (++renames_[&before] > kMostRenames || !KeepsAll(before, after))) return false;
  old_.insert(&before);
  new_.insert(&after);
  pending.emplace_back(&before, &after);
  return known->second = true;
}

bool TypeMatches::Match(const Descriptor& before, const Descriptor& after) {
  return MatchType(before, after, messages_);
}

bool TypeMatches::Match(const EnumDescriptor& before, const EnumDescriptor& after) {
  return MatchType(before, after, enums_);
}

Broken TypeMatches::CompareTypes(const FieldDescriptor& before, const FieldDescriptor& after) {
  if (before.is_map() && after.is_map()) {
    const Descriptor& old_entry = *before.message_type();
    const Descriptor& new_entry = *after.message_type();
    return CompareTypes(*old_entry.map_key(), *new_entry.map_key()) |
           CompareTypes(*old_entry.map_value(), *new_entry.map_value());
  }
  Broken broken = CompareForms(before, after);
  if (before.message_type() != nullptr && after.message_type() != nullptr) {
    const bool match = Match(*before.message_type(), *after.message_type());
    return broken | Broken{!match, !match};
  }
  if (before.enum_type() != nullptr && after.enum_type() != nullptr) {
    broken.json = !Match(*before.enum_type(), *after.enum_type());
  }
  return broken;
}

bool TypeMatches::Take(std::vector<MessagePair>& messages, std::vector<EnumPair>& enums) {
  messages = std::exchange(messages_, {});
  enums = std::exchange(enums_, {});
  return !messages.empty() || !enums.empty();
}

}  // namespace puente

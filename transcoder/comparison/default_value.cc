#include "transcoder/comparison/default_value.h"

#include <algorithm>

#include "transcoder/comparison/compare_scalar.h"
#include "transcoder/well_known.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Kind = JsonScanner::Kind;

namespace {

bool IsNull(const JsonValue& value) { return value.kind == Kind::kNull; }

bool IsEmpty(const JsonValue& value, Kind kind) {
  return value.kind == kind && value.children.empty();
}

bool IsObjectOfNulls(const JsonValue& value) {
  return value.kind == Kind::kObject && std::ranges::all_of(value.children, IsNull);
}

bool IsDefaultMember(const Descriptor& type, const JsonValue& member,
                     const IgnoredFields::Place& ignored, FieldIndex& fields) {
  if (IsNull(member)) return true;
  const FieldDescriptor* field = fields.Find(type, member.key);
  const auto below = field != nullptr ? ignored.Below(*field) : ignored.Below(member.key);
  return below.is_ignored() || (field != nullptr && IsDefault(*field, member, below, fields));
}

bool HasDefaultMembers(const Descriptor& type, const JsonValue& value,
                       const IgnoredFields::Place& ignored, FieldIndex& fields) {
  const auto is_default = [&](const JsonValue& member) {
    return IsDefaultMember(type, member, ignored, fields);
  };
  return value.kind == Kind::kObject && std::ranges::all_of(value.children, is_default);
}

bool IsDefaultOf(const FieldDescriptor& scalar, const JsonValue& value) {
  return TakesScalar(scalar, value.kind) && IsDefaultScalar(scalar, value.text);
}

}  // namespace

bool IsDefault(const FieldDescriptor& field, const JsonValue& value,
               const IgnoredFields::Place& ignored, FieldIndex& fields) {
  if (IsNull(value)) return true;
  if (field.is_map()) return IsObjectOfNulls(value);
  if (field.is_repeated()) return IsEmpty(value, Kind::kArray);
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE
             ? IsDefault(*field.message_type(), value, ignored, fields)
             : IsDefaultOf(field, value);
}

bool IsDefault(const Descriptor& type, const JsonValue& value, const IgnoredFields::Place& ignored,
               FieldIndex& fields) {
  if (IsNull(value)) return true;
  switch (KindOf(type)) {
    case WellKnown::kDuration:
    case WellKnown::kFieldMask:
    case WellKnown::kTimestamp:
      return value.kind == Kind::kString && IsDefaultTextual(type, value.text);
    case WellKnown::kAny:
      return IsEmpty(value, Kind::kObject);
    case WellKnown::kListValue:
      return IsEmpty(value, Kind::kArray);
    case WellKnown::kStruct:
      return IsObjectOfNulls(value);
    case WellKnown::kValue:
      return false;
    case WellKnown::kWrapper:
      return IsDefaultOf(*type.FindFieldByNumber(1), value);
    case WellKnown::kNone:
      return HasDefaultMembers(type, value, ignored, fields);
  }
  return false;
}

}  // namespace puente

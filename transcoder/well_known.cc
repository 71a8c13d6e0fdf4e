#include "transcoder/well_known.h"

#include <initializer_list>
#include <string_view>

namespace puente {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

struct Expected {
  int number;
  FieldDescriptor::Type type;
  bool repeated = false;
};

bool HasFields(const Descriptor& message, std::initializer_list<Expected> fields) {
  for (const Expected& expected : fields) {
    const FieldDescriptor* field = message.FindFieldByNumber(expected.number);
    if (field == nullptr || field->type() != expected.type) return false;
    if (field->is_repeated() != expected.repeated) return false;
  }
  return message.field_count() == static_cast<int>(fields.size());
}

bool HasField(const Descriptor& message, FieldDescriptor::Type type) {
  return HasFields(message, {{1, type}});
}

bool HasMap(const Descriptor& message) {
  return HasFields(message, {{1, FieldDescriptor::TYPE_MESSAGE, true}}) &&
         message.field(0)->is_map();
}

WellKnown If(bool has_shape, WellKnown kind) { return has_shape ? kind : WellKnown::kNone; }

bool HasSecondsAndNanos(const Descriptor& message) {
  return HasFields(message, {{1, FieldDescriptor::TYPE_INT64}, {2, FieldDescriptor::TYPE_INT32}});
}

bool HasValueFields(const Descriptor& message) {
  return HasFields(message, {{1, FieldDescriptor::TYPE_ENUM},
                             {2, FieldDescriptor::TYPE_DOUBLE},
                             {3, FieldDescriptor::TYPE_STRING},
                             {4, FieldDescriptor::TYPE_BOOL},
                             {5, FieldDescriptor::TYPE_MESSAGE},
                             {6, FieldDescriptor::TYPE_MESSAGE}}) &&
         message.real_oneof_decl_count() == 1 && message.oneof_decl(0)->field_count() == 6;
}

}  // namespace

WellKnown KindOf(const Descriptor& message) {
  switch (message.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
      return WellKnown::kNone;
    case Descriptor::WELLKNOWNTYPE_DOUBLEVALUE:
      return If(HasField(message, FieldDescriptor::TYPE_DOUBLE), WellKnown::kWrapper);
    case Descriptor::WELLKNOWNTYPE_FLOATVALUE:
      return If(HasField(message, FieldDescriptor::TYPE_FLOAT), WellKnown::kWrapper);
    case Descriptor::WELLKNOWNTYPE_INT64VALUE:
      return If(HasField(message, FieldDescriptor::TYPE_INT64), WellKnown::kWrapper);
    case Descriptor::WELLKNOWNTYPE_UINT64VALUE:
      return If(HasField(message, FieldDescriptor::TYPE_UINT64), WellKnown::kWrapper);
    case Descriptor::WELLKNOWNTYPE_INT32VALUE:
      return If(HasField(message, FieldDescriptor::TYPE_INT32), WellKnown::kWrapper);
    case Descriptor::WELLKNOWNTYPE_UINT32VALUE:
      return If(HasField(message, FieldDescriptor::TYPE_UINT32), WellKnown::kWrapper);
    case Descriptor::WELLKNOWNTYPE_STRINGVALUE:
      return If(HasField(message, FieldDescriptor::TYPE_STRING), WellKnown::kWrapper);
    case Descriptor::WELLKNOWNTYPE_BYTESVALUE:
      return If(HasField(message, FieldDescriptor::TYPE_BYTES), WellKnown::kWrapper);
    case Descriptor::WELLKNOWNTYPE_BOOLVALUE:
      return If(HasField(message, FieldDescriptor::TYPE_BOOL), WellKnown::kWrapper);
    case Descriptor::WELLKNOWNTYPE_ANY:
      return If(
          HasFields(message, {{1, FieldDescriptor::TYPE_STRING}, {2, FieldDescriptor::TYPE_BYTES}}),
          WellKnown::kAny);
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return If(HasFields(message, {{1, FieldDescriptor::TYPE_STRING, true}}),
                WellKnown::kFieldMask);
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return If(HasSecondsAndNanos(message), WellKnown::kDuration);
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return If(HasSecondsAndNanos(message), WellKnown::kTimestamp);
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return If(HasValueFields(message), WellKnown::kValue);
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return If(HasFields(message, {{1, FieldDescriptor::TYPE_MESSAGE, true}}),
                WellKnown::kListValue);
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return If(HasMap(message), WellKnown::kStruct);
    default:
      return WellKnown::kNone;
  }
}

bool TakesNull(const FieldDescriptor& field) {
  if (field.is_repeated()) return false;
  if (field.type() != FieldDescriptor::TYPE_MESSAGE) return IsNullValue(field);
  return KindOf(*field.message_type()) == WellKnown::kValue;
}

bool IsNullValue(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_ENUM &&
         field.enum_type()->full_name() == "google.protobuf.NullValue";
}

}  // namespace puente

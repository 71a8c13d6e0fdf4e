// The message types to which proto3 JSON gives a form of their own.
#pragma once

#include <google/protobuf/descriptor.h>

namespace puente {

enum class WellKnown {
  kNone,
  kAny,
  kDuration,
  kFieldMask,
  kListValue,
  kStruct,
  kTimestamp,
  kValue,
  kWrapper,  // DoubleValue … BytesValue
};

// By full name, and only where the type has the fields that it should have: a set may bring its own
// google/protobuf/*.proto, and what differs there is an ordinary message.
WellKnown KindOf(const google::protobuf::Descriptor& message);

// google.protobuf.NullValue, which is `null`.
bool IsNullValue(const google::protobuf::FieldDescriptor& field);

// For `field`, null is a value and does not mean that it is unset: Value and NullValue.
bool TakesNull(const google::protobuf::FieldDescriptor& field);

// Its whole JSON form is one string: Timestamp, Duration, FieldMask.
inline bool IsTextual(WellKnown kind) {
  return kind == WellKnown::kTimestamp || kind == WellKnown::kDuration ||
         kind == WellKnown::kFieldMask;
}

}  // namespace puente

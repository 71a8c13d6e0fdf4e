// Whether two JSON values say the same of one field, however they are written.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string_view>

#include "transcoder/json_scan.h"

namespace puente {

// Which JSON values a scalar or enum field can have; numbers may be strings.
bool TakesScalar(const google::protobuf::FieldDescriptor& field, JsonScanner::Kind kind);

// Of such values, by their texts. Integers in any spelling, floats as floats, where a NaN is like
// another and zero like its negative; enums by name or number; bytes in any base64. What is no
// value of `field` is only like itself.
bool SameScalar(const google::protobuf::FieldDescriptor& field, std::string_view a,
                std::string_view b);
// Whether it is what the field has when it is left out, be it one with presence or not.
bool IsDefaultScalar(const google::protobuf::FieldDescriptor& field, std::string_view text);

// The same for a Timestamp, Duration or FieldMask. Timestamps count as instants, and only down to
// the coarser of the fractions of a second that the two are written with: one service may keep
// microseconds and the other seconds. Durations count by value, and paths of a mask in either case.
bool SameTextual(const google::protobuf::Descriptor& type, std::string_view a, std::string_view b);
// Whether it is 1970-01-01T00:00:00Z, 0 s, or no path.
bool IsDefaultTextual(const google::protobuf::Descriptor& type, std::string_view text);

// JSON numbers that no type is known of: by value, integers exactly, others as doubles.
bool SameNumber(std::string_view a, std::string_view b);

}  // namespace puente

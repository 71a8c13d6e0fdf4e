// What is as good as nothing in an answer.
#pragma once

#include <google/protobuf/descriptor.h>

#include "transcoder/comparison/field_index.h"
#include "transcoder/comparison/ignored_fields.h"
#include "transcoder/comparison/json_tree.h"

namespace puente {

// Whether an answer with `value` says no more than one without it: null, 0, "", false, [], {}, the
// first value of an enum, or a message all of whose members are such or ignored; also where the
// field has presence (optional, oneof, wrappers), since some services print all that they have and
// others leave out what they can. Linear.
bool IsDefault(const google::protobuf::FieldDescriptor& field, const JsonValue& value,
               const IgnoredFields::Place& ignored, FieldIndex& fields);
bool IsDefault(const google::protobuf::Descriptor& type, const JsonValue& value,
               const IgnoredFields::Place& ignored, FieldIndex& fields);

}  // namespace puente

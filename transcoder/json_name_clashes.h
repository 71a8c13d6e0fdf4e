// Fields that JSON could not tell apart.
#pragma once

#include <span>

#include "descriptors/problems.h"
#include "transcoder/route.h"

namespace puente {

// Fields of one message that have the same JSON name, which proto2 allows, in the messages that the
// methods of `routes` take and give, at any depth. Where answers are printed with
// `proto_field_names`, also a field whose JSON name is the proto name of another: sent back, an
// answer would move the value. One problem for each field that is not the first
// of its name, naming the first method that uses the message, the message and both fields. Takes
// time linear in the types, whatever their nesting.
Problems FindJsonNameClashes(std::span<const Route> routes, bool proto_field_names);

}  // namespace puente

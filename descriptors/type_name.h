// Types of fields as a .proto file spells them.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

namespace puente {

// "string", "billing.v1.Money", "repeated billing.v1.Line", "map<string, int32>"; a type of its own
// by its full name.
std::string TypeName(const google::protobuf::FieldDescriptor& field);

}  // namespace puente

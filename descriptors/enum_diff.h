// Compares the values of two versions of an enum.
#pragma once

#include <google/protobuf/descriptor.h>

#include <vector>

#include "descriptors/change.h"

namespace puente {

// Appends what changed in an enum. What could break is breaking when the enum `is_served`.
void DiffEnums(const google::protobuf::EnumDescriptor& before,
               const google::protobuf::EnumDescriptor& after, bool is_served,
               std::vector<Change>& changes);

}  // namespace puente

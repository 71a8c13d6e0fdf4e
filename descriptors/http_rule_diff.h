// Compares the HTTP rules of two versions of a method.
#pragma once

#include <google/protobuf/descriptor.h>

#include <vector>

#include "descriptors/change.h"

namespace puente {

// Appends the bindings of google.api.http that are gone, changed or new. They are compared as sets,
// and variables, body and response_body by the fields that they name.
void DiffHttpRules(const google::protobuf::MethodDescriptor& before,
                   const google::protobuf::MethodDescriptor& after, std::vector<Change>& changes);

}  // namespace puente

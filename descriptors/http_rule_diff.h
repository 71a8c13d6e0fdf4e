// Compares the HTTP rules of two versions of a method.
#pragma once

#include <google/protobuf/descriptor.h>

#include <vector>

#include "descriptors/change.h"
#include "descriptors/path_owners.h"

namespace puente {

// Appends the bindings of google.api.http that are gone, changed or new. They are compared as sets,
// and variables, body and response_body by the fields that they name. New ones are breaking where
// they take paths from `owners`, the rules of the old version.
void DiffHttpRules(const google::protobuf::MethodDescriptor& before,
                   const google::protobuf::MethodDescriptor& after, const PathOwners& owners,
                   std::vector<Change>& changes);

// The same for a method that is new.
void AddHttpRules(const google::protobuf::MethodDescriptor& method, const PathOwners& owners,
                  std::vector<Change>& changes);

}  // namespace puente

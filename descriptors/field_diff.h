// Compares the fields of two versions of a message.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "descriptors/change.h"
#include "descriptors/type_matches.h"

namespace puente {

// The field of `after` that took the place of `field` of `before`: the one of its name; else the
// one of its number, unless that was another field before; nullptr when there is none.
const google::protobuf::FieldDescriptor* FindSuccessor(
    const google::protobuf::FieldDescriptor& field, const google::protobuf::Descriptor& after);

// Appends what changed in the fields of a message. What could break is breaking when the message
// `is_served`. The types of fields are matched in `types`.
void DiffFields(const google::protobuf::Descriptor& before,
                const google::protobuf::Descriptor& after, bool is_served, TypeMatches& types,
                std::vector<Change>& changes);

}  // namespace puente

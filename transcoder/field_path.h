// Fields of a message by path: "invoice.customer_id".
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace puente {

// A chain of fields, each but the last a singular message that holds the next. Not empty. Valid as
// long as the pool it comes from.
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

// The field of `message` whose proto name or JSON name is `name`, or nullptr. Where one field's
// JSON name is another's proto name, the JSON name goes first, as in bodies and queries.
const google::protobuf::FieldDescriptor* FindField(const google::protobuf::Descriptor& message,
                                                   std::string_view name);

// The same for the names in google.api.http annotations, where the proto name goes first.
const google::protobuf::FieldDescriptor* FindAnnotatedField(
    const google::protobuf::Descriptor& message, std::string_view name);

// Whether `a` and `b` are two members of one oneof.
bool AreRivals(const google::protobuf::FieldDescriptor& a,
               const google::protobuf::FieldDescriptor& b);

// Resolves `path` (names of an annotation, separated by dots) in `message`. The error names the
// part of the path that is at fault: no such field, or a field on the way that is not a singular
// message.
tl::expected<FieldPath, std::string> ResolveFieldPath(const google::protobuf::Descriptor& message,
                                                      std::string_view path);

// "invoice.customer_id", in proto names.
std::string ToString(const FieldPath& path);

}  // namespace puente

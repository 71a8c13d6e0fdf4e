#include "descriptors/type_name.h"

#include <fmt/format.h>

namespace puente {

using google::protobuf::FieldDescriptor;

namespace {

std::string ElementType(const FieldDescriptor& field) {
  if (field.enum_type() != nullptr) return field.enum_type()->full_name();
  if (field.type() == FieldDescriptor::TYPE_GROUP) {
    return "group " + field.message_type()->full_name();
  }
  if (field.message_type() != nullptr) return field.message_type()->full_name();
  return field.type_name();
}

}  // namespace

std::string TypeName(const FieldDescriptor& field) {
  if (field.is_map()) {
    const auto& entry = *field.message_type();
    return fmt::format("map<{}, {}>", ElementType(*entry.map_key()),
                       ElementType(*entry.map_value()));
  }
  return (field.is_repeated() ? "repeated " : "") + ElementType(field);
}

}  // namespace puente

#include "transcoder/field_path.h"

#include <fmt/format.h>

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

namespace {

bool IsSingularMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_repeated();
}

std::string NotAMessage(const FieldDescriptor& field) {
  const std::string_view what = field.is_map()        ? "a map"
                                : field.is_repeated() ? "repeated"
                                                      : "not a message";
  return fmt::format("field '{}' of {} is {}, so no field of it can be named", field.name(),
                     field.containing_type()->full_name(), what);
}

// By protobuf's index where the JSON name is what protobuf makes of the field's name.
const FieldDescriptor* FindByJsonName(const Descriptor& message, std::string_view name) {
  const FieldDescriptor* indexed = message.FindFieldByCamelcaseName(std::string(name));
  if (indexed != nullptr && indexed->json_name() == name) return indexed;
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->json_name() == name) return message.field(i);
  }
  return nullptr;
}

}  // namespace

const FieldDescriptor* FindField(const Descriptor& message, std::string_view name) {
  const FieldDescriptor* field = FindByJsonName(message, name);
  return field != nullptr ? field : message.FindFieldByName(std::string(name));
}

const FieldDescriptor* FindAnnotatedField(const Descriptor& message, std::string_view name) {
  const FieldDescriptor* field = message.FindFieldByName(std::string(name));
  return field != nullptr ? field : FindByJsonName(message, name);
}

bool AreRivals(const FieldDescriptor& a, const FieldDescriptor& b) {
  return &a != &b && a.real_containing_oneof() != nullptr &&
         a.real_containing_oneof() == b.real_containing_oneof();
}

tl::expected<FieldPath, std::string> ResolveFieldPath(const Descriptor& message,
                                                      std::string_view path) {
  FieldPath fields;
  const Descriptor* holder = &message;
  for (std::size_t begin = 0; begin <= path.size();) {
    if (!fields.empty() && !IsSingularMessage(*fields.back())) {
      return tl::unexpected(NotAMessage(*fields.back()));
    }
    if (!fields.empty()) holder = fields.back()->message_type();
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string_view name = path.substr(begin, end - begin);
    const FieldDescriptor* field = FindAnnotatedField(*holder, name);
    if (field == nullptr) {
      return tl::unexpected(fmt::format("{} has no field '{}'", holder->full_name(), name));
    }
    fields.push_back(field);
    begin = end + 1;
  }
  return fields;
}

std::string ToString(const FieldPath& path) {
  std::string text;
  for (const FieldDescriptor* field : path) {
    if (!text.empty()) text += '.';
    text += field->name();
  }
  return text;
}

}  // namespace puente

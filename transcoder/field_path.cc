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

}  // namespace

const FieldDescriptor* FindField(const Descriptor& message, std::string_view name) {
  const FieldDescriptor* by_proto_name = nullptr;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* field = message.field(i);
    if (field->json_name() == name) return field;
    if (field->name() == name) by_proto_name = field;
  }
  return by_proto_name;
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
    const FieldDescriptor* field = FindField(*holder, name);
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

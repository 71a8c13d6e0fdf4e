#include "config/schema.h"

#include <fmt/format.h>
#include <google/protobuf/duration.pb.h>

#include "config/options.pb.h"

namespace puente {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;

KeyTraits TraitsOf(const FieldDescriptor& field) {
  const google::protobuf::FieldOptions& options = field.options();
  KeyTraits traits;
  if (options.HasExtension(config::default_value)) {
    traits.default_value = options.GetExtension(config::default_value);
  }
  traits.supported = !options.GetExtension(config::not_supported_yet);
  traits.is_path = options.GetExtension(config::is_path);
  const auto& not_a_path = options.GetRepeatedExtension(config::not_a_path);
  traits.not_a_path.assign(not_a_path.begin(), not_a_path.end());
  traits.required = options.GetExtension(config::required);
  if (options.HasExtension(config::minimum)) traits.minimum = options.GetExtension(config::minimum);
  if (options.HasExtension(config::maximum)) traits.maximum = options.GetExtension(config::maximum);
  return traits;
}

bool IsDuration(const FieldDescriptor& field) {
  return field.message_type() == google::protobuf::Duration::descriptor();
}

bool IsSection(const FieldDescriptor& field) {
  return field.message_type() != nullptr && !IsDuration(field);
}

std::string_view EnumText(const EnumValueDescriptor& value) {
  // An underscore for each capital: values of TrailingSlash begin with TRAILING_SLASH_.
  std::size_t prefix = 0;
  for (const char c : value.type()->name()) prefix += c >= 'A' && c <= 'Z' ? 2 : 1;
  return std::string_view(value.name()).substr(prefix);
}

const EnumValueDescriptor* FindEnumValue(const EnumDescriptor& type, std::string_view text) {
  for (int i = 0; i < type.value_count(); ++i) {
    if (EnumText(*type.value(i)) == text) return type.value(i);
  }
  return nullptr;
}

bool IsSupported(const EnumValueDescriptor& value) {
  return !value.options().GetExtension(config::value_not_supported_yet);
}

std::string SupportedValues(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (IsSupported(*type.value(i))) names.emplace_back(EnumText(*type.value(i)));
  }
  return Enumerate(names, "or");
}

std::string Enumerate(const std::vector<std::string>& words, std::string_view conjunction) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? fmt::format(" {} ", conjunction) : ", ";
    text += fmt::format("`{}`", words[i]);
  }
  return text;
}

}  // namespace puente

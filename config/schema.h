// What puente.proto says about a key: the options of options.proto, and the spelling of enums.
#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace puente {

// What puente.proto states beside a field's type.
struct KeyTraits {
  std::optional<std::string> default_value;  // as YAML
  bool supported = true;
  bool is_path = false;
  std::vector<std::string> not_a_path;  // values that are none, although is_path
  bool required = false;
  std::optional<double> minimum;  // durations in seconds
  std::optional<double> maximum;
};
KeyTraits TraitsOf(const google::protobuf::FieldDescriptor& field);

// Whether the field is written as a single value although protobuf has a message for it.
bool IsDuration(const google::protobuf::FieldDescriptor& field);

// Whether the field is written as a mapping (lists: as one of mappings).
bool IsSection(const google::protobuf::FieldDescriptor& field);

// "HTTP" for PROTOCOL_HTTP of the enum Protocol.
std::string_view EnumText(const google::protobuf::EnumValueDescriptor& value);

// nullptr when the enum has no such value.
const google::protobuf::EnumValueDescriptor* FindEnumValue(
    const google::protobuf::EnumDescriptor& type, std::string_view text);

bool IsSupported(const google::protobuf::EnumValueDescriptor& value);

// "NONE, OPTIONAL or REQUIRE": what may be written today.
std::string SupportedValues(const google::protobuf::EnumDescriptor& type);

// "`a`, `b` or `c`"; `conjunction` is "or" or "and".
std::string Enumerate(const std::vector<std::string>& words, std::string_view conjunction);

}  // namespace puente

#include "config/scalar_value.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "config/duration_text.h"
#include "config/schema.h"
#include "config/utf8.h"

namespace puente {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Parsed = tl::expected<ScalarValue, std::string>;

tl::unexpected<std::string> Expected(std::string_view what) {
  return tl::unexpected(fmt::format("expected {}", what));
}

Parsed ParseBool(std::string_view text, bool is_text) {
  if (!is_text && text == "true") return true;
  if (!is_text && text == "false") return false;
  return Expected("true or false");
}

Parsed ParseUnsigned(std::string_view text, bool is_text, std::uint64_t maximum) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (is_text || error != std::errc() || stop != end || value > maximum) {
    return Expected(fmt::format("a whole number from 0 to {}", maximum));
  }
  return value;
}

Parsed ParseDouble(std::string_view text, bool is_text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (is_text || error != std::errc() || stop != end || !std::isfinite(value)) {
    return Expected("a number");
  }
  return value;
}

Parsed ParseDurationValue(std::string_view text) {
  const auto duration = ParseDuration(text);
  if (duration.has_value()) return *duration;
  return Expected("a duration with its unit, such as `250ms`, `5s`, `1m30s` or `1h`");
}

Parsed ParseEnum(const FieldDescriptor& field, std::string_view text) {
  const EnumValueDescriptor* value = FindEnumValue(*field.enum_type(), text);
  if (value == nullptr) return Expected(SupportedValues(*field.enum_type()));
  if (IsSupported(*value)) return value;
  return Expected(fmt::format("{} (`{}` is not supported yet)", SupportedValues(*field.enum_type()),
                              EnumText(*value)));
}

Parsed ParseString(std::string_view text) {
  if (!IsPrintableUtf8(text)) return Expected("text in UTF-8 without control characters");
  return std::string(text);
}

void Set(const FieldDescriptor& field, bool value, Message& message) {
  message.GetReflection()->SetBool(&message, &field, value);
}

void Set(const FieldDescriptor& field, std::uint64_t value, Message& message) {
  if (field.is_repeated()) {
    message.GetReflection()->AddUInt32(&message, &field, static_cast<std::uint32_t>(value));
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
    message.GetReflection()->SetUInt64(&message, &field, value);
  } else {
    message.GetReflection()->SetUInt32(&message, &field, static_cast<std::uint32_t>(value));
  }
}

void Set(const FieldDescriptor& field, double value, Message& message) {
  message.GetReflection()->SetDouble(&message, &field, value);
}

void Set(const FieldDescriptor& field, std::chrono::nanoseconds value, Message& message) {
  message.GetReflection()->MutableMessage(&message, &field)->CopyFrom(ToProto(value));
}

void Set(const FieldDescriptor& field, std::string value, Message& message) {
  if (field.is_repeated()) {
    message.GetReflection()->AddString(&message, &field, std::move(value));
  } else {
    message.GetReflection()->SetString(&message, &field, std::move(value));
  }
}

void Set(const FieldDescriptor& field, const EnumValueDescriptor* value, Message& message) {
  if (field.is_repeated()) {
    message.GetReflection()->AddEnum(&message, &field, value);
  } else {
    message.GetReflection()->SetEnum(&message, &field, value);
  }
}

}  // namespace

Parsed ParseScalar(const FieldDescriptor& field, std::string_view text, bool is_text) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return ParseBool(text, is_text);
    case FieldDescriptor::CPPTYPE_UINT32:
      return ParseUnsigned(text, is_text, std::numeric_limits<std::uint32_t>::max());
    case FieldDescriptor::CPPTYPE_UINT64:
      return ParseUnsigned(text, is_text, std::numeric_limits<std::uint64_t>::max());
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return ParseDouble(text, is_text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ParseDurationValue(text);
    case FieldDescriptor::CPPTYPE_ENUM:
      return ParseEnum(field, text);
    default:
      return ParseString(text);
  }
}

void StoreScalar(const FieldDescriptor& field, ScalarValue value, Message& message) {
  std::visit([&](auto& held) { Set(field, std::move(held), message); }, value);
}

}  // namespace puente

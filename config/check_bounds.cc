#include "config/check_bounds.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <optional>

#include "config/duration_text.h"
#include "config/schema.h"

namespace puente {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string FormatBound(const FieldDescriptor& field, double bound) {
  if (!IsDuration(field)) return fmt::format("{}", bound);
  return FormatDuration(std::chrono::nanoseconds(std::llround(bound * 1e9)));
}

// The number to compare with bounds; nullopt for what has none.
std::optional<double> NumberOf(const FieldDescriptor& field, const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  if (IsDuration(field)) {
    const auto& duration =
        static_cast<const google::protobuf::Duration&>(reflection.GetMessage(message, &field));
    return std::chrono::duration<double>(ToChrono(duration)).count();
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<double>(reflection.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.GetDouble(message, &field);
    default:
      return std::nullopt;
  }
}

void CheckNumber(const FieldDescriptor& field, double number, const std::string& path,
                 Findings& findings) {
  const KeyTraits traits = TraitsOf(field);
  // Written so that NaN is out of bounds.
  if (traits.minimum && !(number >= *traits.minimum)) {
    findings.Report(path, "must be at least " + FormatBound(field, *traits.minimum));
  } else if (traits.maximum && !(number <= *traits.maximum)) {
    findings.Report(path, "must be at most " + FormatBound(field, *traits.maximum));
  }
}

void CheckRepeated(const FieldDescriptor& field, const Message& message, const std::string& path,
                   Findings& findings) {
  const Reflection& reflection = *message.GetReflection();
  const int size = reflection.FieldSize(message, &field);
  if (size == 0 && TraitsOf(field).required) {
    findings.Report(path, "needs at least one entry");
  }
  const bool has_sections = IsSection(field) && !field.is_map();
  const bool has_numbers = field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32;
  for (int i = 0; i < size; ++i) {
    const std::string key = IndexKey(path, i);
    if (has_sections) CheckBounds(reflection.GetRepeatedMessage(message, &field, i), key, findings);
    if (has_numbers) {
      CheckNumber(field, reflection.GetRepeatedUInt32(message, &field, i), key, findings);
    }
  }
}

void CheckSingular(const FieldDescriptor& field, const Message& message, const std::string& path,
                   Findings& findings) {
  const Reflection& reflection = *message.GetReflection();
  const bool is_set = reflection.HasField(message, &field);
  const bool is_empty = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
                        reflection.GetString(message, &field).empty();
  if (TraitsOf(field).required && (!is_set || is_empty)) {
    findings.Report(path, is_set ? "must not be empty" : "is missing");
  }
  if (!is_set) return;
  if (const auto number = NumberOf(field, message)) CheckNumber(field, *number, path, findings);
  if (IsSection(field)) CheckBounds(reflection.GetMessage(message, &field), path, findings);
}

}  // namespace

void CheckBounds(const Message& message, const std::string& path, Findings& findings) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const std::string key = JoinKey(path, field.name());
    if (field.is_repeated()) {
      CheckRepeated(field, message, key, findings);
    } else {
      CheckSingular(field, message, key, findings);
    }
  }
}

}  // namespace puente

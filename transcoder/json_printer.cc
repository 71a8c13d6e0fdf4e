#include "transcoder/json_printer.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <cstdint>
#include <utility>
#include <vector>

#include "transcoder/base64.h"
#include "transcoder/json_text.h"
#include "transcoder/utf8.h"
#include "transcoder/well_known.h"

namespace puente {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

bool IsUnset(const Message& message, const FieldDescriptor& field) {
  return !field.is_repeated() && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         !message.GetReflection()->HasField(message, &field);
}

std::string_view JsonOfUnset(const FieldDescriptor& field) {
  switch (KindOf(*field.message_type())) {
    case WellKnown::kNone:
    case WellKnown::kAny:
    case WellKnown::kStruct:
      return "{}";
    case WellKnown::kListValue:
      return "[]";
    default:
      return "null";
  }
}

// What is set, and all that has no presence, by number.
std::vector<const FieldDescriptor*> SetFieldsAndDefaults(const Message& message) {
  const auto& type = *message.GetDescriptor();
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool is_printed =
        !field.has_presence() || message.GetReflection()->HasField(message, &field);
    if (is_printed) fields.push_back(&field);
  }
  std::ranges::sort(fields, {}, &FieldDescriptor::number);
  return fields;
}

// Calls `get` for a singular field, `get_repeated` for one of its elements.
template <class T>
T Get(const Message& message, const FieldDescriptor& field, int index,
      T (Reflection::*get)(const Message&, const FieldDescriptor*) const,
      T (Reflection::*get_repeated)(const Message&, const FieldDescriptor*, int) const) {
  const Reflection& reflection = *message.GetReflection();
  return index < 0 ? (reflection.*get)(message, &field)
                   : (reflection.*get_repeated)(message, &field, index);
}

const Message& SubMessage(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  return index < 0 ? reflection.GetMessage(message, &field)
                   : reflection.GetRepeatedMessage(message, &field, index);
}

// Appends what `write` writes to the address that it is given, some digits at most.
template <class Write>
void Append(Write write, std::string& out) {
  std::array<char, 32> text;
  static_assert(text.size() >= kLongestJsonInteger64 && text.size() >= kLongestJsonReal);
  out.append(text.data(), write(text.data()));
}

template <class T>
void AppendInteger(T value, std::string& out) {
  Append([&](char* to) { return std::to_chars(to, to + kLongestJsonInteger64, value).ptr; }, out);
}

template <class T>
void AppendInteger64(T value, bool as_number, std::string& out) {
  Append([&](char* to) { return WriteJsonInteger64(value, as_number, to); }, out);
}

template <class T>
void AppendReal(T value, std::string& out) {
  Append([&](char* to) { return WriteJsonNumber(value, to); }, out);
}

}  // namespace

bool ParseMessage(std::string_view bytes, int max_json_depth, Message& message) {
  if (bytes.size() > INT_MAX) return false;
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  stream.SetRecursionLimit(MostWireLevels(max_json_depth));
  return message.ParsePartialFromCodedStream(&stream) && stream.ConsumedEntireMessage();
}

void AppendOpaqueAny(std::string_view type_url, std::string_view bytes, std::string& out) {
  out.append("{\"@type\":");
  AppendJsonString(ReplaceInvalidUtf8(type_url), out);
  out.append(",\"value\":\"").append(EncodeBase64(bytes)).append("\"}");
}

JsonPrinter::JsonPrinter(const google::protobuf::DescriptorPool& pool,
                         google::protobuf::DynamicMessageFactory& factory,
                         const CodecOptions& options, std::string& out, int depth,
                         std::size_t any_budget)
    : pool_(pool),
      factory_(factory),
      options_(options),
      out_(out),
      depth_(depth),
      any_budget_(any_budget) {}

JsonPrinter::Printed JsonPrinter::Print(const Message& message) { return Finish(Value(message)); }

JsonPrinter::Printed JsonPrinter::Print(const Message& message, const FieldDescriptor& field) {
  if (IsUnset(message, field)) {
    out_.append(JsonOfUnset(field));
    return {};
  }
  place_.PushField(field.json_name());
  return Finish(Field(message, field));
}

JsonPrinter::Printed JsonPrinter::PrintAny(std::string_view type_url, std::string_view bytes) {
  return Finish(AnyOf(type_url, bytes, nullptr));
}

JsonPrinter::Printed JsonPrinter::Finish(bool printed) {
  if (printed) return {};
  return tl::unexpected(*problem_);
}

bool JsonPrinter::Fail(std::string_view problem) {
  const std::string place = place_.Text();
  problem_ = place.empty() ? std::string(problem) : fmt::format("{}: {}", place, problem);
  return false;
}

bool JsonPrinter::Enter(char bracket) {
  if (depth_ >= options_.max_json_depth) {
    return Fail(fmt::format("JSON nested deeper than {} levels", options_.max_json_depth));
  }
  ++depth_;
  out_.push_back(bracket);
  return true;
}

void JsonPrinter::Leave(char bracket) {
  --depth_;
  out_.push_back(bracket);
}

void JsonPrinter::Separate(bool& first) {
  if (!first) out_.push_back(',');
  first = false;
}

bool JsonPrinter::Members(const Message& message, bool first) {
  std::vector<const FieldDescriptor*> fields;
  if (options_.always_print_fields_with_no_presence) {
    fields = SetFieldsAndDefaults(message);
  } else {
    message.GetReflection()->ListFields(message, &fields);
  }
  for (const FieldDescriptor* field : fields) {
    if (!field->is_extension() && !Member(message, *field, first)) return false;
  }
  return true;
}

bool JsonPrinter::Member(const Message& message, const FieldDescriptor& field, bool& first) {
  Separate(first);
  AppendJsonString(options_.preserve_proto_field_names ? field.name() : field.json_name(), out_);
  out_.push_back(':');
  place_.PushField(field.json_name());
  if (!Field(message, field)) return false;
  place_.Pop();
  return true;
}

bool JsonPrinter::Field(const Message& message, const FieldDescriptor& field) {
  const bool is_empty_list =
      field.is_repeated() && message.GetReflection()->FieldSize(message, &field) == 0;
  if (field.type() == FieldDescriptor::TYPE_GROUP && !is_empty_list) {
    return Fail("proto2 groups are not supported");
  }
  if (field.is_map()) return Map(message, field);
  return field.is_repeated() ? Array(message, field) : Scalar(message, field, -1);
}

bool JsonPrinter::Array(const Message& message, const FieldDescriptor& field) {
  if (!Enter('[')) return false;
  const int size = message.GetReflection()->FieldSize(message, &field);
  for (int i = 0; i < size; ++i) {
    if (i > 0) out_.push_back(',');
    place_.PushIndex(static_cast<std::size_t>(i));
    if (!Scalar(message, field, i)) return false;
    place_.Pop();
  }
  Leave(']');
  return true;
}

bool JsonPrinter::Scalar(const Message& message, const FieldDescriptor& field, int index) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      AppendInteger(
          Get(message, field, index, &Reflection::GetInt32, &Reflection::GetRepeatedInt32), out_);
      return true;
    case FieldDescriptor::CPPTYPE_UINT32:
      AppendInteger(
          Get(message, field, index, &Reflection::GetUInt32, &Reflection::GetRepeatedUInt32), out_);
      return true;
    case FieldDescriptor::CPPTYPE_INT64:
      AppendInteger64(
          Get(message, field, index, &Reflection::GetInt64, &Reflection::GetRepeatedInt64),
          options_.int64_as_number, out_);
      return true;
    case FieldDescriptor::CPPTYPE_UINT64:
      AppendInteger64(
          Get(message, field, index, &Reflection::GetUInt64, &Reflection::GetRepeatedUInt64),
          options_.int64_as_number, out_);
      return true;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      AppendReal(Get(message, field, index, &Reflection::GetDouble, &Reflection::GetRepeatedDouble),
                 out_);
      return true;
    case FieldDescriptor::CPPTYPE_FLOAT:
      AppendReal(Get(message, field, index, &Reflection::GetFloat, &Reflection::GetRepeatedFloat),
                 out_);
      return true;
    case FieldDescriptor::CPPTYPE_BOOL:
      out_.append(Get(message, field, index, &Reflection::GetBool, &Reflection::GetRepeatedBool)
                      ? "true"
                      : "false");
      return true;
    case FieldDescriptor::CPPTYPE_ENUM:
      return Enum(field, Get(message, field, index, &Reflection::GetEnumValue,
                             &Reflection::GetRepeatedEnumValue));
    case FieldDescriptor::CPPTYPE_STRING:
      return Text(field, Get(message, field, index, &Reflection::GetString,
                             &Reflection::GetRepeatedString));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Value(SubMessage(message, field, index));
  }
  return false;
}

bool JsonPrinter::Enum(const FieldDescriptor& field, int number) {
  const auto* value = field.enum_type()->FindValueByNumber(number);
  if (IsNullValue(field)) {
    out_.append("null");
  } else if (value == nullptr || options_.print_enums_as_ints) {
    AppendInteger(number, out_);
  } else {
    AppendJsonString(value->name(), out_);
  }
  return true;
}

bool JsonPrinter::Text(const FieldDescriptor& field, const std::string& value) {
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    out_.append("\"").append(EncodeBase64(value)).append("\"");
    return true;
  }
  if (!IsUtf8(value)) return Fail("the text is not UTF-8");
  AppendJsonString(value, out_);
  return true;
}

}  // namespace puente

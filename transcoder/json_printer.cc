#include "transcoder/json_printer.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>

#include <climits>
#include <cstdint>
#include <iterator>
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

// Messages that one level of JSON stands for at most: an object in a Struct is a Struct, the entry
// of its map and a Value.
constexpr int kMessagesPerLevel = 3;

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

template <class T>
void AppendInteger(T value, std::string& out) {
  fmt::format_to(std::back_inserter(out), "{}", value);
}

// As a string, unless `as_number` and every reader takes the number exactly.
template <class T>
void AppendInteger64(T value, bool as_number, std::string& out) {
  constexpr std::int64_t kLargest = (std::int64_t{1} << 53) - 1;
  const bool is_exact =
      std::cmp_less_equal(value, kLargest) && std::cmp_greater_equal(value, -kLargest);
  const std::string_view quote = as_number && is_exact ? "" : "\"";
  fmt::format_to(std::back_inserter(out), "{}{}{}", quote, value, quote);
}

}  // namespace

bool ParseMessage(std::string_view bytes, int max_json_depth, Message& message) {
  if (bytes.size() > INT_MAX) return false;
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  stream.SetRecursionLimit(kMessagesPerLevel * (max_json_depth + 1));
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
  const auto& type = *message.GetDescriptor();
  if (options_.always_print_fields_with_no_presence) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const bool printed =
          !field.has_presence() || message.GetReflection()->HasField(message, &field);
      if (printed && !Member(message, field, first)) return false;
    }
    return true;
  }
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
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
      AppendJsonNumber(
          Get(message, field, index, &Reflection::GetDouble, &Reflection::GetRepeatedDouble), out_);
      return true;
    case FieldDescriptor::CPPTYPE_FLOAT:
      AppendJsonNumber(
          Get(message, field, index, &Reflection::GetFloat, &Reflection::GetRepeatedFloat), out_);
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

// The parts of JsonPrinter for the well-known types.
#include <cmath>
#include <memory>
#include <vector>

#include "transcoder/json_printer.h"
#include "transcoder/json_text.h"
#include "transcoder/utf8.h"
#include "transcoder/well_known.h"
#include "transcoder/well_known_text.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

const FieldDescriptor* FieldOf(const Message& message, int number) {
  return message.GetDescriptor()->FindFieldByNumber(number);
}

std::string StringOf(const Message& message, int number) {
  return message.GetReflection()->GetString(message, FieldOf(message, number));
}

SecondsAndNanos TimeOf(const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  return {reflection.GetInt64(message, FieldOf(message, 1)),
          reflection.GetInt32(message, FieldOf(message, 2))};
}

std::string_view TypeNameOf(std::string_view type_url) {
  const std::size_t slash = type_url.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : type_url.substr(slash + 1);
}

}  // namespace

bool JsonPrinter::Value(const Message& message) {
  switch (KindOf(*message.GetDescriptor())) {
    case WellKnown::kNone: {
      if (!Enter('{') || !Members(message, /*first=*/true)) return false;
      Leave('}');
      return true;
    }
    case WellKnown::kAny:
      return Any(message);
    case WellKnown::kDuration:
      return Quoted(FormatJsonDuration(TimeOf(message)), "the duration is out of range");
    case WellKnown::kTimestamp:
      return Quoted(FormatTimestamp(TimeOf(message)), "the timestamp is out of range");
    case WellKnown::kFieldMask:
      return FieldMask(message);
    case WellKnown::kStruct:
      return Map(message, *FieldOf(message, 1));
    case WellKnown::kListValue:
      return Array(message, *FieldOf(message, 1));
    case WellKnown::kValue:
      return AnyValue(message);
    case WellKnown::kWrapper:
      return Scalar(message, *FieldOf(message, 1), -1);
  }
  return false;
}

bool JsonPrinter::Quoted(const std::optional<std::string>& text, std::string_view problem) {
  if (!text) return Fail(problem);
  AppendJsonString(*text, out_);
  return true;
}

bool JsonPrinter::FieldMask(const Message& message) {
  const FieldDescriptor& field = *FieldOf(message, 1);
  const Reflection& reflection = *message.GetReflection();
  const int count = reflection.FieldSize(message, &field);
  std::vector<std::string> paths;
  paths.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    paths.push_back(reflection.GetRepeatedString(message, &field, i));
  }
  return Quoted(FormatFieldMask(paths), "a path of the field mask has no JSON form");
}

// google.protobuf.Value.
bool JsonPrinter::AnyValue(const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const auto* kind = message.GetDescriptor()->oneof_decl(0);
  const FieldDescriptor* field = reflection.GetOneofFieldDescriptor(message, kind);
  if (field == nullptr) {
    out_.append("null");
    return true;
  }
  const bool is_number = field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE;
  if (is_number && !std::isfinite(reflection.GetDouble(message, field))) {
    return Fail("the number has no JSON form");
  }
  return Scalar(message, *field, -1);
}

bool JsonPrinter::Any(const Message& message) {
  const std::string type_url = StringOf(message, 1);
  const std::string bytes = StringOf(message, 2);
  if (type_url.empty() && bytes.empty()) {
    if (!Enter('{')) return false;
    Leave('}');
    return true;
  }
  return AnyOf(type_url, bytes);
}

bool JsonPrinter::AnyOf(std::string_view type_url, std::string_view bytes) {
  if (!IsUtf8(type_url)) return Fail("the type URL is not UTF-8");
  const std::string name(TypeNameOf(type_url));
  const Descriptor* type = pool_.FindMessageTypeByName(name);
  std::unique_ptr<Message> message(type != nullptr ? factory_.GetPrototype(type)->New() : nullptr);
  if (!Enter('{')) return false;
  if (message == nullptr || !ParseMessage(bytes, options_.max_json_depth, *message)) {
    out_.pop_back();
    --depth_;
    AppendOpaqueAny(type_url, bytes, out_);
    return true;
  }
  return AnyContent(type_url, *message);
}

bool JsonPrinter::AnyContent(std::string_view type_url, const Message& message) {
  out_.append("\"@type\":");
  AppendJsonString(type_url, out_);
  if (KindOf(*message.GetDescriptor()) == WellKnown::kNone) {
    if (!Members(message, /*first=*/false)) return false;
  } else {
    out_.append(",\"value\":");
    if (!Value(message)) return false;
  }
  Leave('}');
  return true;
}

}  // namespace puente

// The parts of JsonPrinter for the well-known types.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
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

const std::string& StringOf(const Message& message, int number, std::string& scratch) {
  return message.GetReflection()->GetStringReference(message, FieldOf(message, number), &scratch);
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

std::size_t AnyBudget(std::size_t message_size) {
  constexpr std::size_t kLeast = std::size_t{64} << 20;
  constexpr std::size_t kTimesTheMessage = 4;
  return std::max(kLeast, kTimesTheMessage * message_size);
}

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

bool JsonPrinter::Any(const Message& message, std::unique_ptr<Message> holder) {
  std::string type_url_scratch, bytes_scratch;
  const std::string& type_url = StringOf(message, 1, type_url_scratch);
  const std::string& bytes = StringOf(message, 2, bytes_scratch);
  if (!type_url.empty() || !bytes.empty()) return AnyOf(type_url, bytes, std::move(holder));
  if (!Enter('{')) return false;
  Leave('}');
  return true;
}

bool JsonPrinter::AnyOf(std::string_view type_url, std::string_view bytes,
                        std::unique_ptr<Message> holder) {
  if (!IsUtf8(type_url)) return Fail("the type URL is not UTF-8");
  const Descriptor* type = pool_.FindMessageTypeByName(std::string(TypeNameOf(type_url)));
  if (type != nullptr && !Charge(bytes.size())) return false;
  std::unique_ptr<Message> content(type != nullptr ? factory_.GetPrototype(type)->New() : nullptr);
  if (!Enter('{')) return false;
  if (content == nullptr || !ParseMessage(bytes, options_.max_json_depth, *content)) {
    out_.pop_back();
    --depth_;
    AppendOpaqueAny(type_url, bytes, out_);
    return true;
  }
  out_.append("\"@type\":");
  AppendJsonString(type_url, out_);
  holder.reset();
  return AnyContent(std::move(content));
}

bool JsonPrinter::Charge(std::size_t bytes) {
  if (bytes > any_budget_ - unpacked_) {
    return Fail(
        fmt::format("the Anys in it are unpacked from more than {} bytes in all", any_budget_));
  }
  unpacked_ += bytes;
  return true;
}

bool JsonPrinter::AnyContent(std::unique_ptr<Message> message) {
  const Message& content = *message;
  const WellKnown kind = KindOf(*content.GetDescriptor());
  if (kind == WellKnown::kNone) {
    if (!Members(content, /*first=*/false)) return false;
  } else {
    out_.append(",\"value\":");
    const bool is_any = kind == WellKnown::kAny;
    if (!(is_any ? Any(content, std::move(message)) : Value(content))) return false;
  }
  Leave('}');
  return true;
}

}  // namespace puente

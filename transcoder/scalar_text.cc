#include "transcoder/scalar_text.h"

#include <fmt/format.h>

#include <bit>
#include <optional>
#include <utility>

#include "transcoder/base64.h"
#include "transcoder/number_text.h"
#include "transcoder/utf8.h"
#include "transcoder/well_known.h"
#include "transcoder/well_known_text.h"

namespace puente {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

// A number as the wire has it.
enum class Encoding { kVarint, kFixed32, kFixed64 };
struct Number {
  Encoding encoding;
  std::uint64_t bits;
};
using ParsedNumber = tl::expected<Number, TextProblem>;

std::uint64_t ZigZag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

auto Explain(const FieldDescriptor& field) {
  return [&field](NumberProblem problem) -> TextProblem {
    switch (problem) {
      case NumberProblem::kMalformed:
        return ExpectedFor(field);
      case NumberProblem::kNotIntegral:
        return fmt::format("expected a whole number of type {}", field.type_name());
      case NumberProblem::kOutOfRange:
        return fmt::format("the number is out of the range of type {}", field.type_name());
    }
    return ExpectedFor(field);
  };
}

ParsedNumber ParseBool(const FieldDescriptor& field, std::string_view text) {
  if (text == "true") return Number{Encoding::kVarint, 1};
  if (text == "false") return Number{Encoding::kVarint, 0};
  return tl::unexpected(ExpectedFor(field));
}

bool IsClosed(const EnumDescriptor& type) {
  return type.file()->syntax() == FileDescriptor::SYNTAX_PROTO2;
}

Number EnumNumber(int number) {
  return {Encoding::kVarint, static_cast<std::uint64_t>(std::int64_t{number})};
}

ParsedNumber ParseEnum(const FieldDescriptor& field, std::string_view text) {
  const EnumDescriptor& type = *field.enum_type();
  if (const EnumValueDescriptor* value = type.FindValueByName(std::string(text))) {
    return EnumNumber(value->number());
  }
  if (IsNullValue(field) && text == "null") return EnumNumber(0);
  const auto number = ParseSigned(text, 32);
  if (!number) return tl::unexpected(ExpectedFor(field));
  const int value = static_cast<int>(*number);
  if (IsClosed(type) && type.FindValueByNumber(value) == nullptr) {
    return tl::unexpected(ExpectedFor(field));
  }
  return EnumNumber(value);
}

template <class Parsed, class ToBits>
ParsedNumber Encode(const FieldDescriptor& field, const Parsed& parsed, Encoding encoding,
                    ToBits to_bits) {
  if (!parsed) return tl::unexpected(Explain(field)(parsed.error()));
  return Number{encoding, static_cast<std::uint64_t>(to_bits(*parsed))};
}

ParsedNumber ParseNumber(const FieldDescriptor& field, std::string_view text) {
  const auto plain = [](auto value) { return value; };
  switch (field.type()) {
    case FieldDescriptor::TYPE_INT32:
      return Encode(field, ParseSigned(text, 32), Encoding::kVarint, plain);
    case FieldDescriptor::TYPE_INT64:
      return Encode(field, ParseSigned(text, 64), Encoding::kVarint, plain);
    case FieldDescriptor::TYPE_UINT32:
      return Encode(field, ParseUnsigned(text, 32), Encoding::kVarint, plain);
    case FieldDescriptor::TYPE_UINT64:
      return Encode(field, ParseUnsigned(text, 64), Encoding::kVarint, plain);
    case FieldDescriptor::TYPE_SINT32:
      return Encode(field, ParseSigned(text, 32), Encoding::kVarint, ZigZag);
    case FieldDescriptor::TYPE_SINT64:
      return Encode(field, ParseSigned(text, 64), Encoding::kVarint, ZigZag);
    case FieldDescriptor::TYPE_FIXED32:
      return Encode(field, ParseUnsigned(text, 32), Encoding::kFixed32, plain);
    case FieldDescriptor::TYPE_FIXED64:
      return Encode(field, ParseUnsigned(text, 64), Encoding::kFixed64, plain);
    case FieldDescriptor::TYPE_SFIXED32:
      return Encode(field, ParseSigned(text, 32), Encoding::kFixed32, plain);
    case FieldDescriptor::TYPE_SFIXED64:
      return Encode(field, ParseSigned(text, 64), Encoding::kFixed64, plain);
    case FieldDescriptor::TYPE_FLOAT:
      return Encode(field, ParseFloat(text), Encoding::kFixed32,
                    [](float value) { return std::bit_cast<std::uint32_t>(value); });
    case FieldDescriptor::TYPE_DOUBLE:
      return Encode(field, ParseDouble(text), Encoding::kFixed64,
                    [](double value) { return std::bit_cast<std::uint64_t>(value); });
    case FieldDescriptor::TYPE_BOOL:
      return ParseBool(field, text);
    case FieldDescriptor::TYPE_ENUM:
      return ParseEnum(field, text);
    default:
      return tl::unexpected(ExpectedFor(field));
  }
}

void AppendNumber(int field, Number number, WireWriter& out) {
  switch (number.encoding) {
    case Encoding::kVarint:
      return out.Varint(field, number.bits);
    case Encoding::kFixed32:
      return out.Fixed32(field, static_cast<std::uint32_t>(number.bits));
    case Encoding::kFixed64:
      return out.Fixed64(field, number.bits);
  }
}

void AppendBareNumber(Number number, WireWriter& out) {
  switch (number.encoding) {
    case Encoding::kVarint:
      return out.BareVarint(number.bits);
    case Encoding::kFixed32:
      return out.BareFixed32(static_cast<std::uint32_t>(number.bits));
    case Encoding::kFixed64:
      return out.BareFixed64(number.bits);
  }
}

// Zero and "" are what a field without presence has anyway, so they are left out.
bool IsLeftOut(const FieldDescriptor& field, bool is_zero) {
  return is_zero && !field.has_presence() && !field.is_repeated();
}

tl::expected<void, TextProblem> AppendString(const FieldDescriptor& field, std::string_view text,
                                             WireWriter& out) {
  if (!IsUtf8(text)) return tl::unexpected(TextProblem("expected text in UTF-8"));
  if (!IsLeftOut(field, text.empty())) out.Bytes(field.number(), text);
  return {};
}

tl::expected<void, TextProblem> AppendBytes(const FieldDescriptor& field, std::string_view text,
                                            WireWriter& out) {
  const auto bytes = DecodeBase64(text);
  if (!bytes) return tl::unexpected(ExpectedFor(field));
  if (!IsLeftOut(field, bytes->empty())) out.Bytes(field.number(), *bytes);
  return {};
}

void AppendNonZero(int field, std::int64_t value, WireWriter& out) {
  if (value != 0) out.Varint(field, static_cast<std::uint64_t>(value));
}

TextProblem ExpectedForMessage(const Descriptor& message);

tl::expected<void, TextProblem> AppendTime(const Descriptor& message,
                                           const std::optional<SecondsAndNanos>& time,
                                           WireWriter& out) {
  if (!time) return tl::unexpected(ExpectedForMessage(message));
  AppendNonZero(1, time->seconds, out);
  AppendNonZero(2, time->nanos, out);
  return {};
}

tl::expected<void, TextProblem> AppendFieldMask(const Descriptor& message, std::string_view text,
                                                WireWriter& out) {
  const auto paths = ParseFieldMask(text);
  if (!paths) return tl::unexpected(ExpectedForMessage(message));
  for (const std::string& path : *paths) out.Bytes(1, path);
  return {};
}

tl::expected<void, TextProblem> AppendMessage(const FieldDescriptor& field, std::string_view text,
                                              WireWriter& out) {
  if (!HasTextForm(field)) return tl::unexpected(ExpectedFor(field));
  out.Open(field.number());
  auto appended = AppendTextContent(*field.message_type(), text, out);
  out.Close();
  return appended;
}

TextProblem ExpectedForMessage(const Descriptor& message) {
  switch (KindOf(message)) {
    case WellKnown::kTimestamp:
      return "expected an RFC 3339 timestamp in the years 0001 to 9999";
    case WellKnown::kDuration:
      return "expected a duration in seconds such as \"3.5s\", of less than 315576000001s";
    case WellKnown::kFieldMask:
      return "expected field paths separated by commas";
    case WellKnown::kWrapper:
      return ExpectedFor(*message.FindFieldByNumber(1));
    default:
      return fmt::format("expected an object of type {}", message.full_name());
  }
}

}  // namespace

bool HasTextForm(const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return true;
  if (field.is_map() || field.type() == FieldDescriptor::TYPE_GROUP) return false;
  const WellKnown kind = KindOf(*field.message_type());
  return kind == WellKnown::kWrapper || IsTextual(kind);
}

TextProblem ExpectedFor(const Descriptor& message) { return ExpectedForMessage(message); }

TextProblem ExpectedFor(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return "expected true or false";
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? "expected bytes in base64"
                                                         : "expected a string";
    case FieldDescriptor::CPPTYPE_ENUM:
      return fmt::format("expected a value of enum {}", field.enum_type()->full_name());
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ExpectedForMessage(*field.message_type());
    default:
      return fmt::format("expected a number of type {}", field.type_name());
  }
}

tl::expected<void, TextProblem> AppendText(const FieldDescriptor& field, std::string_view text,
                                           WireWriter& out) {
  if (field.type() == FieldDescriptor::TYPE_STRING) return AppendString(field, text, out);
  if (field.type() == FieldDescriptor::TYPE_BYTES) return AppendBytes(field, text, out);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return AppendMessage(field, text, out);
  const ParsedNumber number = ParseNumber(field, text);
  if (!number) return tl::unexpected(number.error());
  if (!IsLeftOut(field, number->bits == 0)) AppendNumber(field.number(), *number, out);
  return {};
}

tl::expected<void, TextProblem> AppendTextContent(const Descriptor& message, std::string_view text,
                                                  WireWriter& out) {
  switch (KindOf(message)) {
    case WellKnown::kTimestamp:
      return AppendTime(message, ParseTimestamp(text), out);
    case WellKnown::kDuration:
      return AppendTime(message, ParseJsonDuration(text), out);
    case WellKnown::kFieldMask:
      return AppendFieldMask(message, text, out);
    case WellKnown::kWrapper:
      return AppendText(*message.FindFieldByNumber(1), text, out);
    default:
      return tl::unexpected(ExpectedForMessage(message));
  }
}

tl::expected<void, TextProblem> AppendBareText(const FieldDescriptor& field, std::string_view text,
                                               WireWriter& out) {
  const ParsedNumber number = ParseNumber(field, text);
  if (!number) return tl::unexpected(number.error());
  AppendBareNumber(*number, out);
  return {};
}

std::string CanonicalMapKey(const FieldDescriptor& key_field, std::string_view text) {
  if (key_field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) return std::string(text);
  WireWriter wire;
  return AppendText(key_field, text, wire) ? std::move(wire).Finish() : std::string(text);
}

}  // namespace puente

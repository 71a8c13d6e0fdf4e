// The parts of JsonToWire for scalars and enums.
#include <bit>

#include "transcoder/base64.h"
#include "transcoder/compiled/json_numbers.h"
#include "transcoder/compiled/json_to_wire.h"
#include "transcoder/number_text.h"

namespace puente {

using Kind = FieldTable::Kind;

namespace {

std::uint64_t ZigZag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

// A value of zero is what the field has without it.
bool LeavesOutZero(const FieldTable& field) {
  return !field.has_presence && field.shape == FieldTable::Shape::kSingular;
}

bool IsNumberLike(std::string_view text) {
  return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
}

std::uint64_t EnumBits(std::int32_t number) {
  return static_cast<std::uint64_t>(std::int64_t{number});
}

bool ReadSigned(JsonCursor& json, int width, std::int64_t& value) {
  Magnitude integer;
  if (!ReadInteger(json, integer) || !integer.FitsSigned(width)) return false;
  value = integer.Signed();
  return true;
}

bool ReadPlain(JsonCursor& json, int width, std::uint64_t& bits) {
  std::int64_t value = 0;
  if (!ReadSigned(json, width, value)) return false;
  bits = static_cast<std::uint64_t>(value);
  return true;
}

bool ReadZigZag(JsonCursor& json, int width, std::uint64_t& bits) {
  std::int64_t value = 0;
  if (!ReadSigned(json, width, value)) return false;
  bits = ZigZag(value);
  return true;
}

bool ReadUnsigned(JsonCursor& json, int width, std::uint64_t& bits) {
  Magnitude integer;
  if (!ReadInteger(json, integer) || !integer.FitsUnsigned(width)) return false;
  bits = integer.value;
  return true;
}

template <class Real, class Bits>
bool ReadRealBits(JsonCursor& json, std::uint64_t& bits) {
  Real value = 0;
  if (!ReadReal(json, value)) return false;
  bits = std::bit_cast<Bits>(value);
  return true;
}

}  // namespace

bool JsonToWire::ReadScalar(const FieldTable& field) {
  if (field.kind == Kind::kString) return ReadString(field);
  if (field.kind == Kind::kBytes) return ReadBytes(field);
  if (field.kind == Kind::kEnum) return ReadEnumField(field);
  std::uint64_t bits = 0;
  if (!ReadNumber(field.kind, bits)) return false;
  AppendNumber(field, bits);
  return true;
}

bool JsonToWire::ReadString(const FieldTable& field) {
  std::string_view text;
  if (!json_.String(text)) return false;
  if (!text.empty() || !LeavesOutZero(field)) AppendText(field.tag, text);
  return true;
}

void JsonToWire::AppendText(const WireTag& tag, std::string_view text) {
  out_.Bytes(tag, text, json_.IsInText(text) ? json_.end() : text.data() + text.size());
}

bool JsonToWire::ReadBytes(const FieldTable& field) {
  std::string_view text;
  if (!json_.String(text)) return false;
  const auto digits = Base64Digits(text);
  if (!digits) return false;
  if (digits->empty() && LeavesOutZero(field)) return true;
  return DecodeBase64Digits(*digits, out_.BytesToFill(field.tag, Base64Size(*digits)));
}

void JsonToWire::AppendNumber(const FieldTable& field, std::uint64_t bits) {
  if (bits == 0 && LeavesOutZero(field)) return;
  switch (field.wire_type) {
    case WireType::kFixed32:
      return out_.Fixed32(field.tag, static_cast<std::uint32_t>(bits));
    case WireType::kFixed64:
      return out_.Fixed64(field.tag, bits);
    default:
      return out_.Varint(field.tag, bits);
  }
}

bool JsonToWire::ReadNumber(Kind kind, std::uint64_t& bits) {
  switch (kind) {
    case Kind::kBool:
      return ReadBool(bits);
    case Kind::kInt32:
    case Kind::kSfixed32:
      return ReadPlain(json_, 32, bits);
    case Kind::kInt64:
    case Kind::kSfixed64:
      return ReadPlain(json_, 64, bits);
    case Kind::kSint32:
      return ReadZigZag(json_, 32, bits);
    case Kind::kSint64:
      return ReadZigZag(json_, 64, bits);
    case Kind::kUint32:
    case Kind::kFixed32:
      return ReadUnsigned(json_, 32, bits);
    case Kind::kUint64:
    case Kind::kFixed64:
      return ReadUnsigned(json_, 64, bits);
    case Kind::kFloat:
      return ReadRealBits<float, std::uint32_t>(json_, bits);
    case Kind::kDouble:
      return ReadRealBits<double, std::uint64_t>(json_, bits);
    default:
      return false;
  }
}

bool JsonToWire::ReadBool(std::uint64_t& bits) {
  bits = json_.Next() == 't';
  return json_.Literal(bits != 0 ? "true" : "false");
}

bool JsonToWire::ReadEnumField(const FieldTable& field) {
  std::uint64_t bits = 0;
  const Enum read = ReadEnum(field, bits);
  if (read == Enum::kRead) AppendNumber(field, bits);
  return read != Enum::kBad;
}

JsonToWire::Enum JsonToWire::ReadEnum(const FieldTable& field, std::uint64_t& bits) {
  const EnumTable& enumeration = *field.enumeration;
  switch (json_.Next()) {
    case '"':
      return ReadEnumName(field, bits);
    case 'n':
      bits = 0;
      return enumeration.is_null_value && json_.Literal("null") ? Enum::kRead : Enum::kBad;
    default:
      return ReadEnumNumber(enumeration, bits) ? Enum::kRead : Enum::kBad;
  }
}

JsonToWire::Enum JsonToWire::ReadEnumName(const FieldTable& field, std::uint64_t& bits) {
  std::string_view name;
  if (!json_.String(name) || IsNumberLike(name) || name == "null") return Enum::kBad;
  const std::uint32_t index = field.enumeration->by_name.Find(name);
  if (index != NameIndex::kNone) {
    bits = EnumBits(field.enumeration->numbers[index]);
    return Enum::kRead;
  }
  if (options_.unknown_fields != UnknownInput::kIgnore) return Enum::kBad;
  DropEnum(field);
  return Enum::kDropped;
}

bool JsonToWire::ReadEnumNumber(const EnumTable& enumeration, std::uint64_t& bits) {
  std::int64_t number = 0;
  if (!ReadSigned(json_, 32, number)) return false;
  bits = static_cast<std::uint64_t>(number);
  return !enumeration.is_closed || enumeration.Find(static_cast<std::int32_t>(number)) != nullptr;
}

// The name of no value: as if it were not there.
void JsonToWire::DropEnum(const FieldTable& field) {
  const auto& descriptor = *field.descriptor;
  const bool is_part =
      descriptor.is_repeated() || descriptor.containing_type()->map_value() == &descriptor;
  if (mask_ != nullptr && !is_part) mask_->Drop();
  ++dropped_.in_body;
}

}  // namespace puente

// The parts of WireToJson for scalars.
#include <bit>
#include <charconv>

#include "transcoder/base64.h"
#include "transcoder/compiled/json_string.h"
#include "transcoder/compiled/wire_number.h"
#include "transcoder/compiled/wire_to_json.h"
#include "transcoder/json_text.h"

namespace puente {

using Kind = FieldTable::Kind;

namespace {

// What any number takes, quotes included.
constexpr std::size_t kLongestNumber = 24;
static_assert(kLongestNumber >= kLongestJsonInteger64 && kLongestNumber >= kLongestJsonReal);

template <class T>
char* WriteInteger(T value, char* to) {
  return std::to_chars(to, to + kLongestNumber, value).ptr;
}

}  // namespace

bool WireToJson::ValueAt(const FieldTable& field, WireCursor& in) {
  if (field.wire_type == WireType::kLengthDelimited) {
    std::string_view bytes;
    return in.ReadBytes(bytes) && Delimited(field, bytes);
  }
  std::uint64_t value;
  if (!ReadNumber(field, in, value) || IsUnknownEnum(field, value)) return false;
  Number(field, value);
  return true;
}

bool WireToJson::Delimited(const FieldTable& field, std::string_view bytes) {
  switch (field.kind) {
    case Kind::kString:
      return String(bytes);
    case Kind::kMessage:
      return Message(bytes, *field.message);
    case Kind::kBytes:
      Bytes(bytes);
      return true;
    default:
      return false;
  }
}

void WireToJson::Number(const FieldTable& field, std::uint64_t value) {
  if (field.kind == Kind::kEnum) {
    return Enum(*field.enumeration, static_cast<std::int32_t>(value));
  }
  char* const to = out_.Reserve(kLongestNumber);
  switch (field.kind) {
    case Kind::kBool:
      return out_.End(CopyText(value != 0 ? "true" : "false", to));
    case Kind::kInt32:
    case Kind::kSint32:
    case Kind::kSfixed32:
      return out_.End(WriteInteger(static_cast<std::int32_t>(value), to));
    case Kind::kUint32:
    case Kind::kFixed32:
      return out_.End(WriteInteger(static_cast<std::uint32_t>(value), to));
    case Kind::kInt64:
    case Kind::kSint64:
    case Kind::kSfixed64:
      return out_.End(
          WriteJsonInteger64(static_cast<std::int64_t>(value), options_.int64_as_number, to));
    case Kind::kFloat:
      return out_.End(WriteJsonNumber(std::bit_cast<float>(static_cast<std::uint32_t>(value)), to));
    case Kind::kDouble:
      return out_.End(WriteJsonNumber(std::bit_cast<double>(value), to));
    default:
      return out_.End(WriteJsonInteger64(value, options_.int64_as_number, to));
  }
}

void WireToJson::Enum(const EnumTable& type, std::int32_t number) {
  if (const auto* value = type.Find(number)) return out_.Append(value->json);
  if (type.is_null_value) return out_.Append("null");
  out_.End(WriteInteger(number, out_.Reserve(kLongestNumber)));
}

void WireToJson::Bytes(std::string_view bytes) {
  char* to = out_.Reserve(EncodedBase64Size(bytes.size()) + 2);
  *to++ = '"';
  to = WriteBase64(bytes, to);
  *to++ = '"';
  out_.End(to);
}

void WireToJson::Default(const FieldTable& field) {
  if (field.kind == Kind::kString || field.kind == Kind::kBytes) return out_.Append("\"\"");
  if (field.kind == Kind::kEnum) return Enum(*field.enumeration, field.enumeration->numbers[0]);
  Number(field, 0);
}

bool WireToJson::String(std::string_view text) {
  const char* const readable_end = sorter_ ? text.data() + text.size() : readable_end_;
  return AppendJsonString(text, readable_end, out_);
}

}  // namespace puente

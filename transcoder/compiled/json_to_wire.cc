// Members, fields and lists. Left to JsonReader, though it may be good: an Any whose first member
// is not "@type", or whose type has no table; and what is unknown where it is to be named.
#include "transcoder/compiled/json_to_wire.h"

#include <simdjson.h>

#include "transcoder/json_reader.h"
#include "transcoder/json_scan.h"

namespace puente {

using Kind = FieldTable::Kind;
using Shape = FieldTable::Shape;

JsonToWire::JsonToWire(std::string_view json, const MessageTables& tables, const Options& options,
                       WireWriter& out, DroppedInput& dropped, MaskCollector* mask)
    : tables_(tables),
      options_(options),
      text_(json),
      json_(json, options.max_depth),
      out_(out),
      dropped_(dropped),
      mask_(mask),
      levels_(out.depth()) {
  out_.Reserve(json.size());
}

bool JsonToWire::ReadAsMessage(const MessageTable& message, const BoundFields* bound) {
  return IsUtf8() && ReadMessage(message, bound) && json_.AtEnd();
}

bool JsonToWire::ReadAsField(const FieldTable& field, const BoundFields* bound) {
  return IsUtf8() && ReadField(field, bound, nullptr) && json_.AtEnd();
}

bool JsonToWire::IsUtf8() const { return simdjson::validate_utf8(text_.data(), text_.size()); }

bool JsonToWire::ReadMessage(const MessageTable& message, const BoundFields* bound) {
  switch (message.well_known) {
    case WellKnown::kNone:
      return ReadMembers(message, bound);
    case WellKnown::kAny:
      return ReadAny(message);
    case WellKnown::kDuration:
      return ReadDuration(message);
    case WellKnown::kFieldMask:
      return ReadFieldMask(message);
    case WellKnown::kListValue:
      return ReadRepeated(message.fields[0]);
    case WellKnown::kStruct:
      return ReadMap(message.fields[0]);
    case WellKnown::kTimestamp:
      return ReadTimestamp(message);
    case WellKnown::kValue:
      return ReadValue(message);
    case WellKnown::kWrapper:
      return ReadScalar(message.fields[0]);
  }
  return false;
}

bool JsonToWire::ReadMembers(const MessageTable& message, const BoundFields* bound) {
  if (!json_.Enter('{')) return false;
  if (json_.Next() == '}') return json_.Leave('}');
  return ReadMembersFromKey(message, bound, /*in_any=*/false);
}

bool JsonToWire::ReadMembersFromKey(const MessageTable& message, const BoundFields* bound,
                                    bool in_any) {
  MemberBits seen(member_bits_, message.bits);
  const std::size_t unknown = names_.Open();
  std::size_t expected = 0;
  do {
    if (json_.Next() != '"') return false;
    const FieldTable* field =
        expected < message.fields.size() ? &message.fields[expected] : nullptr;
    if (field == nullptr || !json_.PlainKey(field->plain_key)) {
      std::string_view key;
      if (!json_.Key(key)) return false;
      if (in_any && key == JsonScanner::kTypeKey) return false;
      field = message.FindByName(key);
      if (field == nullptr) {
        if (!SkipUnknown(key)) return false;
        continue;
      }
    }
    if (!ReadMember(*field, bound, seen)) return false;
    expected = field->slot + 1;
  } while (json_.Consume(','));
  return json_.Leave('}') && names_.Close(unknown);
}

bool JsonToWire::ReadMember(const FieldTable& field, const BoundFields* bound, MemberBits& seen) {
  if (!seen.Add(field.rank)) return false;
  if (mask_ != nullptr) mask_->Enter(*field.descriptor);
  if (!ReadField(field, bound, &seen)) return false;
  if (mask_ != nullptr) mask_->Leave();
  return true;
}

bool JsonToWire::ReadField(const FieldTable& field, const BoundFields* bound, MemberBits* seen) {
  if (json_.Next() == 'n' && !field.takes_null) return json_.Literal("null");
  const bool is_in_oneof = field.oneof_rank != FieldTable::kNoOneof;
  if (seen != nullptr && is_in_oneof && !seen->Add(field.oneof_rank)) return false;
  if (bound == nullptr) return ReadFieldValue(field, nullptr);
  return ReadBoundField(field, bound->Below(*field.descriptor));
}

bool JsonToWire::ReadBoundField(const FieldTable& field, const BoundFields* below) {
  const WireWriter::Mark mark = out_.mark();
  if (!ReadFieldValue(field, below)) return false;
  if (below != nullptr && below->bound()) out_.Rewind(mark);
  return true;
}

bool JsonToWire::ReadFieldValue(const FieldTable& field, const BoundFields* below) {
  if (field.kind == Kind::kGroup) return false;
  switch (field.shape) {
    case Shape::kSingular:
      return ReadOne(field, below);
    case Shape::kRepeated:
      return ReadRepeated(field);
    case Shape::kPacked:
      return ReadPacked(field);
    case Shape::kMap:
      return ReadMap(field);
  }
  return false;
}

// One value: of a singular field, of an element, of a map's entry.
bool JsonToWire::ReadOne(const FieldTable& field, const BoundFields* below) {
  return field.kind == Kind::kMessage ? ReadSubmessage(field, below) : ReadScalar(field);
}

bool JsonToWire::ReadSubmessage(const FieldTable& field, const BoundFields* below) {
  if (levels_ >= JsonReader::kDeepestWire) return false;
  const WireWriter::Nested nested = out_.Begin(field.tag);
  ++levels_;
  if (!ReadMessage(*field.message, below)) return false;
  --levels_;
  out_.End(nested);
  return true;
}

template <class ReadElement>
bool JsonToWire::ReadElements(ReadElement read_element) {
  if (!json_.Enter('[')) return false;
  if (json_.Next() == ']') return json_.Leave(']');
  do {
    if (!read_element()) return false;
  } while (json_.Consume(','));
  return json_.Leave(']');
}

bool JsonToWire::ReadRepeated(const FieldTable& field) {
  return ReadElements([&] { return ReadOne(field, nullptr); });
}

// A run without elements is left out.
bool JsonToWire::ReadPacked(const FieldTable& field) {
  const WireWriter::Mark mark = out_.mark();
  const WireWriter::Nested nested = out_.Begin(field.tag);
  if (!ReadElements([&] { return ReadPackedElement(field); })) return false;
  const bool is_empty = out_.ContentSize(nested) == 0;
  out_.End(nested);
  if (is_empty) out_.Rewind(mark);
  return true;
}

bool JsonToWire::ReadPackedElement(const FieldTable& field) {
  std::uint64_t bits = 0;
  if (field.kind == Kind::kEnum) {
    const Enum read = ReadEnum(field, bits);
    if (read != Enum::kRead) return read == Enum::kDropped;
  } else if (!ReadNumber(field.kind, bits)) {
    return false;
  }
  switch (field.wire_type) {
    case WireType::kFixed32:
      out_.BareFixed32(static_cast<std::uint32_t>(bits));
      break;
    case WireType::kFixed64:
      out_.BareFixed64(bits);
      break;
    default:
      out_.BareVarint(bits);
  }
  return true;
}

}  // namespace puente

// The numbers of the wire format as the values that they stand for.
#pragma once

#include <cstdint>

#include "transcoder/compiled/message_tables.h"
#include "transcoder/compiled/wire_cursor.h"

namespace puente {

// Reads one value of a field that is no length-delimited one: integers as 64 bits (those that are
// signed extended by their sign), bools as 0 or 1, floats and doubles by their bits. False for
// groups, too.
inline bool ReadNumber(const FieldTable& field, WireCursor& in, std::uint64_t& value) {
  using Kind = FieldTable::Kind;
  const auto extend = [](std::uint64_t bits) {
    return static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(bits)});
  };
  const auto unzigzag = [](std::uint64_t bits) { return bits >> 1 ^ (0 - (bits & 1)); };
  switch (field.kind) {
    case Kind::kBool:
      if (!in.ReadVarint(value)) return false;
      value = value != 0;
      return true;
    case Kind::kInt32:
    case Kind::kEnum:
      if (!in.ReadVarint(value)) return false;
      value = extend(value);
      return true;
    case Kind::kUint32:
      if (!in.ReadVarint(value)) return false;
      value = static_cast<std::uint32_t>(value);
      return true;
    case Kind::kInt64:
    case Kind::kUint64:
      return in.ReadVarint(value);
    case Kind::kSint32:
      if (!in.ReadVarint(value)) return false;
      value = extend(unzigzag(static_cast<std::uint32_t>(value)));
      return true;
    case Kind::kSint64:
      if (!in.ReadVarint(value)) return false;
      value = unzigzag(value);
      return true;
    case Kind::kFixed32:
    case Kind::kFloat:
      return in.ReadFixed32(value);
    case Kind::kSfixed32:
      if (!in.ReadFixed32(value)) return false;
      value = extend(value);
      return true;
    case Kind::kFixed64:
    case Kind::kSfixed64:
    case Kind::kDouble:
      return in.ReadFixed64(value);
    default:
      return false;
  }
}

// For the field, `value` is none: a number without a name of an enum that is closed there. protobuf
// looks at the file of the field, not of the enum.
inline bool IsUnknownEnum(const FieldTable& field, std::uint64_t value) {
  return field.kind == FieldTable::Kind::kEnum && !field.is_proto3 &&
         field.enumeration->Find(static_cast<std::int32_t>(value)) == nullptr;
}

}  // namespace puente

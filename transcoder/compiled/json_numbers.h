// Numbers of a JSON text as values of proto3 JSON, where they may stand in strings as well.
#pragma once

#include <cstdint>

#include "transcoder/compiled/json_cursor.h"

namespace puente {

struct Magnitude {
  bool is_negative = false;
  std::uint64_t value = 0;

  // Whether the integer is one of `bits` bits.
  bool FitsSigned(int bits) const {
    return value <= (std::uint64_t{1} << (bits - 1)) - (is_negative ? 0 : 1);
  }
  bool FitsUnsigned(int bits) const {
    return (!is_negative || value == 0) && (bits == 64 || value >> bits == 0);
  }
  std::int64_t Signed() const { return static_cast<std::int64_t>(is_negative ? 0 - value : value); }
};

// What ParseSigned and ParseUnsigned take, of the value that the cursor is at: a number or a
// string. False: it is no integer, or one of more than 64 bits.
bool ReadInteger(JsonCursor& json, Magnitude& integer);

// What ParseDouble and ParseFloat take.
bool ReadReal(JsonCursor& json, double& value);
bool ReadReal(JsonCursor& json, float& value);

}  // namespace puente

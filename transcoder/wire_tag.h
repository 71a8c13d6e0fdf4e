// How the protobuf wire format marks a field.
#pragma once

#include <array>
#include <cstdint>

namespace puente {

enum class WireType : std::uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kLengthDelimited = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

// Field number and wire type as bytes.
struct WireTag {
  std::array<char, 5> bytes{};
  std::uint8_t size = 0;

  WireTag() = default;
  constexpr WireTag(int number, WireType type) {
    std::uint32_t value =
        static_cast<std::uint32_t>(number) << 3 | static_cast<std::uint32_t>(type);
    for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
    bytes[size++] = static_cast<char>(value);
  }
};

}  // namespace puente

#include "transcoder/compiled/wire_cursor.h"

#include <algorithm>
#include <bit>

namespace puente {

// As ReadFixed takes them from the bytes.
static_assert(std::endian::native == std::endian::little);

bool WireCursor::ReadLongTag(FieldTag& tag) {
  constexpr std::size_t kLongest = 5;
  const std::size_t size = std::min(left(), kLongest);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < size; ++i) {
    bits |= (Byte(i) & 0x7f) << 7 * i;
    if (Byte(i) < 0x80) return Take(i + 1, bits, tag.bits);
  }
  return false;
}

bool WireCursor::ReadLongVarint(std::uint64_t& value) {
  constexpr std::size_t kLongest = 10;
  const std::size_t size = std::min(left(), kLongest);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < size; ++i) {
    bits |= std::uint64_t{Byte(i) & 0x7f} << 7 * i;
    if (Byte(i) < 0x80) return Take(i + 1, bits, value);
  }
  return false;
}

bool WireCursor::SkipBytes(std::size_t count) {
  if (left() < count) return false;
  at_ += count;
  return true;
}

bool WireCursor::Skip(FieldTag tag, int max_depth) {
  if (tag.number() == 0) return false;
  std::uint64_t number;
  std::string_view bytes;
  switch (tag.type()) {
    case WireType::kVarint:
      return ReadVarint(number);
    case WireType::kFixed64:
      return SkipBytes(8);
    case WireType::kLengthDelimited:
      return ReadBytes(bytes);
    case WireType::kStartGroup:
      return SkipGroup(tag, max_depth);
    case WireType::kEndGroup:
      return false;
    case WireType::kFixed32:
      return SkipBytes(4);
  }
  return false;
}

bool WireCursor::SkipGroup(FieldTag start, int max_depth) {
  if (max_depth <= 0) return false;
  for (FieldTag tag; ReadTag(tag);) {
    if (tag.type() == WireType::kEndGroup) return tag.number() == start.number();
    if (!Skip(tag, max_depth - 1)) return false;
  }
  return false;
}

}  // namespace puente

// Reads the protobuf wire format: what protobuf's own parser takes, and nothing more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "transcoder/compiled/message_tables.h"

namespace puente {

// Number and wire type of a field.
struct FieldTag {
  std::uint32_t bits = 0;

  std::uint32_t number() const { return bits >> 3; }
  WireType type() const { return static_cast<WireType>(bits & 7); }  // 6 and 7 are no wire types
  bool operator==(const FieldTag&) const = default;
};

// A place in the bytes of one message, which must outlive it. A copy is a place of its own. What is
// read must end within the message: false when it does not, or is malformed; then the cursor is
// anywhere in the message and of no more use.
class WireCursor {
 public:
  WireCursor() = default;
  explicit WireCursor(std::string_view message)
      : at_(message.data()), end_(message.data() + message.size()) {}

  bool done() const { return at_ == end_; }
  // How many bytes are left.
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  // At most five bytes, of which 32 bits count. May be anything: see Skip.
  bool ReadTag(FieldTag& tag) {
    if (at_ == end_) return false;
    const std::uint32_t first = Byte(0);
    if (first < 0x80) return Take(1, first, tag.bits);
    if (left() >= 2 && Byte(1) < 0x80) return Take(2, (first & 0x7f) | Byte(1) << 7, tag.bits);
    return ReadLongTag(tag);
  }
  // Takes the tag when it comes next, spelled as Puente does.
  bool TakeTag(const WireTag& tag) {
    if (left() < tag.size || std::memcmp(at_, tag.bytes.data(), tag.size) != 0) return false;
    at_ += tag.size;
    return true;
  }

  // At most ten bytes, of which 64 bits count.
  bool ReadVarint(std::uint64_t& value) {
    if (at_ == end_) return false;
    const std::uint64_t first = Byte(0);
    if (first < 0x80) return Take(1, first, value);
    if (left() >= 2 && Byte(1) < 0x80) {
      return Take(2, (first & 0x7f) | std::uint64_t{Byte(1)} << 7, value);
    }
    return ReadLongVarint(value);
  }
  bool ReadFixed32(std::uint64_t& value) { return ReadFixed<std::uint32_t>(value); }
  bool ReadFixed64(std::uint64_t& value) { return ReadFixed<std::uint64_t>(value); }

  // A length of at most five bytes, and as many bytes as it says.
  bool ReadBytes(std::string_view& bytes) {
    std::uint32_t size = 0;
    if (!ReadLength(size) || size > left()) return false;
    bytes = {at_, size};
    at_ += size;
    return true;
  }

  // Skips the value of a field that nobody wants, `tag` having been read. Of groups, as many as
  // `max_depth` may be nested. Also false for what begins no field: number 0, the end of a group, a
  // wire type that does not exist.
  bool Skip(FieldTag tag, int max_depth);

 private:
  std::uint32_t Byte(std::size_t offset) const { return static_cast<unsigned char>(at_[offset]); }

  template <class T>
  bool Take(std::size_t size, T value, T& out) {
    at_ += size;
    out = value;
    return true;
  }
  template <class T>
  bool ReadFixed(std::uint64_t& value) {
    if (left() < sizeof(T)) return false;
    T fixed;
    std::memcpy(&fixed, at_, sizeof(T));
    return Take(sizeof(T), std::uint64_t{fixed}, value);
  }
  bool ReadLength(std::uint32_t& length) {
    FieldTag plain;
    const char* const begin = at_;
    if (!ReadTag(plain)) return false;
    length = plain.bits;
    return at_ - begin < 5 || static_cast<unsigned char>(at_[-1]) < 8;
  }
  bool SkipBytes(std::size_t count);
  bool SkipGroup(FieldTag start, int max_depth);
  bool ReadLongTag(FieldTag& tag);
  bool ReadLongVarint(std::uint64_t& value);

  const char* at_ = nullptr;
  const char* end_ = nullptr;
};

}  // namespace puente

// Writes the protobuf wire format, nested messages included, in one forward pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/wire_tag.h"

namespace puente {

// One thread at a time. Field numbers and tags are not checked. Linear in what is written, however
// deep it is nested: a nested message leaves one byte for its length, and those lengths that need
// more get their place when all is written.
class WireWriter {
 public:
  WireWriter() = default;
  WireWriter(const WireWriter&) = delete;
  WireWriter& operator=(const WireWriter&) = delete;

  // Makes room for `bytes` at once, where it is known beforehand about how many there will be.
  void Reserve(std::size_t bytes) { Room(bytes); }

  void Varint(const WireTag& tag, std::uint64_t value) {
    at_ = PutVarint(value, PutTag(tag, Room(kMostTagBytes + kMostVarintBytes)));
  }
  void Fixed32(const WireTag& tag, std::uint32_t value) {
    at_ = PutLittleEndian(value, PutTag(tag, Room(kMostTagBytes + sizeof value)));
  }
  void Fixed64(const WireTag& tag, std::uint64_t value) {
    at_ = PutLittleEndian(value, PutTag(tag, Room(kMostTagBytes + sizeof value)));
  }
  void Bytes(const WireTag& tag, std::string_view value) {
    value.copy(BytesToFill(tag, value.size()), value.size());
  }
  // The same, and faster for short values, where all up to `readable_end` may be read.
  void Bytes(const WireTag& tag, std::string_view value, const char* readable_end);
  // The same with content that is still to be written, `size` bytes from the returned address on,
  // before anything else is called.
  char* BytesToFill(const WireTag& tag, std::size_t size) {
    char* const content =
        PutVarint(size, PutTag(tag, Room(kMostTagBytes + kMostVarintBytes + kBlock + size)));
    at_ = content + size;
    return content;
  }

  void Varint(int field, std::uint64_t value) { Varint(WireTag(field, WireType::kVarint), value); }
  void Fixed32(int field, std::uint32_t value) {
    Fixed32(WireTag(field, WireType::kFixed32), value);
  }
  void Fixed64(int field, std::uint64_t value) {
    Fixed64(WireTag(field, WireType::kFixed64), value);
  }
  void Bytes(int field, std::string_view value) {
    Bytes(WireTag(field, WireType::kLengthDelimited), value);
  }

  // The same without a tag: elements of a packed field.
  void BareVarint(std::uint64_t value) { at_ = PutVarint(value, Room(kMostVarintBytes)); }
  void BareFixed32(std::uint32_t value) { at_ = PutLittleEndian(value, Room(sizeof value)); }
  void BareFixed64(std::uint64_t value) { at_ = PutLittleEndian(value, Room(sizeof value)); }

  // What is written between Begin and its End is the content of one length-delimited field. Those
  // that were begun last are ended first.
  struct Nested {
    std::size_t begin;         // of the content
    std::size_t length_bytes;  // before it was begun
  };
  Nested Begin(const WireTag& tag) {
    at_ = PutTag(tag, Room(kMostTagBytes + 1)) + 1;
    return {used(), length_bytes_};
  }
  void End(const Nested& nested) {
    const std::size_t length = ContentSize(nested);
    if (length >= 0x80) return EndLong(nested, length);
    bytes_[nested.begin - 1] = static_cast<char>(length);
  }
  // How many bytes its content has so far.
  std::size_t ContentSize(const Nested& nested) const {
    return used() - nested.begin + (length_bytes_ - nested.length_bytes);
  }

  // The same for a writer that remembers what is open.
  void Open(int field) { open_.push_back(Begin(WireTag(field, WireType::kLengthDelimited))); }
  void Close() {
    End(open_.back());
    open_.pop_back();
  }
  // How many are open.
  std::size_t depth() const { return open_.size(); }

  // Takes back everything since `mark`, and what was begun since then without an end. Not across an
  // Open whose Close is still to come.
  struct Mark {
    std::size_t bytes, long_lengths, length_bytes;
  };
  Mark mark() const { return {used(), long_lengths_.size(), length_bytes_}; }
  void Rewind(const Mark& mark);

  // How many bytes Finish would return if all that is open were closed now.
  std::size_t size() const { return used() + length_bytes_; }

  // All that was written. Every Open must have been closed. Ends the writer's use.
  std::string Finish() &&;

 private:
  static constexpr std::size_t kMostTagBytes = sizeof(WireTag::bytes);
  static constexpr std::size_t kMostVarintBytes = 10;
  static constexpr std::size_t kBlock = 16;  // how much is copied at a time
  static constexpr std::size_t kShort = 64;  // what is copied in blocks

  // A length that takes more than the one byte that is left for it at `offset`.
  struct LongLength {
    std::size_t offset;
    std::uint64_t length;
  };

  // A varint takes a byte for every seven bits.
  static char* PutVarint(std::uint64_t value, char* to) {
    for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
    *to = static_cast<char>(value);
    return to + 1;
  }
  // Writes kMostTagBytes, of which the tag may be less.
  static char* PutTag(const WireTag& tag, char* to) {
    std::memcpy(to, tag.bytes.data(), kMostTagBytes);
    return to + tag.size;
  }
  template <class T>
  static char* PutLittleEndian(T value, char* to) {
    for (std::size_t i = 0; i < sizeof value; ++i) to[i] = static_cast<char>(value >> 8 * i);
    return to + sizeof value;
  }

  std::size_t used() const { return static_cast<std::size_t>(at_ - bytes_.data()); }
  // Where the next `bytes` go.
  char* Room(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) [[unlikely]]
      Grow(bytes);
    return at_;
  }
  void Grow(std::size_t bytes);
  void EndLong(const Nested& nested, std::size_t length);

  std::string bytes_;  // what is written, and behind it what there is room for
  char* at_ = bytes_.data();
  char* end_ = at_;
  std::vector<LongLength> long_lengths_;  // of what is ended
  std::size_t length_bytes_ = 0;          // that these take beyond the one that is there
  std::vector<Nested> open_;
};

inline void WireWriter::Bytes(const WireTag& tag, std::string_view value,
                              const char* readable_end) {
  char* to = BytesToFill(tag, value.size());
  const char* from = value.data();
  const char* const end = from + value.size();
  const bool in_blocks =
      value.size() <= kShort && static_cast<std::size_t>(readable_end - end) >= kBlock;
  if (!in_blocks) {
    std::memcpy(to, from, value.size());
    return;
  }
  for (; from < end; from += kBlock, to += kBlock) std::memcpy(to, from, kBlock);
}

}  // namespace puente

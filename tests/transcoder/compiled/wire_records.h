// Wire bytes taken apart into fields, and put together as no serializer would.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/compiled/wire_cursor.h"

namespace puente::testing {

inline std::string Varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

inline std::string Tag(int number, int wire_type) {
  return Varint(static_cast<std::uint64_t>(number) << 3 | static_cast<unsigned>(wire_type));
}

inline std::string Delimited(int number, std::string_view bytes) {
  return Tag(number, 2) + Varint(bytes.size()) + std::string(bytes);
}

// The fields of a message, tags included; empty when the bytes are none.
inline std::vector<std::string> RecordsOf(std::string_view wire) {
  std::vector<std::string> records;
  for (WireCursor in(wire); !in.done();) {
    const std::size_t begin = wire.size() - in.left();
    FieldTag tag;
    if (!in.ReadTag(tag) || !in.Skip(tag, 50)) return {};
    records.emplace_back(wire.substr(begin, wire.size() - in.left() - begin));
  }
  return records;
}

// Changes the order of fields, doubles and interrupts them, puts unknown ones between them, spells
// tags at length, gives them other wire types; also in messages in messages. Mostly well-formed.
class Disorder {
 public:
  explicit Disorder(unsigned seed) : random_(seed) {}

  std::string Of(std::string_view wire, int depth = 4) {
    std::vector<std::string> records = RecordsOf(wire);
    if (records.empty()) return std::string(wire);
    for (std::string& record : records) {
      if (Below(3) == 0 && depth > 0) record = Inside(record, depth);
    }
    const int changes = Below(3);
    for (int i = 0; i < changes; ++i) Change(records);
    std::string changed;
    for (const std::string& record : records) changed += record;
    return changed;
  }

 private:
  std::size_t Below(std::size_t limit) { return random_() % limit; }

  // What is in a field that may be a message.
  std::string Inside(const std::string& record, int depth) {
    WireCursor in(record);
    FieldTag tag;
    std::string_view bytes;
    if (!in.ReadTag(tag) || tag.type() != WireType::kLengthDelimited || !in.ReadBytes(bytes)) {
      return record;
    }
    return Delimited(static_cast<int>(tag.number()), Of(bytes, depth - 1));
  }

  void Change(std::vector<std::string>& records) {
    const std::size_t at = Below(records.size());
    switch (Below(7)) {
      case 0:
        std::ranges::shuffle(records, random_);
        break;
      case 1:
        records.push_back(records[at]);
        break;
      case 2:
        records.insert(records.begin() + static_cast<std::ptrdiff_t>(at), records[at]);
        break;
      case 3:
        records.insert(records.begin() + static_cast<std::ptrdiff_t>(at), Unknown());
        break;
      case 4:
        records[at] = WithLongTag(records[at]);
        break;
      case 5:
        std::swap(records[at], records[Below(records.size())]);
        break;
      default:
        records[at] = OtherType(records[at]);
    }
  }

  std::string Unknown() {
    const int number = static_cast<int>(1 + Below(300));
    switch (Below(5)) {
      case 0:
        return Tag(number, 0) + Varint(random_());
      case 1:
        return Tag(number, 1) + std::string(8, 'x');
      case 2:
        return Delimited(number, std::string(Below(5), '\x08'));
      case 3:
        return Tag(number, 3) + Tag(1, 0) + Varint(random_()) + Tag(number, 4);
      default:
        return Tag(number, 5) + std::string(4, 'x');
    }
  }

  static std::string WithLongTag(const std::string& record) {
    std::size_t last = 0;
    while (static_cast<unsigned char>(record[last]) >= 0x80) ++last;
    std::string longer = record.substr(0, last + 1);
    longer.back() = static_cast<char>(longer.back() | '\x80');
    return longer + '\0' + record.substr(last + 1);
  }

  // The same number with another kind of value.
  std::string OtherType(const std::string& record) {
    WireCursor in(record);
    FieldTag tag;
    if (!in.ReadTag(tag)) return record;
    const auto number = static_cast<int>(tag.number());
    switch (Below(4)) {
      case 0:
        return Tag(number, 0) + Varint(Below(2) == 0 ? Below(4) : random_());
      case 1:
        return Tag(number, 1) + std::string(8, '\x02');
      case 2:
        return Delimited(number, std::string(Below(9), '\x02'));
      default:
        return Tag(number, 5) + std::string(4, '\x02');
    }
  }

  std::mt19937 random_;
};

// Changes, drops or doubles a few bytes.
inline std::string MutateBytes(std::string wire, std::mt19937& random) {
  for (unsigned n = 1 + random() % 3; n > 0 && !wire.empty(); --n) {
    const std::size_t at = random() % wire.size();
    switch (random() % 4) {
      case 0:
        wire[at] = static_cast<char>(random());
        break;
      case 1:
        wire[at] = static_cast<char>(wire[at] ^ 1 << random() % 8);
        break;
      case 2:
        wire.erase(at, 1 + random() % 3);
        break;
      default:
        wire.insert(at, 1, static_cast<char>(random()));
    }
  }
  return wire;
}

}  // namespace puente::testing

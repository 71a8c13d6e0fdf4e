// What codec COMPILED knows of the types of a set: looked up once per snapshot, so that no
// descriptor is asked while a message is translated.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "descriptors/descriptor_set.h"
#include "transcoder/codec.h"
#include "transcoder/compiled/name_index.h"
#include "transcoder/field_names.h"
#include "transcoder/well_known.h"
#include "transcoder/wire_tag.h"

namespace puente {

struct MessageTable;

struct EnumTable {
  struct Value {
    std::int32_t number;
    std::string json;  // as it is printed: the name in quotes, the number, or null
  };

  const google::protobuf::EnumDescriptor* descriptor = nullptr;
  bool is_closed = false;             // proto2: a number without a name is no value
  bool is_null_value = false;         // google.protobuf.NullValue
  std::vector<Value> values;          // by number, each once: the name that was declared first
  bool is_dense = false;              // values[n].number is values[0].number + n
  std::vector<std::int32_t> numbers;  // by declaration
  NameIndex by_name;                  // to an index of `numbers`

  // nullptr: the number has no name.
  const Value* Find(std::int32_t number) const;
};

struct FieldTable {
  enum class Kind : std::uint8_t {
    kBool,
    kInt32,
    kInt64,
    kUint32,
    kUint64,
    kSint32,
    kSint64,
    kFixed32,
    kFixed64,
    kSfixed32,
    kSfixed64,
    kFloat,
    kDouble,
    kEnum,
    kString,
    kBytes,
    kMessage,
    kGroup,
  };
  enum class Shape : std::uint8_t { kSingular, kRepeated, kPacked, kMap };

  Kind kind = Kind::kBool;
  Shape shape = Shape::kSingular;
  WireType wire_type = WireType::kVarint;  // of one value, not of a packed run
  bool has_presence = false;               // a value of zero is written
  bool takes_null = false;                 // null is a value (TakesNull)
  bool is_proto3 = false;                  // of its file
  std::uint32_t number = 0;
  WireTag tag;       // with which Puente writes it: a packed run's for kPacked
  std::size_t slot;  // its index in MessageTable::fields
  std::size_t rank;  // its bit among the fields of the message and, from field_count on, oneofs
  std::size_t oneof_rank = kNoOneof;  // that of its oneof (not of a synthetic one)
  std::string key;                    // as it is printed: the name in quotes and a colon
  // The JSON name in quotes and a colon, as texts mostly spell it; empty where that would have to
  // be escaped, or means another field.
  std::string plain_key;
  const MessageTable* message = nullptr;   // for kMessage; of a map, the entry's
  const EnumTable* enumeration = nullptr;  // for kEnum
  const google::protobuf::FieldDescriptor* descriptor = nullptr;

  static constexpr std::size_t kNoOneof = SIZE_MAX;
};

struct MessageTable {
  const google::protobuf::Descriptor* descriptor = nullptr;
  WellKnown well_known = WellKnown::kNone;
  // Without extensions, by number. Of a map's entry: key and value; of a wrapper: its value.
  std::vector<FieldTable> fields;
  NameIndex by_name;           // JSON names and proto names, to the slot
  std::size_t bits = 0;        // how many fields and oneofs there are
  std::uint32_t dense_to = 0;  // fields[n].number is n + 1 up to this number

  // nullptr: the message has no such field. `expected` is the slot that it likely is in; any
  // number.
  const FieldTable* FindByNumber(std::uint32_t number, std::size_t expected) const {
    if (expected < fields.size() && fields[expected].number == number) return &fields[expected];
    if (number - 1 < dense_to) return &fields[number - 1];
    return FindSparse(number);
  }
  // As FieldNames::Find.
  const FieldTable* FindByName(std::string_view name) const {
    const std::uint32_t slot = by_name.Find(name);
    return slot == NameIndex::kNone ? nullptr : &fields[slot];
  }

 private:
  const FieldTable* FindSparse(std::uint32_t number) const;
};

// Immutable once built; may be used from any thread. The set must outlive it.
class MessageTables {
 public:
  // Of all messages in the files of `set`, and of those that they use. Of `options`, how fields and
  // enums are printed counts.
  MessageTables(const DescriptorSet& set, const CodecOptions& options);
  MessageTables(const MessageTables&) = delete;
  MessageTables& operator=(const MessageTables&) = delete;

  // The table of a message that is in the files of the set, or used there.
  const MessageTable& Of(const google::protobuf::Descriptor& message) const;
  // By its full name; nullptr: there is no table of it.
  const MessageTable* Find(std::string_view full_name) const;

 private:
  MessageTable* Want(const google::protobuf::Descriptor& message);
  const EnumTable* Want(const google::protobuf::EnumDescriptor& enumeration);
  void Fill(MessageTable& table, const FieldNames& names);
  FieldTable MakeField(const google::protobuf::FieldDescriptor& field);

  const CodecOptions& options_;
  std::deque<MessageTable> tables_;  // stable addresses
  std::deque<EnumTable> enums_;
  std::unordered_map<std::string_view, MessageTable*> by_name_;
  std::unordered_map<const google::protobuf::EnumDescriptor*, const EnumTable*> by_enum_;
};

}  // namespace puente

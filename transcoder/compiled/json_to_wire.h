// JSON to wire bytes, led by tables: what JsonReader does, fast.
#pragma once

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/bound_fields.h"
#include "transcoder/codec.h"
#include "transcoder/compiled/distinct_keys.h"
#include "transcoder/compiled/json_cursor.h"
#include "transcoder/compiled/member_bits.h"
#include "transcoder/compiled/message_tables.h"
#include "transcoder/update_mask.h"
#include "transcoder/wire_writer.h"

namespace puente {

// Reads one JSON text. Used once, by one thread. True: the text is good, and what JsonReader would
// have done is done: `out` has the fields, `dropped` and `mask` were told what they are told.
// False: the text is bad, or holds something rare that is left to JsonReader (see the .cc); what
// was written to all three so far is to be thrown away, and JsonReader says what is wrong.
class JsonToWire {
 public:
  struct Options {
    UnknownInput unknown_fields = UnknownInput::kReject;
    int max_depth = 100;
  };

  // All of these must outlive the reader; `mask` may be nullptr.
  JsonToWire(std::string_view json, const MessageTables& tables, const Options& options,
             WireWriter& out, DroppedInput& dropped, MaskCollector* mask = nullptr);

  // The whole text is the JSON form of `message`, whose fields are appended to `out`.
  bool ReadAsMessage(const MessageTable& message, const BoundFields* bound);
  // The whole text is the value of `field`, which is appended to the message that holds it.
  // `bound` is the tree of that message.
  bool ReadAsField(const FieldTable& field, const BoundFields* bound);

 private:
  enum class Enum { kBad, kDropped, kRead };

  bool IsUtf8() const;

  bool ReadMessage(const MessageTable& message, const BoundFields* bound);
  bool ReadMembers(const MessageTable& message, const BoundFields* bound);
  bool ReadMembersFromKey(const MessageTable& message, const BoundFields* bound, bool in_any);
  bool ReadMember(const FieldTable& field, const BoundFields* bound, MemberBits& seen);
  bool ReadField(const FieldTable& field, const BoundFields* bound, MemberBits* seen);
  bool ReadBoundField(const FieldTable& field, const BoundFields* below);
  bool ReadFieldValue(const FieldTable& field, const BoundFields* below);
  bool ReadOne(const FieldTable& field, const BoundFields* below);
  bool ReadSubmessage(const FieldTable& field, const BoundFields* below);
  bool ReadRepeated(const FieldTable& field);
  bool ReadPacked(const FieldTable& field);
  bool ReadPackedElement(const FieldTable& field);
  template <class ReadElement>
  bool ReadElements(ReadElement read_element);

  bool ReadMap(const FieldTable& field);
  bool ReadEntry(const FieldTable& field);
  bool ReadEntryContent(const MessageTable& entry);
  bool ReadKey(const FieldTable& key);
  bool ReadTextKey(const FieldTable& key);

  bool ReadScalar(const FieldTable& field);
  bool ReadString(const FieldTable& field);
  bool ReadBytes(const FieldTable& field);
  bool ReadEnumField(const FieldTable& field);
  bool ReadNumber(FieldTable::Kind kind, std::uint64_t& bits);
  bool ReadBool(std::uint64_t& bits);
  Enum ReadEnum(const FieldTable& field, std::uint64_t& bits);
  Enum ReadEnumName(const FieldTable& field, std::uint64_t& bits);
  bool ReadEnumNumber(const EnumTable& enumeration, std::uint64_t& bits);
  void DropEnum(const FieldTable& field);
  void AppendText(const WireTag& tag, std::string_view text);
  void AppendNumber(const FieldTable& field, std::uint64_t bits);

  bool ReadTimestamp(const MessageTable& message);
  bool ReadDuration(const MessageTable& message);
  void AppendTime(const MessageTable& message, std::int64_t seconds, std::int32_t nanos);
  bool ReadFieldMask(const MessageTable& message);
  bool ReadValue(const MessageTable& message);
  bool ReadAny(const MessageTable& message);
  const MessageTable* FindAnyType(std::string_view type_url) const;
  bool ReadAnyContent(const MessageTable& type);
  bool ReadAnyMembers(const MessageTable& type);

  bool SkipUnknown(std::string_view key);
  bool SkipValue();
  bool SkipObject();
  bool SkipArray();
  std::string_view Kept(std::string_view key);

  const MessageTables& tables_;
  const Options options_;
  const std::string_view text_;
  JsonCursor json_;
  WireWriter& out_;
  DroppedInput& dropped_;
  MaskCollector* const mask_;
  std::size_t levels_;  // how many messages are open, in the innermost Any
  std::vector<std::uint64_t> member_bits_;
  DistinctKeys<std::string_view> names_;  // of maps by text, and of what is unknown
  DistinctKeys<std::uint64_t> numbers_;   // of other maps
  std::forward_list<std::string> kept_;   // those of them that had escapes
};

}  // namespace puente

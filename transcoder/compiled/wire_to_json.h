// Wire bytes to JSON, led by tables: what JsonPrinter does, fast and without a message in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/codec.h"
#include "transcoder/compiled/field_sorter.h"
#include "transcoder/compiled/member_bits.h"
#include "transcoder/compiled/message_tables.h"
#include "transcoder/compiled/wire_cursor.h"
#include "transcoder/text_buffer.h"

namespace puente {

// Prints one message. Used once, by one thread. True: the JSON that JsonPrinter would have printed
// is appended to `out`. False: the bytes are bad, have no JSON form, or come in an order that is
// rare and left to JsonPrinter (see the .cc): `out` is as it was.
class WireToJson {
 public:
  // All of these must outlive the printer.
  WireToJson(const MessageTables& tables, const CodecOptions& options, std::string& out);

  bool Print(std::string_view bytes, const MessageTable& message);
  // The value of one field of `message`: its JSON default when it is unset.
  bool PrintField(std::string_view bytes, const MessageTable& message, const FieldTable& field);

 private:
  // What is known of a message while its members are printed. Each of them begins with a comma;
  // that of the first becomes the brace.
  struct Members {
    const MessageTable& message;
    MemberBits printed;
    const bool has_defaults;  // unset fields without presence are printed, too
    const FieldTable* expected = message.fields.data();  // that probably comes next, or the end
    const FieldTable* last = nullptr;                    // that came
    std::size_t undecided = 0;                           // before it, all defaults are printed
    const FieldTable* open = nullptr;                    // an array that lacks its bracket

    const FieldTable* Find(std::uint32_t number) const {
      const bool is_there = expected != std::to_address(message.fields.end());
      if (is_there && expected->number == number) return expected;
      return message.FindByNumber(number, message.fields.size());
    }
  };
  // Of a map.
  struct Entry {
    const char* begin;        // of its bytes
    std::string_view text{};  // of a key that is a string
    char digits[20] = {};     // of another
    std::uint8_t digit_count = 0;
    bool has_value = false;
    WireCursor value{};

    // Does nothing to the text of a string.
    void SetKey(FieldTable::Kind kind, std::uint64_t number);
    std::string_view key() const {
      return digit_count == 0 ? text : std::string_view(digits, digit_count);
    }
  };

  template <class PrintIt>
  bool PrintInOrder(std::string_view bytes, PrintIt print);
  bool Begin(std::string_view bytes);
  bool Finish(bool printed);
  bool Enter();
  // Puts the brackets around what was written since `begin`.
  void Leave(std::size_t begin, std::string_view brackets);

  // wire_to_json.cc: messages and their members.
  bool Message(std::string_view bytes, const MessageTable& message);
  bool Value(std::string_view bytes, const MessageTable& message);
  bool Object(std::string_view bytes, const MessageTable& message);
  bool AllMembers(std::string_view bytes, const MessageTable& message);
  bool ValueOf(const FieldTable& field, std::string_view bytes, const MessageTable& message);
  bool SortIfNeeded(std::string_view& bytes);
  bool EndMembers(Members& members);
  bool Member(Members& members, WireCursor& in);
  bool Known(Members& members, const FieldTable& field, WireCursor& in);
  bool Packed(Members& members, const FieldTable& field, WireCursor& in);
  bool Unknown(const MessageTable& message, FieldTag tag, WireCursor& in);
  bool Extension(const google::protobuf::FieldDescriptor& extension, FieldTag tag, WireCursor& in);
  bool StartValue(Members& members, const FieldTable& field);
  bool StartMember(Members& members, const FieldTable& field);
  void CloseArray(Members& members);
  bool Defaults(Members& members, std::size_t end);
  bool JsonOfUnset(const FieldTable& field);

  // wire_to_json_scalar.cc
  bool ValueAt(const FieldTable& field, WireCursor& in);
  bool Delimited(const FieldTable& field, std::string_view bytes);
  void Number(const FieldTable& field, std::uint64_t value);
  void Enum(const EnumTable& type, std::int32_t number);
  void Bytes(std::string_view bytes);
  bool String(std::string_view text);
  void Default(const FieldTable& field);

  // wire_to_json_map.cc
  bool Map(Members& members, const FieldTable& field, WireCursor& in);
  bool AddEntry(std::string_view bytes, const MessageTable& message);
  bool ReadKey(const FieldTable& key, WireCursor& in, Entry& entry);
  bool Entries(std::size_t first, const MessageTable& message);
  void SortEntries(std::size_t first);
  bool EntryMember(const Entry& entry, const MessageTable& message);

  // wire_to_json_well_known.cc
  bool WellKnownValue(std::string_view bytes, const MessageTable& message);
  bool Any(std::string_view bytes);
  bool AnyOf(std::string_view type_url, std::string_view bytes);
  bool AnyContent(std::string_view bytes, const MessageTable& message);
  bool Time(std::string_view bytes, WellKnown kind);
  bool FieldMask(std::string_view bytes);
  bool Struct(std::string_view bytes, const MessageTable& message);
  bool List(std::string_view bytes, const MessageTable& message);
  bool AnyValue(std::string_view bytes, const MessageTable& message);
  bool Wrapper(std::string_view bytes, const MessageTable& message);

  const MessageTables& tables_;
  const CodecOptions& options_;
  TextBuffer out_;
  const char* readable_end_ = nullptr;  // of all the bytes, while nothing is sorted
  int depth_ = 0;                       // of JSON
  int levels_left_ = 0;                 // of messages in messages
  std::size_t any_budget_ = 0;
  bool is_out_of_order_ = false;        // fields came that way, and were not sorted
  std::optional<FieldSorter> sorter_;   // once that has been so
  std::vector<std::uint64_t> printed_;  // what MemberBits needs
  std::vector<Entry> entries_;          // of the maps that are open, the innermost last
};

}  // namespace puente

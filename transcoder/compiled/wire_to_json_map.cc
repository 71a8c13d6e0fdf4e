// The parts of WireToJson for maps: entries come in any order and are printed by the text of their
// keys, so that all are collected first; of those with the same key the last one counts.
#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "transcoder/compiled/json_string.h"
#include "transcoder/compiled/wire_number.h"
#include "transcoder/compiled/wire_to_json.h"

namespace puente {

using Kind = FieldTable::Kind;

namespace {

// Slots of the fields of an entry.
constexpr std::size_t kKey = 0;
constexpr std::size_t kValue = 1;

bool IsSigned(Kind kind) {
  return kind == Kind::kInt32 || kind == Kind::kInt64 || kind == Kind::kSint32 ||
         kind == Kind::kSint64 || kind == Kind::kSfixed32 || kind == Kind::kSfixed64;
}

}  // namespace

void WireToJson::Entry::SetKey(Kind kind, std::uint64_t number) {
  if (kind == Kind::kString) return;
  if (kind == Kind::kBool) {
    text = number != 0 ? "true" : "false";
    return;
  }
  char* const end = std::end(digits);
  char* const to = IsSigned(kind)
                       ? std::to_chars(digits, end, static_cast<std::int64_t>(number)).ptr
                       : std::to_chars(digits, end, number).ptr;
  digit_count = static_cast<std::uint8_t>(to - digits);
}

bool WireToJson::Map(Members& members, const FieldTable& field, WireCursor& in) {
  if (!StartMember(members, field)) return false;
  const std::size_t first = entries_.size();
  do {
    std::string_view bytes;
    if (!in.ReadBytes(bytes) || !AddEntry(bytes, *field.message)) return false;
  } while (in.TakeTag(field.tag));
  return Entries(first, *field.message);
}

bool WireToJson::AddEntry(std::string_view bytes, const MessageTable& message) {
  if (levels_left_ == 0) return false;
  const FieldTable& key = message.fields[kKey];
  const FieldTable& value = message.fields[kValue];
  Entry entry{.begin = bytes.data()};
  entry.SetKey(key.kind, 0);
  bool has_key = false;
  for (WireCursor in(bytes); !in.done();) {
    FieldTag tag;
    if (!in.ReadTag(tag)) return false;
    if (tag.number() == key.number && tag.type() == key.wire_type) {
      if (std::exchange(has_key, true) || !ReadKey(key, in, entry)) return false;
      continue;
    }
    if (tag.number() == value.number && tag.type() == value.wire_type) {
      if (std::exchange(entry.has_value, true)) return false;
      entry.value = in;
    }
    if (!in.Skip(tag, levels_left_ - 1)) return false;
  }
  entries_.push_back(entry);
  return true;
}

bool WireToJson::ReadKey(const FieldTable& key, WireCursor& in, Entry& entry) {
  if (key.kind == Kind::kString) return in.ReadBytes(entry.text);
  std::uint64_t number;
  if (!ReadNumber(key, in, number)) return false;
  entry.SetKey(key.kind, number);
  return true;
}

// Prints the last of the entries, from `first` on, and lets them go.
bool WireToJson::Entries(std::size_t first, const MessageTable& message) {
  if (!Enter()) return false;
  --levels_left_;
  SortEntries(first);
  const std::size_t begin = out_.size();
  for (std::size_t i = first; i < entries_.size(); ++i) {
    const Entry entry = entries_[i];  // those of maps in it may move them all
    const std::size_t member = out_.size();
    if (!EntryMember(entry, message)) return false;
    const bool is_overwritten = i + 1 < entries_.size() && entries_[i + 1].key() == entry.key();
    if (is_overwritten) out_.Rewind(member);
  }
  entries_.resize(first);
  ++levels_left_;
  Leave(begin, "{}");
  return true;
}

void WireToJson::SortEntries(std::size_t first) {
  const auto is_before = [](const Entry& a, const Entry& b) {
    const int order = a.key().compare(b.key());
    return order != 0 ? order < 0 : a.begin < b.begin;
  };
  std::sort(entries_.begin() + static_cast<std::ptrdiff_t>(first), entries_.end(), is_before);
}

bool WireToJson::EntryMember(const Entry& entry, const MessageTable& message) {
  const FieldTable& value = message.fields[kValue];
  out_.Append(',');
  if (message.fields[kKey].kind == Kind::kString) {
    if (!String(entry.text)) return false;
  } else {
    out_.Append('"');
    out_.Append(entry.key());
    out_.Append('"');
  }
  out_.Append(':');
  WireCursor in = entry.value;
  if (entry.has_value) return ValueAt(value, in);
  if (value.kind == Kind::kMessage) return Message({}, *value.message);
  Default(value);
  return true;
}

}  // namespace puente

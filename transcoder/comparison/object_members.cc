#include "transcoder/comparison/object_members.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "transcoder/scalar_text.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

namespace {

int Rank(const MessageMember& member) {
  return member.field != nullptr ? member.field->index() : std::numeric_limits<int>::max();
}

// `items` in the order of `compare`; nullopt when two of them are equal.
template <class Item, class Compare>
std::optional<std::vector<Item>> SortDistinct(std::vector<Item> items, Compare compare) {
  std::ranges::sort(items, [&](const Item& a, const Item& b) { return compare(a, b) < 0; });
  const auto equal = [&](const Item& a, const Item& b) { return compare(a, b) == 0; };
  const bool distinct = std::ranges::adjacent_find(items, equal) == items.end();
  return distinct ? std::optional(std::move(items)) : std::nullopt;
}

}  // namespace

int CompareMembers(const MessageMember& a, const MessageMember& b) {
  if (Rank(a) != Rank(b)) return Rank(a) < Rank(b) ? -1 : 1;
  return a.field != nullptr ? 0 : a.value->key.compare(b.value->key);
}

std::optional<std::vector<MessageMember>> MembersOf(const Descriptor& type, const JsonValue& object,
                                                    std::string_view except, FieldIndex& fields) {
  std::vector<MessageMember> members;
  for (const JsonValue& member : object.children) {
    const bool is_left_out = !except.empty() && member.key == except;
    if (!is_left_out) members.push_back({fields.Find(type, member.key), &member});
  }
  return SortDistinct(std::move(members), CompareMembers);
}

std::optional<std::vector<MapEntry>> EntriesOf(const FieldDescriptor& map,
                                               const JsonValue& object) {
  const FieldDescriptor& key_field = *map.message_type()->map_key();
  std::vector<MapEntry> entries;
  for (const JsonValue& entry : object.children) {
    const bool is_null = entry.kind == JsonScanner::Kind::kNull;
    if (!is_null) entries.push_back({CanonicalMapKey(key_field, entry.key), &entry});
  }
  return SortDistinct(std::move(entries), CompareEntries);
}

}  // namespace puente

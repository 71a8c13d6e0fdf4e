// The members of a JSON object as what a descriptor says that they are.
#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/comparison/field_index.h"
#include "transcoder/comparison/json_tree.h"

namespace puente {

// Of an object that is a message.
struct MessageMember {
  const google::protobuf::FieldDescriptor* field;  // nullptr: unknown
  const JsonValue* value;

  // The JSON name of the field, or the key.
  std::string_view name() const {
    return field != nullptr ? std::string_view(field->json_name()) : value->key;
  }
};

// Negative, 0 or positive: known fields are in their order, and before those that are unknown.
int CompareMembers(const MessageMember& a, const MessageMember& b);

// In that order, without the member whose key is `except`, which may be empty. nullopt: one field
// is given by both of its names. `object` must outlive them.
std::optional<std::vector<MessageMember>> MembersOf(const google::protobuf::Descriptor& type,
                                                    const JsonValue& object,
                                                    std::string_view except, FieldIndex& fields);

// Of an object that is a map.
struct MapEntry {
  std::string key;  // the same for all spellings of a key
  const JsonValue* value;
};

inline int CompareEntries(const MapEntry& a, const MapEntry& b) { return a.key.compare(b.key); }

// In the order of their keys, without those that are null. nullopt: one key is given in two
// spellings. `object` must outlive them.
std::optional<std::vector<MapEntry>> EntriesOf(const google::protobuf::FieldDescriptor& map,
                                               const JsonValue& object);

}  // namespace puente

// The fields of large messages by name.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string_view>
#include <unordered_map>

#include "descriptors/descriptor_set.h"

namespace puente {

// An index, since protobuf has none of the JSON names that a schema chose: a search through all
// fields for each key of a body would take time that grows with both. Immutable; may be used from
// any thread. Valid as long as the set it was built from.
class FieldNames {
 public:
  // A message with more fields than these is indexed; it is the files of the set that are looked
  // through.
  static constexpr int kMostUnindexed = 16;

  explicit FieldNames(const DescriptorSet& set);

  // As FindField, in constant time. Of fields that share a JSON name, which no route may use, the
  // first.
  const google::protobuf::FieldDescriptor* Find(const google::protobuf::Descriptor& message,
                                                std::string_view name) const;

 private:
  using Fields = std::unordered_map<std::string_view, const google::protobuf::FieldDescriptor*>;

  std::unordered_map<const google::protobuf::Descriptor*, Fields> messages_;
};

}  // namespace puente

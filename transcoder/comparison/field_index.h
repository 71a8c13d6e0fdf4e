// Fields by name, for one walk through a message.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string_view>
#include <unordered_map>

namespace puente {

// As FieldNames, but needs no descriptor set: large messages are indexed when they are met first,
// so that looking up many keys in them takes linear time. Used by one thread.
class FieldIndex {
 public:
  // As FindField.
  const google::protobuf::FieldDescriptor* Find(const google::protobuf::Descriptor& message,
                                                std::string_view name);

 private:
  using Fields = std::unordered_map<std::string_view, const google::protobuf::FieldDescriptor*>;

  static Fields IndexOf(const google::protobuf::Descriptor& message);

  std::unordered_map<const google::protobuf::Descriptor*, Fields> messages_;
};

}  // namespace puente

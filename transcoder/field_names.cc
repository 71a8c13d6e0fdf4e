#include "transcoder/field_names.h"

#include <vector>

#include "transcoder/field_path.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

namespace {

std::vector<const Descriptor*> MessagesOf(const DescriptorSet& set) {
  std::vector<const Descriptor*> messages;
  for (const auto* file : set.files()) {
    for (int i = 0; i < file->message_type_count(); ++i) messages.push_back(file->message_type(i));
  }
  for (std::size_t next = 0; next < messages.size(); ++next) {
    const Descriptor& message = *messages[next];
    for (int i = 0; i < message.nested_type_count(); ++i) {
      messages.push_back(message.nested_type(i));
    }
  }
  return messages;
}

}  // namespace

FieldNames::FieldNames(const DescriptorSet& set) {
  for (const Descriptor* message : MessagesOf(set)) {
    const int count = message->field_count();
    if (count <= kMostUnindexed) continue;
    Fields& fields = messages_[message];
    for (int i = 0; i < count; ++i) {
      fields.try_emplace(message->field(i)->json_name(), message->field(i));
    }
    for (int i = 0; i < count; ++i) {
      fields.try_emplace(message->field(i)->name(), message->field(i));
    }
  }
}

const FieldDescriptor* FieldNames::Find(const Descriptor& message, std::string_view name) const {
  if (message.field_count() <= kMostUnindexed) return FindField(message, name);
  const auto fields = messages_.find(&message);
  if (fields == messages_.end()) return FindField(message, name);
  const auto field = fields->second.find(name);
  return field != fields->second.end() ? field->second : nullptr;
}

}  // namespace puente

#include "transcoder/comparison/field_index.h"

#include "transcoder/field_names.h"
#include "transcoder/field_path.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

const FieldDescriptor* FieldIndex::Find(const Descriptor& message, std::string_view name) {
  if (message.field_count() <= FieldNames::kMostUnindexed) return FindField(message, name);
  auto known = messages_.find(&message);
  if (known == messages_.end()) known = messages_.emplace(&message, IndexOf(message)).first;
  const auto field = known->second.find(name);
  return field != known->second.end() ? field->second : nullptr;
}

FieldIndex::Fields FieldIndex::IndexOf(const Descriptor& message) {
  Fields fields;
  const int count = message.field_count();
  for (int i = 0; i < count; ++i)
    fields.try_emplace(message.field(i)->json_name(), message.field(i));
  for (int i = 0; i < count; ++i) fields.try_emplace(message.field(i)->name(), message.field(i));
  return fields;
}

}  // namespace puente

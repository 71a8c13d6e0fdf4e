#include "transcoder/set_fields.h"

#include <utility>

#include "transcoder/scalar_text.h"

namespace puente {

using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

SetFields::Outcome SetFields::Add(const FieldPath& path,
                                  const std::optional<std::string>& map_key) {
  SetFields* node = this;
  for (const FieldDescriptor* field : path) {
    const OneofDescriptor* oneof = field->real_containing_oneof();
    if (oneof != nullptr && node->oneofs_.try_emplace(oneof, field).first->second != field) {
      return Outcome::kOneof;
    }
    node = &node->children_[field];
  }
  if (map_key) {
    const FieldDescriptor& key_field = *path.back()->message_type()->map_key();
    const bool is_new = node->keys_.insert(CanonicalMapKey(key_field, *map_key)).second;
    return is_new ? Outcome::kOk : Outcome::kTwice;
  }
  if (path.back()->is_repeated()) return Outcome::kOk;
  return std::exchange(node->set_, true) ? Outcome::kTwice : Outcome::kOk;
}

}  // namespace puente

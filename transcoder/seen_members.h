// Which members a JSON object has had so far.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace puente {

// For an object that is read as `message`, which must outlive this, as must the keys.
class SeenMembers {
 public:
  explicit SeenMembers(const google::protobuf::Descriptor& message) : message_(message) {}

  // False when the field was there before.
  bool AddField(const google::protobuf::FieldDescriptor& field) {
    if (fields_.empty()) fields_.resize(static_cast<std::size_t>(message_.field_count()));
    return Set(fields_, field.index());
  }
  // False when another member of its oneof was there before.
  bool AddToOneof(const google::protobuf::FieldDescriptor& field) {
    const auto* oneof = field.real_containing_oneof();
    if (oneof == nullptr) return true;
    if (oneofs_.empty()) oneofs_.resize(static_cast<std::size_t>(message_.oneof_decl_count()));
    return Set(oneofs_, oneof->index());
  }
  // False when the key was there before.
  bool AddUnknown(std::string_view key) { return unknown_.insert(key).second; }

 private:
  static bool Set(std::vector<bool>& bits, int index) {
    const auto bit = bits.begin() + index;
    const bool was_set = *bit;
    *bit = true;
    return !was_set;
  }

  const google::protobuf::Descriptor& message_;
  std::vector<bool> fields_, oneofs_;
  std::set<std::string_view> unknown_;
};

}  // namespace puente

// Which fields of a request are bound by path variables.
#pragma once

#include <map>
#include <span>

#include "transcoder/field_path.h"

namespace puente {

// A tree of fields, one level per message. Immutable once built.
class BoundFields {
 public:
  explicit BoundFields(std::span<const FieldPath> paths = {}) {
    for (const FieldPath& path : paths) {
      BoundFields* node = this;
      for (const auto* field : path) node = &node->children_[field];
      node->bound_ = true;
    }
  }

  // The tree below `field`; nullptr when nothing there is bound.
  const BoundFields* Below(const google::protobuf::FieldDescriptor& field) const {
    const auto child = children_.find(&field);
    return child != children_.end() ? &child->second : nullptr;
  }

  // The field itself is bound.
  bool bound() const { return bound_; }

 private:
  std::map<const google::protobuf::FieldDescriptor*, BoundFields> children_;
  bool bound_ = false;
};

}  // namespace puente

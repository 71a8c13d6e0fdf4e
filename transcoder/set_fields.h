// Which fields of a request path, query and form have set so far.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "transcoder/field_path.h"

namespace puente {

// A tree of fields, one level per message.
class SetFields {
 public:
  enum class Outcome {
    kOk,
    kTwice,  // the singular field, or the map's key, was set before
    kOneof,  // another member of a oneof on the path was set before
  };

  // `map_key` when the last field of `path` is a map and an entry of it is set.
  Outcome Add(const FieldPath& path, const std::optional<std::string>& map_key);

 private:
  std::map<const google::protobuf::FieldDescriptor*, SetFields> children_;
  std::map<const google::protobuf::OneofDescriptor*, const google::protobuf::FieldDescriptor*>
      oneofs_;
  std::set<std::string> keys_;
  bool set_ = false;
};

}  // namespace puente

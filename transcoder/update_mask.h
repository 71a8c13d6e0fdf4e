// The update_mask that a PATCH leaves to the proxy (design section 4, rule 10).
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <string>
#include <unordered_set>
#include <vector>

#include "transcoder/field_path.h"
#include "transcoder/route.h"
#include "transcoder/wire_writer.h"

namespace puente {

// The request field that is to be filled from the keys of the body when the client leaves it out:
// `update_mask`, a singular google.protobuf.FieldMask that the path does not bind and that is in no
// oneof, of a PATCH route whose body is one field with fields of its own in JSON. Otherwise
// nullptr.
const google::protobuf::FieldDescriptor* FindUpdateMask(const Route& route);

// Collects the paths of a mask while a body is read: the keys of its leaves, in proto names,
// relative to the message that the body is, in the order of the body. A key whose value is no
// message with fields in JSON is a leaf, and so is a message without any keys. Used once, by one
// thread. Takes time linear in the body and in the mask, which is bounded by kMostBytes.
class MaskCollector {
 public:
  static constexpr std::size_t kMostBytes = 1 << 20;  // of all paths together

  // What is entered between Enter and its Leave are the keys of the value of `field`. Keys of
  // messages in lists and maps may be entered as well; they don't count.
  void Enter(const google::protobuf::FieldDescriptor& field);
  void Leave();
  // A key that names no field was let pass: it is no path, but its holder is not empty either, and
  // must not be emptied for it.
  void NoteUnknown();
  // The value of the field entered last, a leaf, was let pass: the field is as if it were not
  // there.
  void Drop();

  // The field that a form sets. One that is there already counts once.
  void AddPath(const FieldPath& path);

  bool is_empty() const { return paths_.empty(); }
  bool is_too_large() const { return bytes_ > kMostBytes; }
  // Appends the mask as field `mask`; nothing when it has no paths.
  void AppendTo(const google::protobuf::FieldDescriptor& mask, WireWriter& out) const;

 private:
  struct Open {
    std::size_t length;  // of path_, without the field
    bool has_keys;
  };
  void Add(std::string path);

  std::vector<std::string> paths_;
  std::unordered_set<std::string> seen_;  // those of a form
  std::size_t bytes_ = 0;
  std::string path_;
  std::vector<Open> open_;
  std::size_t below_leaf_ = 0;  // how many are entered from a leaf on
};

}  // namespace puente

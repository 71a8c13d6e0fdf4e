// JSON to wire bytes, led by descriptors: the proto3 JSON mapping, strict (design section 4, rules
// 1 and 6).
#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <string_view>

#include "transcoder/bound_fields.h"
#include "transcoder/codec.h"
#include "transcoder/field_names.h"
#include "transcoder/json_scan.h"
#include "transcoder/place.h"
#include "transcoder/scalar_text.h"
#include "transcoder/update_mask.h"
#include "transcoder/wire_writer.h"

namespace puente {

class SeenMembers;

// Reads one JSON text. Used once, by one thread. Beyond what JsonScanner refuses: a field given
// twice (under either of its names), two members of one oneof, a map key given twice, a value of
// the wrong kind (a scalar for a repeated field, an array for a singular one, null inside of
// either), values that `scalar_text.h` refuses, unknown fields unless they are let pass, an Any of
// a type that `pool` does not have, proto2 groups, messages nested deeper than protobuf reads them
// (kDeepestWire).
//
// Fields that are bound are checked like the others and then left out. Errors are INVALID_ARGUMENT
// and name the place.
class JsonReader {
 public:
  struct Options {
    UnknownInput unknown_fields = UnknownInput::kReject;
    int max_depth = 100;
  };

  // protobuf's recursion limit: how deep messages, entries of maps included, may be nested in the
  // outermost one. What an Any holds is bytes to those who parse it, and counts anew.
  static constexpr std::size_t kDeepestWire = 100;

  // All of these must outlive the reader; `names` is of the set that `pool` is of, and `mask` may
  // be nullptr. Unknown fields that are let pass are counted in `dropped`; the keys that are read
  // are entered in `mask`, those of bound fields included. What fails leaves `out` in an undefined
  // state.
  JsonReader(std::string_view json, const google::protobuf::DescriptorPool& pool,
             const FieldNames& names, const Options& options, WireWriter& out,
             DroppedInput& dropped, MaskCollector* mask = nullptr);

  // The whole text is the JSON form of `message`, whose fields are appended to `out`.
  Result<void> ReadAsMessage(const google::protobuf::Descriptor& message, const BoundFields* bound);

  // The whole text is the value of `field`, which is appended to the message that holds it.
  // `bound` is the tree of that message.
  Result<void> ReadAsField(const google::protobuf::FieldDescriptor& field,
                           const BoundFields* bound);

 private:
  using Descriptor = google::protobuf::Descriptor;
  using FieldDescriptor = google::protobuf::FieldDescriptor;
  using Kind = JsonScanner::Kind;
  using Step = JsonScanner::Step;

  Result<void> Finish(bool read);
  std::string Describe(std::string_view problem) const;
  bool Fail(std::string_view problem);
  bool Check(const tl::expected<void, TextProblem>& appended);
  bool HasValue();

  bool ReadMessage(const Descriptor& message, const BoundFields* bound);
  bool ReadMembers(const Descriptor& message, const BoundFields* bound, bool in_any);
  bool ReadMember(const Descriptor& message, std::string_view key, const BoundFields* bound,
                  SeenMembers& seen);
  bool ReadUnknown(const Descriptor& message, std::string_view key, SeenMembers& seen);
  void CountUnknown(std::string_view key);
  // The name that is no value of the enum `field`, where that is let pass: as if it were not there.
  bool DropUnknownEnum(const FieldDescriptor& field);
  void CountDropped();
  bool ReadField(const FieldDescriptor& field, const BoundFields* bound, SeenMembers* seen);
  bool ReadFieldValue(const FieldDescriptor& field, const BoundFields* below);
  bool ReadRepeated(const FieldDescriptor& field);
  bool ReadPacked(const FieldDescriptor& field);
  template <class ReadElement>
  bool ReadElements(ReadElement read_element);
  bool ReadMap(const FieldDescriptor& field);
  bool ReadMapEntry(const FieldDescriptor& field, std::string_view key);
  bool OpenMessage(const FieldDescriptor& field);
  bool ReadSingular(const FieldDescriptor& field, const BoundFields* below);
  std::optional<std::string_view> ScalarToken(const FieldDescriptor& field);
  bool ReadScalar(const FieldDescriptor& field);

  bool ReadTextual(const Descriptor& message);
  bool ReadValue(const Descriptor& message);
  bool ReadStruct(const Descriptor& message);
  bool ReadListValue(const Descriptor& message);
  bool ReadAny(const Descriptor& message);
  bool ReadEmptyAny();
  bool ReadAnyContent(const Descriptor& message);
  bool ReadAnyValue(const Descriptor& message);
  bool ReadAnyValueMember(const Descriptor& message, std::string_view key);
  const Descriptor* FindAnyType(std::string_view type_url);

  const google::protobuf::DescriptorPool& pool_;
  const FieldNames& names_;
  const Options options_;
  JsonScanner scanner_;
  WireWriter& out_;
  DroppedInput& dropped_;
  MaskCollector* const mask_;
  std::size_t outermost_ = 0;  // the depth of `out_` that the nesting of messages is counted from
  Place place_;
  std::optional<std::string> problem_;
  bool is_unknown_enum_ = false;  // what ScalarToken read last
};

}  // namespace puente

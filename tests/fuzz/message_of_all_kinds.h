// fuzz.M, a message with fields of all kinds, and fuzz.S.F, a method that takes and gives it.
#pragma once

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "descriptors/descriptor_set.h"

namespace puente::fuzz {

inline constexpr char kFile[] = R"(
name: "fuzz.proto" package: "fuzz" syntax: "proto3"
dependency: "google/protobuf/any.proto" dependency: "google/protobuf/duration.proto"
dependency: "google/protobuf/field_mask.proto" dependency: "google/protobuf/struct.proto"
dependency: "google/protobuf/timestamp.proto" dependency: "google/protobuf/wrappers.proto"
enum_type { name: "E" value { name: "E0" number: 0 } value { name: "E1" number: 1 } }
message_type {
  name: "M"
  field { name: "a" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
  field { name: "b" number: 2 type: TYPE_SINT64 label: LABEL_REPEATED }
  field { name: "c" number: 3 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
  field { name: "d" number: 4 type: TYPE_FLOAT label: LABEL_REPEATED }
  field { name: "e" number: 5 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "f" number: 6 type: TYPE_BYTES label: LABEL_REPEATED }
  field { name: "g" number: 7 type: TYPE_BOOL label: LABEL_OPTIONAL }
  field { name: "h" number: 8 type: TYPE_ENUM type_name: ".fuzz.E" label: LABEL_REPEATED }
  field { name: "i" number: 9 type: TYPE_MESSAGE type_name: ".fuzz.M" label: LABEL_OPTIONAL }
  field { name: "j" number: 10 type: TYPE_MESSAGE type_name: ".fuzz.M" label: LABEL_REPEATED }
  field { name: "k" number: 11 type: TYPE_MESSAGE type_name: ".fuzz.M.KEntry"
          label: LABEL_REPEATED }
  field { name: "l" number: 12 type: TYPE_MESSAGE type_name: ".google.protobuf.Any"
          label: LABEL_OPTIONAL }
  field { name: "m" number: 13 type: TYPE_MESSAGE type_name: ".google.protobuf.Duration"
          label: LABEL_OPTIONAL }
  field { name: "n" number: 14 type: TYPE_MESSAGE type_name: ".google.protobuf.FieldMask"
          label: LABEL_OPTIONAL }
  field { name: "o" number: 15 type: TYPE_MESSAGE type_name: ".google.protobuf.Value"
          label: LABEL_REPEATED }
  field { name: "p" number: 16 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp"
          label: LABEL_OPTIONAL }
  field { name: "q" number: 17 type: TYPE_MESSAGE type_name: ".google.protobuf.Int64Value"
          label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "r" number: 18 type: TYPE_UINT32 label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "s" number: 19 type: TYPE_ENUM type_name: ".google.protobuf.NullValue"
          label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "update_mask" number: 20 type: TYPE_MESSAGE
          type_name: ".google.protobuf.FieldMask" label: LABEL_OPTIONAL }
  field { name: "long_name" number: 21 type: TYPE_FIXED64 label: LABEL_OPTIONAL }
  oneof_decl { name: "x" }
  nested_type {
    name: "KEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_INT64 label: LABEL_OPTIONAL }
    field { name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
  }
}
service { name: "S" method { name: "F" input_type: ".fuzz.M" output_type: ".fuzz.M" } })";

inline std::shared_ptr<const DescriptorSet> MessageOfAllKinds() {
  google::protobuf::FileDescriptorSet files;
  if (!google::protobuf::TextFormat::ParseFromString(kFile, files.add_file())) std::abort();
  DescriptorSetBuilder builder;
  builder.AddBytes("fuzz.pb", files.SerializeAsString());
  return std::move(builder).Build().value();
}

}  // namespace puente::fuzz

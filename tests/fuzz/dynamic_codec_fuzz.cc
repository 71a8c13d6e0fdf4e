// Any bytes as a body, as a query, as a path variable and as an answer. What the codec reads it can
// print, and what it prints it reads again as the same.
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "descriptors/descriptor_set.h"
#include "transcoder/codec.h"

namespace {

constexpr char kFile[] = R"(
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
  oneof_decl { name: "x" }
  nested_type {
    name: "KEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_INT64 label: LABEL_OPTIONAL }
    field { name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
  }
}
service { name: "S" method { name: "F" input_type: ".fuzz.M" output_type: ".fuzz.M" } })";

struct Fixture {
  std::unique_ptr<puente::Route> whole, parts;
  std::unique_ptr<const puente::Codec> codec;
  std::unique_ptr<const puente::RouteCodec> whole_codec, parts_codec;
};

std::unique_ptr<puente::Route> MakeRoute(const google::protobuf::MethodDescriptor* method,
                                         const char* path, const char* body) {
  return std::make_unique<puente::Route>(
      puente::CompileRoute({method, "POST", path, body, ""}).value());
}

Fixture MakeFixture() {
  google::protobuf::FileDescriptorSet files;
  if (!google::protobuf::TextFormat::ParseFromString(kFile, files.add_file())) std::abort();
  puente::DescriptorSetBuilder builder;
  builder.AddBytes("fuzz.pb", files.SerializeAsString());
  auto set = std::move(builder).Build().value();
  const auto* method = set->pool().FindMethodByName("fuzz.S.F");
  Fixture fixture;
  fixture.whole = MakeRoute(method, "/x", "*");
  fixture.parts = MakeRoute(method, "/{i.a}", "");
  fixture.codec = puente::MakeDynamicCodec(set, {.max_json_depth = 20});
  fixture.whole_codec = fixture.codec->ForRoute(*fixture.whole);
  fixture.parts_codec = fixture.codec->ForRoute(*fixture.parts);
  return fixture;
}

void Require(bool holds) {
  if (!holds) std::abort();
}

// An Any of an unknown type can be printed but not read.
bool HasOpaqueAny(std::string_view json) { return json.find("\"@type\"") != json.npos; }

puente::Result<std::string> Encode(const puente::RouteCodec& codec,
                                   const puente::TargetInput& target, std::string_view body) {
  puente::DroppedInput dropped;
  const auto bound = codec.Bind(target, dropped);
  if (!bound) return tl::unexpected(bound.error());
  return codec.Encode(*bound, {.bytes = body}, dropped);
}

void PrintReadAndPrint(const puente::RouteCodec& codec, std::string_view wire, bool must_print) {
  puente::Payload first, second;
  const bool printed = codec.DecodeResponse(wire, first).has_value();
  Require(printed || !must_print);
  if (!printed || HasOpaqueAny(first.bytes)) return;
  const auto read = Encode(codec, {}, first.bytes);
  Require(read.has_value());
  Require(codec.DecodeResponse(*read, second).has_value());
  Require(first.bytes == second.bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Fixture fixture = MakeFixture();
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  PrintReadAndPrint(*fixture.whole_codec, input, false);
  if (const auto wire = Encode(*fixture.whole_codec, {}, input)) {
    PrintReadAndPrint(*fixture.whole_codec, *wire, true);
  }
  const std::size_t split = input.find('?');
  const std::vector<std::string> captures = {std::string(input.substr(0, split))};
  const std::string_view query = split == input.npos ? input : input.substr(split + 1);
  const std::vector<std::string> valid = {"5"};
  (void)Encode(*fixture.parts_codec, {.captures = captures}, "");
  if (const auto wire = Encode(*fixture.parts_codec, {.captures = valid, .query = query}, "")) {
    // A query may name paths of a FieldMask that have no form in JSON ("foo_3").
    PrintReadAndPrint(*fixture.whole_codec, *wire, false);
  }
  return 0;
}

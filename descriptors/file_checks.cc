#include "descriptors/file_checks.h"

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "google/api/annotations.pb.h"

namespace puente {

using google::protobuf::DescriptorProto;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;
using google::protobuf::Message;
using google::protobuf::MethodOptions;
using google::protobuf::Reflection;
using google::protobuf::UninterpretedOption;

namespace {

constexpr std::string_view kHowToCompile =
    "compile it first: protoc --include_imports --descriptor_set_out=api.pb FILES";

// protobuf recurses once for each part of it.
constexpr std::size_t kLongestPackage = 1024;

bool IsTextCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= ' ' && byte != 0x7f) || c == '\t' || c == '\r' || c == '\n';
}

bool LooksLikeText(std::string_view bytes) {
  return std::ranges::all_of(bytes.substr(0, 1024), IsTextCharacter);
}

bool LooksLikeProtoSource(std::string_view text) {
  const std::vector<std::string_view> words = {"syntax", "import ", "package ", "message ",
                                               "service "};
  return std::ranges::any_of(words, [text](auto word) { return text.find(word) != text.npos; });
}

std::vector<const Message*> SubMessages(const Message& message) {
  std::vector<const Message*> found;
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      found.push_back(&reflection.GetMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      found.push_back(&reflection.GetRepeatedMessage(message, field, i));
    }
  }
  return found;
}

bool HasUninterpretedOption(const FileDescriptorProto& proto) {
  std::vector<const Message*> pending = {&proto};
  while (!pending.empty()) {
    const Message& message = *pending.back();
    pending.pop_back();
    if (message.GetDescriptor() == UninterpretedOption::descriptor()) return true;
    if (&message == &proto.source_code_info()) continue;
    std::ranges::copy(SubMessages(message), std::back_inserter(pending));
  }
  return false;
}

// The JSON name that a field has when it is given none.
std::string DefaultJsonName(std::string_view name) {
  std::string json_name;
  bool capitalize = false;
  for (char c : name) {
    if (c == '_') {
      capitalize = true;
      continue;
    }
    json_name += capitalize && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    capitalize = false;
  }
  return json_name;
}

void ClearDefaultJsonName(FieldDescriptorProto& field) {
  if (field.json_name() == DefaultJsonName(field.name())) field.clear_json_name();
}

void ClearDefaultJsonNames(FileDescriptorProto& proto) {
  for (auto& extension : *proto.mutable_extension()) ClearDefaultJsonName(extension);
  std::vector<DescriptorProto*> pending;
  for (auto& message : *proto.mutable_message_type()) pending.push_back(&message);
  while (!pending.empty()) {
    DescriptorProto& message = *pending.back();
    pending.pop_back();
    for (auto& field : *message.mutable_field()) ClearDefaultJsonName(field);
    for (auto& extension : *message.mutable_extension()) ClearDefaultJsonName(extension);
    for (auto& nested : *message.mutable_nested_type()) pending.push_back(&nested);
  }
}

// The options of a method as they stand in the set, with every extension an unknown field.
bool HasBrokenHttpRule(const MethodOptions& options) {
  std::string rule;
  const auto& fields = options.GetReflection()->GetUnknownFields(options);
  for (int i = 0; i < fields.field_count(); ++i) {
    const google::protobuf::UnknownField& field = fields.field(i);
    const bool is_rule = field.number() == google::api::http.number() &&
                         field.type() == google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED;
    if (is_rule) rule += field.length_delimited();
  }
  return !google::api::HttpRule().ParsePartialFromString(rule);
}

// With no extension known, so that a broken one does no harm.
bool ParseWithoutExtensions(std::string_view bytes, FileDescriptorSet& set) {
  const google::protobuf::DescriptorPool no_extensions;
  google::protobuf::DynamicMessageFactory factory;
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  stream.SetExtensionRegistry(&no_extensions, &factory);
  return set.ParsePartialFromCodedStream(&stream) && stream.ConsumedEntireMessage();
}

// The full name of the first method whose HTTP rule does not parse in a set that else does; empty
// when there is none.
std::string MethodWithBrokenHttpRule(std::string_view bytes) {
  FileDescriptorSet set;
  if (!ParseWithoutExtensions(bytes, set)) return "";
  for (const FileDescriptorProto& file : set.file()) {
    for (const auto& service : file.service()) {
      for (const auto& method : service.method()) {
        if (!HasBrokenHttpRule(method.options())) continue;
        const std::string package = file.package().empty() ? "" : file.package() + ".";
        return package + service.name() + "." + method.name();
      }
    }
  }
  return "";
}

}  // namespace

std::string WhyNoDescriptorSet(std::string_view bytes) {
  if (const std::string method = MethodWithBrokenHttpRule(bytes); !method.empty()) {
    return "the google.api.http option of " + method +
           " does not parse; rebuild the set with protoc or buf";
  }
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == bytes.npos || !LooksLikeText(bytes)) {
    return "is not a complete FileDescriptorSet: truncated, or another kind of file";
  }
  const bool json = bytes[first] == '{' || bytes[first] == '[';
  const std::string_view what = json                          ? "JSON"
                                : LooksLikeProtoSource(bytes) ? "a .proto source"
                                                              : "text";
  return std::string("is ")
      .append(what)
      .append(", not a compiled FileDescriptorSet; ")
      .append(kHowToCompile);
}

std::string WhyNotBuildable(const FileDescriptorProto& proto) {
  if (proto.name().empty()) return "a file in it has no name";
  if (proto.package().size() > kLongestPackage) return "its package name is too long";
  if (proto.syntax() == "editions") {
    return "uses Protobuf editions, which this build's protobuf does not know; what works is "
           "`syntax = \"proto3\"`";
  }
  if (HasUninterpretedOption(proto)) {
    return "has options that the compiler did not interpret; rebuild the set with protoc or buf";
  }
  return "";
}

FileDescriptorProto Canonical(FileDescriptorProto proto) {
  proto.clear_source_code_info();
  proto.clear_options();
  if (proto.syntax() == "proto2") proto.clear_syntax();
  proto.GetReflection()->MutableUnknownFields(&proto)->Clear();
  ClearDefaultJsonNames(proto);
  return proto;
}

bool SameFile(const FileDescriptorProto& a, const FileDescriptorProto& b) {
  return google::protobuf::util::MessageDifferencer::Equals(Canonical(a), Canonical(b));
}

}  // namespace puente

// The parts of JsonPrinter for maps.
#include <fmt/format.h>

#include <utility>

#include "transcoder/json_printer.h"
#include "transcoder/json_text.h"
#include "transcoder/utf8.h"

namespace puente {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

std::string MapKeyText(const Message& entry, const FieldDescriptor& key) {
  const Reflection& reflection = *entry.GetReflection();
  switch (key.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return fmt::to_string(reflection.GetInt32(entry, &key));
    case FieldDescriptor::CPPTYPE_UINT32:
      return fmt::to_string(reflection.GetUInt32(entry, &key));
    case FieldDescriptor::CPPTYPE_INT64:
      return fmt::to_string(reflection.GetInt64(entry, &key));
    case FieldDescriptor::CPPTYPE_UINT64:
      return fmt::to_string(reflection.GetUInt64(entry, &key));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(entry, &key) ? "true" : "false";
    default:
      return reflection.GetString(entry, &key);
  }
}

}  // namespace

bool JsonPrinter::Map(const Message& message, const FieldDescriptor& field) {
  if (!Enter('{')) return false;
  const FieldDescriptor& value = *field.message_type()->map_value();
  Entries entries;
  if (!CollectEntries(message, field, entries)) return false;
  bool first = true;
  for (const auto& [key, entry] : entries) {
    Separate(first);
    AppendJsonString(key, out_);
    out_.push_back(':');
    place_.PushKey(key, 0);
    if (!Scalar(*entry, value, -1)) return false;
    place_.Pop();
  }
  Leave('}');
  return true;
}

bool JsonPrinter::CollectEntries(const Message& message, const FieldDescriptor& field,
                                 Entries& entries) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
    std::string key = MapKeyText(entry, *field.message_type()->map_key());
    if (!IsUtf8(key)) return Fail("a key is not UTF-8");
    entries.insert_or_assign(std::move(key), &entry);
  }
  return true;
}

}  // namespace puente

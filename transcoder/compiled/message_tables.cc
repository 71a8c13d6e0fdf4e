#include "transcoder/compiled/message_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "transcoder/json_text.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

namespace {

using Kind = FieldTable::Kind;
using Shape = FieldTable::Shape;

struct KindAndType {
  Kind kind;
  WireType wire_type;
};

KindAndType KindOf(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_BOOL:
      return {Kind::kBool, WireType::kVarint};
    case FieldDescriptor::TYPE_INT32:
      return {Kind::kInt32, WireType::kVarint};
    case FieldDescriptor::TYPE_INT64:
      return {Kind::kInt64, WireType::kVarint};
    case FieldDescriptor::TYPE_UINT32:
      return {Kind::kUint32, WireType::kVarint};
    case FieldDescriptor::TYPE_UINT64:
      return {Kind::kUint64, WireType::kVarint};
    case FieldDescriptor::TYPE_SINT32:
      return {Kind::kSint32, WireType::kVarint};
    case FieldDescriptor::TYPE_SINT64:
      return {Kind::kSint64, WireType::kVarint};
    case FieldDescriptor::TYPE_FIXED32:
      return {Kind::kFixed32, WireType::kFixed32};
    case FieldDescriptor::TYPE_FIXED64:
      return {Kind::kFixed64, WireType::kFixed64};
    case FieldDescriptor::TYPE_SFIXED32:
      return {Kind::kSfixed32, WireType::kFixed32};
    case FieldDescriptor::TYPE_SFIXED64:
      return {Kind::kSfixed64, WireType::kFixed64};
    case FieldDescriptor::TYPE_FLOAT:
      return {Kind::kFloat, WireType::kFixed32};
    case FieldDescriptor::TYPE_DOUBLE:
      return {Kind::kDouble, WireType::kFixed64};
    case FieldDescriptor::TYPE_ENUM:
      return {Kind::kEnum, WireType::kVarint};
    case FieldDescriptor::TYPE_STRING:
      return {Kind::kString, WireType::kLengthDelimited};
    case FieldDescriptor::TYPE_BYTES:
      return {Kind::kBytes, WireType::kLengthDelimited};
    case FieldDescriptor::TYPE_MESSAGE:
      return {Kind::kMessage, WireType::kLengthDelimited};
    case FieldDescriptor::TYPE_GROUP:
      return {Kind::kGroup, WireType::kStartGroup};
  }
  return {Kind::kGroup, WireType::kStartGroup};
}

Shape ShapeOf(const FieldDescriptor& field) {
  if (field.is_map()) return Shape::kMap;
  if (field.is_packed()) return Shape::kPacked;
  return field.is_repeated() ? Shape::kRepeated : Shape::kSingular;
}

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendJsonString(text, quoted);
  return quoted;
}

std::string JsonOf(const EnumValueDescriptor& value, bool is_null_value, bool as_number) {
  if (is_null_value) return "null";
  return as_number ? fmt::to_string(value.number()) : Quoted(value.name());
}

std::vector<EnumTable::Value> ValuesOf(const EnumDescriptor& type, bool is_null_value,
                                       bool as_numbers) {
  std::vector<EnumTable::Value> values;
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor& value = *type.value(i);
    if (type.FindValueByNumber(value.number()) != &value) continue;
    values.push_back({value.number(), JsonOf(value, is_null_value, as_numbers)});
  }
  std::ranges::sort(values, {}, &EnumTable::Value::number);
  return values;
}

bool IsDense(const std::vector<EnumTable::Value>& values) {
  return !values.empty() && std::int64_t{values.back().number} - values.front().number + 1 ==
                                static_cast<std::int64_t>(values.size());
}

bool IsPlain(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

NameIndex IndexOf(const MessageTable& table, const FieldNames& names) {
  const Descriptor& message = *table.descriptor;
  std::vector<std::uint32_t> slots(table.fields.size());
  for (const FieldTable& field : table.fields) {
    slots[field.rank] = static_cast<std::uint32_t>(field.slot);
  }
  std::vector<NameIndex::Entry> entries;
  for (int i = 0; i < message.field_count(); ++i) {
    for (const std::string* name : {&message.field(i)->json_name(), &message.field(i)->name()}) {
      const auto rank = static_cast<std::size_t>(names.Find(message, *name)->index());
      entries.push_back({*name, slots[rank]});
    }
  }
  return NameIndex(entries);
}

std::uint32_t DenseTo(const std::vector<FieldTable>& fields) {
  std::uint32_t dense = 0;
  while (dense < fields.size() && fields[dense].number == dense + 1) ++dense;
  return dense;
}

}  // namespace

const EnumTable::Value* EnumTable::Find(std::int32_t number) const {
  if (is_dense) {
    const std::int64_t at = std::int64_t{number} - values.front().number;
    const bool is_there = at >= 0 && at < static_cast<std::int64_t>(values.size());
    return is_there ? &values[static_cast<std::size_t>(at)] : nullptr;
  }
  const auto found = std::ranges::lower_bound(values, number, {}, &Value::number);
  return found != values.end() && found->number == number ? &*found : nullptr;
}

const FieldTable* MessageTable::FindSparse(std::uint32_t number) const {
  const auto found = std::ranges::lower_bound(fields, number, {}, &FieldTable::number);
  return found != fields.end() && found->number == number ? &*found : nullptr;
}

MessageTables::MessageTables(const DescriptorSet& set, const CodecOptions& options)
    : options_(options) {
  for (const FileDescriptor* file : set.files()) {
    for (int i = 0; i < file->message_type_count(); ++i) Want(*file->message_type(i));
  }
  // Filling one asks for those that it uses and that are in it, which come behind it.
  const FieldNames names(set);
  for (std::size_t next = 0; next < tables_.size(); ++next) Fill(tables_[next], names);
}

const MessageTable& MessageTables::Of(const Descriptor& message) const {
  return *by_name_.find(message.full_name())->second;
}

const MessageTable* MessageTables::Find(std::string_view full_name) const {
  const auto found = by_name_.find(full_name);
  return found != by_name_.end() ? found->second : nullptr;
}

MessageTable* MessageTables::Want(const Descriptor& message) {
  const auto [entry, is_new] = by_name_.try_emplace(message.full_name(), nullptr);
  if (is_new) {
    entry->second = &tables_.emplace_back();
    entry->second->descriptor = &message;
  }
  return entry->second;
}

const EnumTable* MessageTables::Want(const EnumDescriptor& enumeration) {
  const auto [entry, is_new] = by_enum_.try_emplace(&enumeration, nullptr);
  if (!is_new) return entry->second;
  EnumTable& table = enums_.emplace_back();
  entry->second = &table;
  table.descriptor = &enumeration;
  table.is_closed = enumeration.file()->syntax() == FileDescriptor::SYNTAX_PROTO2;
  table.is_null_value = enumeration.full_name() == "google.protobuf.NullValue";
  table.values = ValuesOf(enumeration, table.is_null_value, options_.print_enums_as_ints);
  table.is_dense = IsDense(table.values);
  std::vector<NameIndex::Entry> names;
  for (int i = 0; i < enumeration.value_count(); ++i) {
    const EnumValueDescriptor& value = *enumeration.value(i);
    names.push_back({value.name(), static_cast<std::uint32_t>(i)});
    table.numbers.push_back(value.number());
  }
  table.by_name = NameIndex(names);
  return &table;
}

void MessageTables::Fill(MessageTable& table, const FieldNames& names) {
  const Descriptor& message = *table.descriptor;
  for (int i = 0; i < message.nested_type_count(); ++i) Want(*message.nested_type(i));
  table.well_known = puente::KindOf(message);
  for (int i = 0; i < message.field_count(); ++i) {
    table.fields.push_back(MakeField(*message.field(i)));
  }
  std::ranges::sort(table.fields, {}, &FieldTable::number);
  for (std::size_t i = 0; i < table.fields.size(); ++i) table.fields[i].slot = i;
  table.by_name = IndexOf(table, names);
  for (FieldTable& field : table.fields) {
    const std::string& name = field.descriptor->json_name();
    if (IsPlain(name) && table.FindByName(name) == &field) field.plain_key = Quoted(name) + ":";
  }
  table.dense_to = DenseTo(table.fields);
  table.bits = static_cast<std::size_t>(message.field_count() + message.real_oneof_decl_count());
}

FieldTable MessageTables::MakeField(const FieldDescriptor& field) {
  FieldTable table;
  const auto [kind, wire_type] = KindOf(field.type());
  table.kind = kind;
  table.wire_type = wire_type;
  table.shape = ShapeOf(field);
  table.has_presence = field.has_presence();
  table.takes_null = TakesNull(field);
  table.is_proto3 = field.file()->syntax() == FileDescriptor::SYNTAX_PROTO3;
  table.number = static_cast<std::uint32_t>(field.number());
  table.tag = WireTag(field.number(),
                      table.shape == Shape::kPacked ? WireType::kLengthDelimited : wire_type);
  table.rank = static_cast<std::size_t>(field.index());
  if (const auto* oneof = field.real_containing_oneof()) {
    table.oneof_rank =
        static_cast<std::size_t>(field.containing_type()->field_count() + oneof->index());
  }
  const bool by_proto_name = options_.preserve_proto_field_names;
  table.key = Quoted(by_proto_name ? field.name() : field.json_name()) + ":";
  table.descriptor = &field;
  if (field.message_type() != nullptr) table.message = Want(*field.message_type());
  if (field.enum_type() != nullptr) table.enumeration = Want(*field.enum_type());
  return table;
}

}  // namespace puente

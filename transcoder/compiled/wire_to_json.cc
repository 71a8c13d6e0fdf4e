// Left to JsonPrinter, because it is rare or an error:
// - singular fields that come twice, two members of one oneof: what is printed is printed;
//   JsonPrinter merges and overwrites
// - messages in messages with fields out of order, so many that sorting them is too much
// - entries of a map with two keys or values, or whose value is an unknown number of a closed enum;
//   fields of a wrapper, an Any or a Value that come twice
// - Anys of types that no table knows, or whose bytes are broken
// - groups that are set; fields of a message set; extensions that are groups or numbers in a run
// - well-known types that a set brings as proto2; unset proto2 fields that are a whole answer
#include "transcoder/compiled/wire_to_json.h"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <climits>

#include "transcoder/compiled/wire_number.h"
#include "transcoder/json_printer.h"
#include "transcoder/utf8.h"

namespace puente {

using google::protobuf::FieldDescriptor;
using Kind = FieldTable::Kind;
using Shape = FieldTable::Shape;

namespace {

// Of a message; lengths near INT_MAX are none for protobuf.
constexpr std::size_t kMostBytes = INT_MAX - 16;

bool IsPackable(const FieldTable& field) {
  return field.shape != Shape::kSingular && field.kind <= Kind::kEnum;
}

// The bit that says that it, or another member of its oneof, is printed.
std::size_t PrintedRank(const FieldTable& field) {
  return field.oneof_rank != FieldTable::kNoOneof ? field.oneof_rank : field.rank;
}

}  // namespace

WireToJson::WireToJson(const MessageTables& tables, const CodecOptions& options, std::string& out)
    : tables_(tables), options_(options), out_(out) {}

bool WireToJson::Print(std::string_view bytes, const MessageTable& message) {
  return PrintInOrder(bytes, [&] { return Value(bytes, message); });
}

bool WireToJson::PrintField(std::string_view bytes, const MessageTable& message,
                            const FieldTable& field) {
  return PrintInOrder(bytes, [&] { return ValueOf(field, bytes, message); });
}

// Looks at the order of fields only after some were found to be out of order.
template <class PrintIt>
bool WireToJson::PrintInOrder(std::string_view bytes, PrintIt print) {
  constexpr std::size_t kSortedAtMost = 8;  // times the message
  const bool printed = Begin(bytes) && print();
  if (!is_out_of_order_) return Finish(printed);
  sorter_.emplace(kSortedAtMost * bytes.size());
  out_.Rewind(0);
  printed_.clear();
  entries_.clear();
  depth_ = 0;
  return Finish(Begin(bytes) && print());
}

bool WireToJson::SortIfNeeded(std::string_view& bytes) {
  if (!sorter_) return true;
  const auto sorted = sorter_->Sort(bytes, levels_left_);
  if (sorted) bytes = *sorted;
  return sorted.has_value();
}

// The whole message is printed, as its other fields may be bad; what was wanted is kept.
bool WireToJson::ValueOf(const FieldTable& field, std::string_view bytes,
                         const MessageTable& message) {
  if (!SortIfNeeded(bytes)) return false;
  Members members{message, {printed_, message.bits}, /*has_defaults=*/false};
  std::size_t begin = 0, end = 0;
  for (WireCursor in(bytes); !in.done();) {
    FieldTag next;
    if (!WireCursor(in).ReadTag(next)) return false;
    const bool is_wanted = next.number() == field.number;
    if (!is_wanted && members.open == &field) {
      CloseArray(members);
      end = out_.size();
    }
    if (is_wanted && members.open != nullptr && members.open != &field) CloseArray(members);
    const std::size_t before = out_.size();
    if (!Member(members, in)) return false;
    if (!is_wanted || out_.size() == before) continue;
    if (end == 0) begin = before + 1 + field.key.size();
    end = out_.size();
  }
  const bool is_open = members.open == &field;
  if (!EndMembers(members)) return false;
  if (is_open) end = out_.size();
  out_.Keep(begin, end);
  return end != 0 || JsonOfUnset(field);
}

bool WireToJson::Begin(std::string_view bytes) {
  readable_end_ = bytes.data() + bytes.size();
  levels_left_ = MostWireLevels(options_.max_json_depth);
  any_budget_ = AnyBudget(bytes.size());
  constexpr std::size_t kMostAtOnce = 64 << 10;
  out_.Reserve(std::min(4 * bytes.size(), kMostAtOnce));
  return bytes.size() <= kMostBytes;
}

bool WireToJson::Finish(bool printed) {
  if (!printed) out_.Rewind(0);
  out_.Finish();
  return printed;
}

bool WireToJson::Enter() { return ++depth_ <= options_.max_json_depth; }

void WireToJson::Leave(std::size_t begin, std::string_view brackets) {
  --depth_;
  if (out_.size() == begin) return out_.Append(brackets);
  out_[begin] = brackets[0];
  out_.Append(brackets[1]);
}

bool WireToJson::Message(std::string_view bytes, const MessageTable& message) {
  if (levels_left_ == 0) return false;
  --levels_left_;
  const bool printed = Value(bytes, message);
  ++levels_left_;
  return printed;
}

bool WireToJson::Value(std::string_view bytes, const MessageTable& message) {
  return message.well_known == WellKnown::kNone ? Object(bytes, message)
                                                : WellKnownValue(bytes, message);
}

bool WireToJson::Object(std::string_view bytes, const MessageTable& message) {
  if (!Enter()) return false;
  const std::size_t begin = out_.size();
  if (!AllMembers(bytes, message)) return false;
  Leave(begin, "{}");
  return true;
}

bool WireToJson::AllMembers(std::string_view bytes, const MessageTable& message) {
  if (!SortIfNeeded(bytes)) return false;
  Members members{message, {printed_, message.bits}, options_.always_print_fields_with_no_presence};
  for (WireCursor in(bytes); !in.done();) {
    if (!Member(members, in)) return false;
  }
  return EndMembers(members);
}

bool WireToJson::EndMembers(Members& members) {
  if (members.open != nullptr) CloseArray(members);
  return !members.has_defaults || Defaults(members, members.message.fields.size());
}

bool WireToJson::Member(Members& members, WireCursor& in) {
  FieldTag tag;
  if (!in.ReadTag(tag)) return false;
  const FieldTable* field = members.Find(tag.number());
  if (field == nullptr) return Unknown(members.message, tag, in);
  is_out_of_order_ |= field < members.last;
  if (is_out_of_order_ && !sorter_) return false;
  members.last = field;
  members.expected = field->shape == Shape::kSingular ? field + 1 : field;
  if (tag.type() == field->wire_type) {
    return field->shape == Shape::kMap ? Map(members, *field, in) : Known(members, *field, in);
  }
  const bool is_packed = tag.type() == WireType::kLengthDelimited && IsPackable(*field);
  return is_packed ? Packed(members, *field, in) : in.Skip(tag, levels_left_);
}

bool WireToJson::Known(Members& members, const FieldTable& field, WireCursor& in) {
  const bool omits_zero = field.shape == Shape::kSingular && !field.has_presence;
  if (field.wire_type == WireType::kLengthDelimited) {
    std::string_view bytes;
    if (!in.ReadBytes(bytes)) return false;
    if (bytes.empty() && omits_zero) return !members.printed.Has(field.rank);
    return StartValue(members, field) && Delimited(field, bytes);
  }
  std::uint64_t value;
  if (!ReadNumber(field, in, value)) return false;
  if (IsUnknownEnum(field, value)) return true;
  if (value == 0 && omits_zero) return !members.printed.Has(field.rank);
  if (!StartValue(members, field)) return false;
  Number(field, value);
  return true;
}

bool WireToJson::Packed(Members& members, const FieldTable& field, WireCursor& in) {
  std::string_view bytes;
  if (!in.ReadBytes(bytes)) return false;
  for (WireCursor run(bytes); !run.done();) {
    std::uint64_t value;
    if (!ReadNumber(field, run, value)) return false;
    if (IsUnknownEnum(field, value)) continue;
    if (!StartValue(members, field)) return false;
    Number(field, value);
  }
  return true;
}

bool WireToJson::Unknown(const MessageTable& message, FieldTag tag, WireCursor& in) {
  const auto& type = *message.descriptor;
  if (type.options().message_set_wire_format()) return false;
  const auto number = static_cast<int>(tag.number());
  const bool may_nest =
      tag.type() == WireType::kLengthDelimited || tag.type() == WireType::kStartGroup;
  if (!may_nest || !type.IsExtensionNumber(number)) return in.Skip(tag, levels_left_);
  const auto* extension = type.file()->pool()->FindExtensionByNumber(&type, number);
  return extension == nullptr ? in.Skip(tag, levels_left_) : Extension(*extension, tag, in);
}

// It has no JSON form, but must be what it says.
bool WireToJson::Extension(const FieldDescriptor& extension, FieldTag tag, WireCursor& in) {
  std::string_view bytes;
  if (tag.type() != WireType::kLengthDelimited || !in.ReadBytes(bytes)) return false;
  if (extension.type() == FieldDescriptor::TYPE_BYTES) return true;
  if (extension.type() == FieldDescriptor::TYPE_STRING) return IsUtf8(bytes);
  if (extension.type() != FieldDescriptor::TYPE_MESSAGE) return false;
  const MessageTable* content = tables_.Find(extension.message_type()->full_name());
  const std::size_t end = out_.size();
  if (content == nullptr || !Message(bytes, *content)) return false;
  out_.Rewind(end);
  return true;
}

bool WireToJson::StartValue(Members& members, const FieldTable& field) {
  if (field.shape == Shape::kSingular) return StartMember(members, field);
  if (members.open == &field) {
    out_.Append(',');
    return true;
  }
  if (!StartMember(members, field) || !Enter()) return false;
  members.open = &field;
  out_.Append('[');
  return true;
}

bool WireToJson::StartMember(Members& members, const FieldTable& field) {
  if (members.open != nullptr) CloseArray(members);
  if (!members.printed.Add(PrintedRank(field))) return false;
  if (members.has_defaults && !Defaults(members, field.slot)) return false;
  char* const to = out_.Reserve(1 + field.key.size());
  *to = ',';
  out_.End(CopyText(field.key, to + 1));
  return true;
}

void WireToJson::CloseArray(Members& members) {
  members.open = nullptr;
  --depth_;
  out_.Append(']');
}

// Prints those of the fields before the slot `end`, which then counts as printed.
bool WireToJson::Defaults(Members& members, std::size_t end) {
  for (; members.undecided < end; ++members.undecided) {
    const FieldTable& field = members.message.fields[members.undecided];
    if (field.has_presence) continue;
    out_.Append(',');
    out_.Append(field.key);
    const bool is_list = field.shape != Shape::kSingular;
    if (is_list && depth_ >= options_.max_json_depth) return false;
    is_list ? out_.Append(field.shape == Shape::kMap ? "{}" : "[]") : Default(field);
  }
  members.undecided = end + 1;
  return true;
}

bool WireToJson::JsonOfUnset(const FieldTable& field) {
  if (field.shape == Shape::kMap) return out_.Append("{}"), true;
  if (field.shape != Shape::kSingular) return out_.Append("[]"), true;
  if (field.message == nullptr) return field.is_proto3 && (Default(field), true);
  switch (field.message->well_known) {
    case WellKnown::kNone:
    case WellKnown::kAny:
    case WellKnown::kStruct:
      out_.Append("{}");
      return true;
    case WellKnown::kListValue:
      out_.Append("[]");
      return true;
    default:
      out_.Append("null");
      return true;
  }
}

}  // namespace puente

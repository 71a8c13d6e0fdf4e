#include "transcoder/json_reader.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "transcoder/scalar_text.h"
#include "transcoder/seen_members.h"
#include "transcoder/well_known.h"

namespace puente {

using google::protobuf::FieldDescriptor;

namespace {

using Kind = JsonScanner::Kind;

bool IsNumberLike(std::string_view text) {
  return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
}

// Which JSON values `field` can be read from; the text then decides.
bool MayBe(const FieldDescriptor& field, Kind kind) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return kind == Kind::kBool;
    case FieldDescriptor::CPPTYPE_STRING:
      return kind == Kind::kString;
    case FieldDescriptor::CPPTYPE_ENUM:
      return kind == Kind::kString || kind == Kind::kNumber ||
             (kind == Kind::kNull && IsNullValue(field));
    default:
      return kind == Kind::kString || kind == Kind::kNumber;
  }
}

}  // namespace

JsonReader::JsonReader(std::string_view json, const google::protobuf::DescriptorPool& pool,
                       const FieldNames& names, const Options& options, WireWriter& out,
                       DroppedInput& dropped, MaskCollector* mask)
    : pool_(pool),
      names_(names),
      options_(options),
      scanner_(json, options.max_depth),
      out_(out),
      dropped_(dropped),
      mask_(mask) {}

Result<void> JsonReader::ReadAsMessage(const Descriptor& message, const BoundFields* bound) {
  return Finish(HasValue() && ReadMessage(message, bound) && scanner_.End());
}

Result<void> JsonReader::ReadAsField(const FieldDescriptor& field, const BoundFields* bound) {
  place_.PushField(field.json_name());
  return Finish(HasValue() && ReadField(field, bound, nullptr) && scanner_.End());
}

Result<void> JsonReader::Finish(bool read) {
  if (read) return {};
  if (const auto& problem = scanner_.problem()) {
    const std::string where = fmt::format("line {}, column {}", problem->line, problem->column);
    return puente::Fail(Code::kInvalidArgument,
                        Describe(fmt::format("{} ({})", problem->text, where)));
  }
  return puente::Fail(Code::kInvalidArgument, *problem_);
}

bool JsonReader::HasValue() { return scanner_.Peek() != Kind::kNone || scanner_.Skip(); }

std::string JsonReader::Describe(std::string_view problem) const {
  const std::string place = place_.Text();
  return fmt::format("{}: {}", place.empty() ? "body" : place, problem);
}

bool JsonReader::Fail(std::string_view problem) {
  if (!problem_ && !scanner_.problem()) problem_ = Describe(problem);
  return false;
}

bool JsonReader::Check(const tl::expected<void, TextProblem>& appended) {
  return appended ? true : Fail(appended.error());
}

bool JsonReader::ReadMessage(const Descriptor& message, const BoundFields* bound) {
  switch (KindOf(message)) {
    case WellKnown::kAny:
      return ReadAny(message);
    case WellKnown::kDuration:
    case WellKnown::kFieldMask:
    case WellKnown::kTimestamp:
      return ReadTextual(message);
    case WellKnown::kListValue:
      return ReadListValue(message);
    case WellKnown::kStruct:
      return ReadStruct(message);
    case WellKnown::kValue:
      return ReadValue(message);
    case WellKnown::kWrapper:
      return ReadScalar(*message.FindFieldByNumber(1));
    case WellKnown::kNone:
      return ReadMembers(message, bound, /*in_any=*/false);
  }
  return false;
}

bool JsonReader::ReadMembers(const Descriptor& message, const BoundFields* bound, bool in_any) {
  if (scanner_.Peek() != Kind::kObject) return Fail(ExpectedFor(message));
  if (!scanner_.EnterObject()) return false;
  SeenMembers seen(message);
  std::string_view key;
  Step step = scanner_.NextKey(key);
  for (; step == Step::kNext; step = scanner_.NextKey(key)) {
    const bool is_type = in_any && key == JsonScanner::kTypeKey;
    if (is_type && !seen.AddUnknown(key)) return Fail("\"@type\" is given twice");
    if (!(is_type ? scanner_.Skip() : ReadMember(message, key, bound, seen))) return false;
  }
  return step == Step::kEnd;
}

bool JsonReader::ReadMember(const Descriptor& message, std::string_view key,
                            const BoundFields* bound, SeenMembers& seen) {
  const FieldDescriptor* field = names_.Find(message, key);
  if (field == nullptr) return ReadUnknown(message, key, seen);
  place_.PushField(field->json_name());
  if (!seen.AddField(*field)) return Fail("the field is given twice");
  if (mask_ != nullptr) mask_->Enter(*field);
  if (!ReadField(*field, bound, &seen)) return false;
  if (mask_ != nullptr) mask_->Leave();
  place_.Pop();
  return true;
}

bool JsonReader::ReadUnknown(const Descriptor& message, std::string_view key, SeenMembers& seen) {
  if (options_.unknown_fields == UnknownInput::kReject) {
    const std::string name = IsPlainName(key) ? fmt::format(" \"{}\"", key) : "";
    return Fail(fmt::format("unknown field{} in {}", name, message.full_name()));
  }
  if (!seen.AddUnknown(key)) return Fail("an unknown field is given twice");
  CountUnknown(key);
  return scanner_.Skip();
}

void JsonReader::CountUnknown(std::string_view key) {
  if (mask_ != nullptr) mask_->NoteUnknown();
  if (!IsPlainName(key)) {
    ++dropped_.in_body;
    return;
  }
  place_.PushField(key);
  CountDropped();
  place_.Pop();
}

void JsonReader::CountDropped() {
  ++dropped_.in_body;
  const bool is_named = options_.unknown_fields == UnknownInput::kWarn &&
                        dropped_.names.size() < DroppedInput::kMaxNames;
  if (is_named) dropped_.names.push_back(place_.Text());
}

bool JsonReader::DropUnknownEnum(const FieldDescriptor& field) {
  if (!std::exchange(is_unknown_enum_, false)) return false;
  const bool is_part = field.is_repeated() || field.containing_type()->map_value() == &field;
  if (mask_ != nullptr && !is_part) mask_->Drop();
  CountDropped();
  return true;
}

bool JsonReader::ReadField(const FieldDescriptor& field, const BoundFields* bound,
                           SeenMembers* seen) {
  if (scanner_.Peek() == Kind::kNull && !TakesNull(field)) return scanner_.Null();
  if (seen != nullptr && !seen->AddToOneof(field)) {
    return Fail("another member of the same oneof is given, too");
  }
  const BoundFields* below = bound != nullptr ? bound->Below(field) : nullptr;
  const WireWriter::Mark mark = out_.mark();
  if (!ReadFieldValue(field, below)) return false;
  if (below != nullptr && below->bound()) out_.Rewind(mark);
  return true;
}

bool JsonReader::ReadFieldValue(const FieldDescriptor& field, const BoundFields* below) {
  if (field.type() == FieldDescriptor::TYPE_GROUP) {
    return Fail("proto2 groups are not supported");
  }
  if (field.is_map()) return ReadMap(field);
  if (!field.is_repeated()) return ReadSingular(field, below);
  return field.is_packed() ? ReadPacked(field) : ReadRepeated(field);
}

bool JsonReader::ReadRepeated(const FieldDescriptor& field) {
  return ReadElements([&] { return ReadSingular(field, nullptr); });
}

bool JsonReader::ReadPacked(const FieldDescriptor& field) {
  const WireWriter::Mark mark = out_.mark();
  out_.Open(field.number());
  const std::size_t empty = out_.size();
  const bool read = ReadElements([&] {
    const auto text = ScalarToken(field);
    return text && (DropUnknownEnum(field) || Check(AppendBareText(field, *text, out_)));
  });
  const bool is_empty = out_.size() == empty;
  out_.Close();
  if (is_empty) out_.Rewind(mark);
  return read;
}

template <class ReadElement>
bool JsonReader::ReadElements(ReadElement read_element) {
  if (scanner_.Peek() != Kind::kArray) return Fail("expected an array: the field is repeated");
  if (!scanner_.EnterArray()) return false;
  Step step = scanner_.NextElement();
  for (std::size_t i = 0; step == Step::kNext; ++i, step = scanner_.NextElement()) {
    place_.PushIndex(i);
    if (!read_element()) return false;
    place_.Pop();
  }
  return step == Step::kEnd;
}

bool JsonReader::ReadMap(const FieldDescriptor& field) {
  if (scanner_.Peek() != Kind::kObject) return Fail("expected an object: the field is a map");
  if (!scanner_.EnterObject()) return false;
  const FieldDescriptor& key_field = *field.message_type()->map_key();
  std::set<std::string> keys;
  std::string_view key;
  Step step = scanner_.NextKey(key);
  for (; step == Step::kNext; step = scanner_.NextKey(key)) {
    place_.PushKey(key, keys.size() + 1);
    if (!keys.insert(CanonicalMapKey(key_field, key)).second) return Fail("the key is given twice");
    if (!ReadMapEntry(field, key)) return false;
    place_.Pop();
  }
  return step == Step::kEnd;
}

bool JsonReader::OpenMessage(const FieldDescriptor& field) {
  if (out_.depth() - outermost_ >= kDeepestWire) {
    return Fail("nested too deep for a protobuf message");
  }
  out_.Open(field.number());
  return true;
}

bool JsonReader::ReadMapEntry(const FieldDescriptor& field, std::string_view key) {
  const WireWriter::Mark mark = out_.mark();
  const std::size_t dropped = dropped_.in_body;
  if (!OpenMessage(field)) return false;
  const auto appended = AppendText(*field.message_type()->map_key(), key, out_);
  if (!appended) return Fail(fmt::format("the key: {}", appended.error()));
  const FieldDescriptor& value_field = *field.message_type()->map_value();
  if (!ReadSingular(value_field, nullptr)) return false;
  out_.Close();
  const bool is_enum = value_field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
  if (is_enum && dropped_.in_body > dropped) out_.Rewind(mark);
  return true;
}

// One value: of a singular field, of an element, of a map's entry.
bool JsonReader::ReadSingular(const FieldDescriptor& field, const BoundFields* below) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return ReadScalar(field);
  if (!OpenMessage(field)) return false;
  if (!ReadMessage(*field.message_type(), below)) return false;
  out_.Close();
  return true;
}

bool JsonReader::ReadScalar(const FieldDescriptor& field) {
  const auto text = ScalarToken(field);
  return text && (DropUnknownEnum(field) || Check(AppendText(field, *text, out_)));
}

std::optional<std::string_view> JsonReader::ScalarToken(const FieldDescriptor& field) {
  const Kind kind = scanner_.Peek();
  std::string_view text;
  bool truth = false;
  bool read = false;
  if (!MayBe(field, kind)) {
    Fail(ExpectedFor(field));
  } else if (kind == Kind::kNull) {
    read = scanner_.Null();
    text = "null";
  } else if (kind == Kind::kBool) {
    read = scanner_.Bool(truth);
    text = truth ? "true" : "false";
  } else if (kind == Kind::kNumber) {
    read = scanner_.Number(text);
  } else {
    read = scanner_.String(text);
    const bool is_enum = field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
    if (read && is_enum && (IsNumberLike(text) || text == "null")) read = Fail(ExpectedFor(field));
    is_unknown_enum_ = read && is_enum && options_.unknown_fields != UnknownInput::kReject &&
                       field.enum_type()->FindValueByName(std::string(text)) == nullptr;
  }
  return read ? std::optional(text) : std::nullopt;
}

}  // namespace puente

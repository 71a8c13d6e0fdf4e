// The parts of JsonToWire for the well-known types.
#include <google/protobuf/descriptor.pb.h>

#include <bit>
#include <utility>

#include "transcoder/compiled/json_numbers.h"
#include "transcoder/compiled/json_to_wire.h"
#include "transcoder/json_scan.h"
#include "transcoder/well_known_text.h"

namespace puente {

namespace {

// As the tables have the fields: of a Timestamp and a Duration,
constexpr std::size_t kSeconds = 0;
constexpr std::size_t kNanos = 1;
// of an Any,
constexpr std::size_t kTypeUrl = 0;
constexpr std::size_t kContent = 1;
// and of a Value.
constexpr std::size_t kNullValue = 0;
constexpr std::size_t kNumberValue = 1;
constexpr std::size_t kStringValue = 2;
constexpr std::size_t kBoolValue = 3;
constexpr std::size_t kStructValue = 4;
constexpr std::size_t kListValue = 5;

// Some implementations write an Empty like the other well-known types, and some do not.
bool IsEmpty(const MessageTable& message) {
  return message.fields.empty() && message.descriptor->full_name() == "google.protobuf.Empty";
}

}  // namespace

bool JsonToWire::ReadTimestamp(const MessageTable& message) {
  std::string_view text;
  if (!json_.String(text)) return false;
  const auto time = ParseTimestamp(text);
  if (time) AppendTime(message, time->seconds, time->nanos);
  return time.has_value();
}

bool JsonToWire::ReadDuration(const MessageTable& message) {
  std::string_view text;
  if (!json_.String(text)) return false;
  const auto duration = ParseJsonDuration(text);
  if (duration) AppendTime(message, duration->seconds, duration->nanos);
  return duration.has_value();
}

void JsonToWire::AppendTime(const MessageTable& message, std::int64_t seconds, std::int32_t nanos) {
  const auto append = [&](std::size_t slot, std::int64_t value) {
    if (value != 0) out_.Varint(message.fields[slot].tag, static_cast<std::uint64_t>(value));
  };
  append(kSeconds, seconds);
  append(kNanos, nanos);
}

// In bodies only camelCase is taken.
bool JsonToWire::ReadFieldMask(const MessageTable& message) {
  std::string_view text;
  if (!json_.String(text) || text.find('_') != std::string_view::npos) return false;
  const auto paths = ParseFieldMask(text);
  if (!paths) return false;
  for (const std::string& path : *paths) out_.Bytes(message.fields[0].tag, path);
  return true;
}

bool JsonToWire::ReadValue(const MessageTable& message) {
  std::string_view text;
  std::uint64_t truth = 0;
  double number = 0;
  switch (json_.Next()) {
    case 'n':
      out_.Varint(message.fields[kNullValue].tag, 0);
      return json_.Literal("null");
    case '"':
      if (!json_.String(text)) return false;
      AppendText(message.fields[kStringValue].tag, text);
      return true;
    case 't':
    case 'f':
      if (!ReadBool(truth)) return false;
      out_.Varint(message.fields[kBoolValue].tag, truth);
      return true;
    case '{':
      return ReadSubmessage(message.fields[kStructValue], nullptr);
    case '[':
      return ReadSubmessage(message.fields[kListValue], nullptr);
    default:
      if (!ReadReal(json_, number)) return false;
      out_.Fixed64(message.fields[kNumberValue].tag, std::bit_cast<std::uint64_t>(number));
      return true;
  }
}

bool JsonToWire::ReadAny(const MessageTable& message) {
  std::string_view key, type_url;
  if (!json_.Enter('{')) return false;
  if (json_.Next() == '}') return json_.Leave('}');
  if (!json_.Key(key) || key != JsonScanner::kTypeKey || !json_.String(type_url)) return false;
  const MessageTable* type = FindAnyType(type_url);
  if (type == nullptr) return false;
  out_.Bytes(message.fields[kTypeUrl].tag, type_url);
  const WireWriter::Nested nested = out_.Begin(message.fields[kContent].tag);
  const std::size_t levels = std::exchange(levels_, 0);
  if (!ReadAnyContent(*type)) return false;
  levels_ = levels;
  out_.End(nested);
  return true;
}

const MessageTable* JsonToWire::FindAnyType(std::string_view type_url) const {
  const std::size_t slash = type_url.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return nullptr;
  const MessageTable* type = tables_.Find(type_url.substr(slash + 1));
  const bool is_entry = type != nullptr && type->descriptor->options().map_entry();
  return is_entry ? nullptr : type;
}

// Behind the type.
bool JsonToWire::ReadAnyContent(const MessageTable& type) {
  if (type.well_known != WellKnown::kNone || IsEmpty(type)) return ReadAnyMembers(type);
  return json_.Consume(',') ? ReadMembersFromKey(type, nullptr, /*in_any=*/true) : json_.Leave('}');
}

// {"@type": …, "value": …}
bool JsonToWire::ReadAnyMembers(const MessageTable& type) {
  const std::size_t unknown = names_.Open();
  bool has_value = false;
  std::string_view key;
  while (json_.Consume(',')) {
    if (!json_.Key(key)) return false;
    if (key == JsonScanner::kTypeKey) return false;
    if (key != "value") {
      if (!SkipUnknown(key)) return false;
    } else if (std::exchange(has_value, true) || !ReadMessage(type, nullptr)) {
      return false;
    }
  }
  const bool is_complete = has_value || type.well_known == WellKnown::kNone;
  return is_complete && json_.Leave('}') && names_.Close(unknown);
}

}  // namespace puente

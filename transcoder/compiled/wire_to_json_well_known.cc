// The parts of WireToJson for the well-known types.
#include <bit>
#include <cmath>
#include <utility>

#include "transcoder/compiled/json_string.h"
#include "transcoder/compiled/wire_number.h"
#include "transcoder/compiled/wire_to_json.h"
#include "transcoder/json_printer.h"
#include "transcoder/well_known_text.h"

namespace puente {

using Kind = FieldTable::Kind;

namespace {

// Their fields, which KindOf has checked.
constexpr FieldTag kSeconds{1 << 3 | static_cast<int>(WireType::kVarint)};
constexpr FieldTag kNanos{2 << 3 | static_cast<int>(WireType::kVarint)};
constexpr FieldTag kTypeUrl{1 << 3 | static_cast<int>(WireType::kLengthDelimited)};
constexpr FieldTag kAnyBytes{2 << 3 | static_cast<int>(WireType::kLengthDelimited)};
// Of FieldMask, Struct and ListValue.
constexpr FieldTag kElement{1 << 3 | static_cast<int>(WireType::kLengthDelimited)};

std::string_view TypeNameOf(std::string_view type_url) {
  const std::size_t slash = type_url.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : type_url.substr(slash + 1);
}

// The only field that a message has, and a place before its value; nullptr when it has none.
struct OnlyField {
  const FieldTable* field = nullptr;
  WireCursor value;
};

bool FindOnly(std::string_view bytes, const MessageTable& message, int max_depth, OnlyField& only) {
  for (WireCursor in(bytes); !in.done();) {
    FieldTag tag;
    if (!in.ReadTag(tag)) return false;
    const FieldTable* field = message.FindByNumber(tag.number(), 0);
    if (field != nullptr && tag.type() == field->wire_type) {
      if (only.field != nullptr) return false;
      only = {field, in};
    }
    if (!in.Skip(tag, max_depth)) return false;
  }
  return true;
}

bool IsFinite(const OnlyField& only) {
  WireCursor in = only.value;
  std::uint64_t bits;
  return in.ReadFixed64(bits) && std::isfinite(std::bit_cast<double>(bits));
}

}  // namespace

bool WireToJson::WellKnownValue(std::string_view bytes, const MessageTable& message) {
  if (!message.fields[0].is_proto3) return false;
  switch (message.well_known) {
    case WellKnown::kNone:
      return Object(bytes, message);
    case WellKnown::kAny:
      return Any(bytes);
    case WellKnown::kDuration:
    case WellKnown::kTimestamp:
      return Time(bytes, message.well_known);
    case WellKnown::kFieldMask:
      return FieldMask(bytes);
    case WellKnown::kStruct:
      return Struct(bytes, message);
    case WellKnown::kListValue:
      return List(bytes, message);
    case WellKnown::kValue:
      return AnyValue(bytes, message);
    case WellKnown::kWrapper:
      return Wrapper(bytes, message);
  }
  return false;
}

bool WireToJson::Any(std::string_view bytes) {
  std::string_view type_url, content;
  bool has_type_url = false;
  for (WireCursor in(bytes); !in.done();) {
    FieldTag tag;
    if (!in.ReadTag(tag)) return false;
    if (tag == kTypeUrl) {
      if (std::exchange(has_type_url, true) || !in.ReadBytes(type_url)) return false;
    } else if (tag == kAnyBytes) {
      if (!in.ReadBytes(content)) return false;
    } else if (!in.Skip(tag, levels_left_)) {
      return false;
    }
  }
  if (!type_url.empty() || !content.empty()) return AnyOf(type_url, content);
  if (!Enter()) return false;
  Leave(out_.size(), "{}");
  return true;
}

bool WireToJson::AnyOf(std::string_view type_url, std::string_view bytes) {
  const MessageTable* type = tables_.Find(TypeNameOf(type_url));
  if (type == nullptr || bytes.size() > any_budget_ || !Enter()) return false;
  any_budget_ -= bytes.size();
  out_.Append("{\"@type\":");
  if (!String(type_url)) return false;
  const int levels_left = std::exchange(levels_left_, MostWireLevels(options_.max_json_depth));
  if (!AnyContent(bytes, *type)) return false;
  levels_left_ = levels_left;
  --depth_;
  out_.Append('}');
  return true;
}

bool WireToJson::AnyContent(std::string_view bytes, const MessageTable& message) {
  if (message.well_known == WellKnown::kNone) return AllMembers(bytes, message);
  out_.Append(",\"value\":");
  return WellKnownValue(bytes, message);
}

bool WireToJson::Time(std::string_view bytes, WellKnown kind) {
  SecondsAndNanos time;
  for (WireCursor in(bytes); !in.done();) {
    FieldTag tag;
    std::uint64_t value;
    if (!in.ReadTag(tag)) return false;
    if (tag == kSeconds) {
      if (!in.ReadVarint(value)) return false;
      time.seconds = static_cast<std::int64_t>(value);
    } else if (tag == kNanos) {
      if (!in.ReadVarint(value)) return false;
      time.nanos = static_cast<std::int32_t>(value);
    } else if (!in.Skip(tag, levels_left_)) {
      return false;
    }
  }
  char* to = out_.Reserve(kLongestTime + 2);
  *to++ = '"';
  to = kind == WellKnown::kTimestamp ? WriteTimestamp(time, to) : WriteJsonDuration(time, to);
  if (to == nullptr) return false;
  *to++ = '"';
  out_.End(to);
  return true;
}

bool WireToJson::FieldMask(std::string_view bytes) {
  const std::size_t begin = out_.size();
  for (WireCursor in(bytes); !in.done();) {
    FieldTag tag;
    if (!in.ReadTag(tag)) return false;
    if (tag != kElement) {
      if (!in.Skip(tag, levels_left_)) return false;
      continue;
    }
    std::string_view path;
    if (!in.ReadBytes(path)) return false;
    out_.Append(',');
    char* const end = WriteFieldMaskPath(path, out_.Reserve(path.size()));
    if (end == nullptr) return false;
    out_.End(end);
  }
  if (out_.size() == begin) out_.Append('"');
  out_[begin] = '"';
  out_.Append('"');
  return true;
}

bool WireToJson::Struct(std::string_view bytes, const MessageTable& message) {
  const std::size_t first = entries_.size();
  const MessageTable& entry = *message.fields[0].message;
  for (WireCursor in(bytes); !in.done();) {
    FieldTag tag;
    std::string_view element;
    if (!in.ReadTag(tag)) return false;
    if (tag == kElement) {
      if (!in.ReadBytes(element) || !AddEntry(element, entry)) return false;
    } else if (!in.Skip(tag, levels_left_)) {
      return false;
    }
  }
  return Entries(first, entry);
}

bool WireToJson::List(std::string_view bytes, const MessageTable& message) {
  if (!Enter()) return false;
  const std::size_t begin = out_.size();
  for (WireCursor in(bytes); !in.done();) {
    FieldTag tag;
    std::string_view element;
    if (!in.ReadTag(tag)) return false;
    if (tag == kElement) {
      out_.Append(',');
      if (!in.ReadBytes(element) || !Message(element, *message.fields[0].message)) return false;
    } else if (!in.Skip(tag, levels_left_)) {
      return false;
    }
  }
  Leave(begin, "[]");
  return true;
}

// google.protobuf.Value.
bool WireToJson::AnyValue(std::string_view bytes, const MessageTable& message) {
  OnlyField only;
  if (!FindOnly(bytes, message, levels_left_, only)) return false;
  if (only.field == nullptr) return out_.Append("null"), true;
  if (only.field->kind == Kind::kDouble && !IsFinite(only)) return false;
  return ValueAt(*only.field, only.value);
}

bool WireToJson::Wrapper(std::string_view bytes, const MessageTable& message) {
  OnlyField only;
  if (!FindOnly(bytes, message, levels_left_, only)) return false;
  if (only.field == nullptr) return Default(message.fields[0]), true;
  return ValueAt(*only.field, only.value);
}

}  // namespace puente

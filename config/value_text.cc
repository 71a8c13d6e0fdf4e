#include "config/value_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "config/duration_text.h"
#include "config/puente.pb.h"
#include "config/schema.h"
#include "config/utf8.h"

namespace puente {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Texts = std::vector<std::string>;

constexpr std::size_t kLongestText = 80;
constexpr std::string_view kChanged = "changed";

// Keys whose values are credentials, or often are.
bool IsSecret(const FieldDescriptor& field) {
  return field.containing_type() == config::Tracing::descriptor() &&
         field.number() == config::Tracing::kOtlpHeadersFieldNumber;
}

// URLs may have a password before the host, or a token in the query.
bool MayHoldSecret(std::string_view text) {
  const std::size_t scheme = text.find("://");
  return scheme != std::string_view::npos &&
         text.find_first_of("@?", scheme) != std::string_view::npos;
}

std::string DurationText(const Message& duration) {
  return FormatDuration(ToChrono(static_cast<const google::protobuf::Duration&>(duration)));
}

// `index` is -1 for a field that is no list.
std::string TextOf(const Message& section, const FieldDescriptor& field, int index) {
  const auto& reflection = *section.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return index < 0 ? reflection.GetString(section, &field)
                     : reflection.GetRepeatedString(section, &field, index);
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    return std::string(EnumText(index < 0 ? *reflection.GetEnum(section, &field)
                                          : *reflection.GetRepeatedEnum(section, &field, index)));
  }
  if (IsDuration(field)) return DurationText(reflection.GetMessage(section, &field));
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(section, &field, index, &text);
  return text;
}

std::string EntryText(const Message& entry) {
  const auto& type = *entry.GetDescriptor();
  return fmt::format("{}: {}", TextOf(entry, *type.map_key(), -1),
                     TextOf(entry, *type.map_value(), -1));
}

// All values of the field; none when it is unset.
Texts TextsOf(const Message& section, const FieldDescriptor& field) {
  const auto& reflection = *section.GetReflection();
  if (!field.is_repeated()) {
    return reflection.HasField(section, &field) ? Texts{TextOf(section, field, -1)} : Texts{};
  }
  Texts texts;
  for (int i = 0; i < reflection.FieldSize(section, &field); ++i) {
    texts.push_back(field.is_map() ? EntryText(reflection.GetRepeatedMessage(section, &field, i))
                                   : TextOf(section, field, i));
  }
  if (field.is_map()) std::ranges::sort(texts);
  return texts;
}

std::string Show(const FieldDescriptor& field, const Texts& texts) {
  if (field.is_map()) return fmt::format("{{{}}}", fmt::join(texts, ", "));
  if (field.is_repeated()) return fmt::format("[{}]", fmt::join(texts, ", "));
  if (texts.empty()) return "unset";
  return texts.front().empty() ? "\"\"" : texts.front();
}

bool CanBeShown(const FieldDescriptor& field, const Texts& texts) {
  return !IsSecret(field) && std::ranges::all_of(texts, [](const std::string& text) {
    return IsPrintableUtf8(text) && !MayHoldSecret(text);
  });
}

}  // namespace

std::optional<std::string> DescribeChange(const FieldDescriptor& field, const Message& before,
                                          const Message& after) {
  const Texts was = TextsOf(before, field);
  const Texts is = TextsOf(after, field);
  if (was == is) return std::nullopt;
  if (!CanBeShown(field, was) || !CanBeShown(field, is)) return std::string(kChanged);
  const std::string from = ShownText(Show(field, was));
  const std::string to = ShownText(Show(field, is));
  return from == to ? std::string(kChanged) : fmt::format("{} -> {}", from, to);
}

std::string ShownText(std::string_view text) {
  if (!IsPrintableUtf8(text)) return "(not printable)";
  if (text.size() <= kLongestText) return std::string(text);
  std::size_t end = kLongestText;
  while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // inside of a character
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace puente

#include "config/config_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "config/key_suggestion.h"
#include "config/scalar_value.h"
#include "config/schema.h"
#include "config/utf8.h"

namespace puente {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Kind = YamlNode::Kind;

constexpr std::size_t kLongestQuote = 60;
constexpr std::size_t kMostSuggestions = 200;

std::string_view Describe(Kind kind) {
  switch (kind) {
    case Kind::kSequence:
      return "a list";
    case Kind::kMapping:
      return "a section with keys";
    case Kind::kScalar:
      return "a single value";
    default:
      return "nothing";
  }
}

bool CanBeQuoted(std::string_view text) {
  return text.size() <= kLongestQuote && IsPrintableUtf8(text);
}

// A key as messages have it.
std::string ShownKey(const std::string& parent, const std::string& key) {
  return JoinKey(parent, CanBeQuoted(key) ? key : "(key)");
}

std::string Quote(std::string_view text) {
  if (text.empty()) return "an empty text";
  return CanBeQuoted(text) ? fmt::format("`{}`", text) : "another text";
}

// Whether `node` says what holds anyway while `field` is not supported.
bool IsDefault(const YamlNode& node, const FieldDescriptor& field) {
  if (field.is_repeated()) return node.kind == Kind::kSequence && node.children.empty();
  const auto default_value = TraitsOf(field).default_value;
  return node.kind == Kind::kScalar && !IsSection(field) && node.scalar == default_value;
}

bool NamesFile(const KeyTraits& traits, const std::string& text) {
  return traits.is_path && std::ranges::count(traits.not_a_path, text) == 0;
}

std::string RelativeTo(const std::filesystem::path& folder, const std::string& path) {
  return (folder / path).lexically_normal().string();
}

}  // namespace

void ConfigReader::ReadSection(const YamlNode& node, const std::string& path, Message& section) {
  if (!Expect(Kind::kMapping, node, path)) return;
  std::set<std::string_view> keys;
  for (const YamlNode& child : node.children) {
    const FieldDescriptor* field = FindKey(*section.GetDescriptor(), child.key);
    const std::string& name = field == nullptr ? child.key : field->name();
    if (!keys.insert(name).second) {
      findings_.Add(child.position, ShownKey(path, name), "this key is here twice");
    } else if (field == nullptr) {
      ReportUnknown(child, path, *section.GetDescriptor());
    } else {
      ReadEntry(child, *field, JoinKey(path, name), section);
    }
  }
}

const FieldDescriptor* ConfigReader::FindKey(const google::protobuf::Descriptor& section,
                                             const std::string& key) const {
  const FieldDescriptor* field = section.FindFieldByName(key);
  if (field != nullptr || environment_ != nullptr) return field;
  return section.FindFieldByCamelcaseName(key);
}

void ConfigReader::ReadEntry(const YamlNode& node, const FieldDescriptor& field,
                             const std::string& path, Message& section) {
  findings_.positions().Add(path, node.position);
  if (TraitsOf(field).supported) {
    ReadField(node, path, field, section);
  } else if (!IsDefault(node, field)) {
    findings_.Add(node.position, path, "this key is not supported yet");
  }
}

void ConfigReader::ReportUnknown(const YamlNode& node, const std::string& parent,
                                 const google::protobuf::Descriptor& section) {
  // A file that is all wrong is not one with typing errors.
  const bool suggest = findings_.problems().size() < kMostSuggestions;
  const KeySuggestion suggestion = suggest ? SuggestKey(section, node.key) : KeySuggestion{};
  findings_.Add(node.position, ShownKey(parent, node.key),
                suggest ? fmt::format("unknown key; {}", suggestion.text) : "unknown key");
  if (!suggestion.key.empty()) findings_.Settle(JoinKey(parent, suggestion.key));
}

void ConfigReader::ReadField(const YamlNode& node, const std::string& path,
                             const FieldDescriptor& field, Message& section) {
  if (field.is_map()) {
    ReadMap(node, path, field, section);
  } else if (field.is_repeated()) {
    ReadList(node, path, field, section);
  } else if (IsSection(field)) {
    ReadSection(node, path, *section.GetReflection()->MutableMessage(&section, &field));
  } else {
    ReadScalar(node, path, field, section);
  }
}

void ConfigReader::ReadList(const YamlNode& node, const std::string& path,
                            const FieldDescriptor& field, Message& section) {
  if (!Expect(Kind::kSequence, node, path)) return;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const std::string key = IndexKey(path, i);
    findings_.positions().Add(key, node.children[i].position);
    ReadElement(node.children[i], key, field, section);
  }
}

void ConfigReader::ReadMap(const YamlNode& node, const std::string& path,
                           const FieldDescriptor& field, Message& section) {
  if (!Expect(Kind::kMapping, node, path)) return;
  std::set<std::string_view> keys;
  for (const YamlNode& child : node.children) {
    const std::string key = JoinKey(path, child.key);
    findings_.positions().Add(key, child.position);
    if (!keys.insert(child.key).second) {
      findings_.Add(child.position, ShownKey(path, child.key), "this key is here twice");
      continue;
    }
    Message& entry = *section.GetReflection()->AddMessage(&section, &field);
    StoreScalar(*field.message_type()->map_key(), child.key, entry);
    ReadScalar(child, key, *field.message_type()->map_value(), entry);
  }
}

void ConfigReader::ReadElement(const YamlNode& node, const std::string& path,
                               const FieldDescriptor& field, Message& section) {
  if (IsSection(field)) {
    ReadSection(node, path, *section.GetReflection()->AddMessage(&section, &field));
  } else if (!ReadScalar(node, path, field, section) &&
             field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    StoreScalar(field, std::string(), section);
  }
}

bool ConfigReader::ReadScalar(const YamlNode& node, const std::string& path,
                              const FieldDescriptor& field, Message& section) {
  if (!Expect(Kind::kScalar, node, path)) return false;
  const auto expanded = Expand(node, path);
  if (!expanded.has_value()) return false;
  auto value = ParseScalar(field, expanded->text, node.quoted && !expanded->has_variables);
  if (!value.has_value()) {
    findings_.Add(node.position, path,
                  fmt::format("{}, found {}", value.error(), Quote(node.scalar)));
    return false;
  }
  const KeyTraits traits = TraitsOf(field);
  if (traits.is_path && expanded->text.empty()) {
    findings_.Add(node.position, path, "expected the name of a file, found an empty text");
    return false;
  }
  if (NamesFile(traits, expanded->text)) value = RelativeTo(folder_, expanded->text);
  StoreScalar(field, *std::move(value), section);
  return true;
}

std::optional<ExpandedText> ConfigReader::Expand(const YamlNode& node, const std::string& path) {
  if (environment_ == nullptr) return ExpandedText{node.scalar};
  auto expanded = ExpandEnvironment(node.scalar, *environment_);
  if (expanded.has_value()) return *std::move(expanded);
  findings_.Add(node.position, path, std::move(expanded).error());
  return std::nullopt;
}

bool ConfigReader::Expect(Kind kind, const YamlNode& node, const std::string& path) {
  if (node.kind == kind) return true;
  if (node.kind == Kind::kInvalid) {
    findings_.Settle(path);
  } else if (node.kind == Kind::kNull) {
    findings_.Add(node.position, path,
                  fmt::format("expected {}, found nothing; leave the key out or give it a value",
                              Describe(kind)));
  } else {
    findings_.Add(node.position, path,
                  fmt::format("expected {}, found {}", Describe(kind), Describe(node.kind)));
  }
  return false;
}

}  // namespace puente

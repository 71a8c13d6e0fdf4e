#include "transcoder/comparison/ignored_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "transcoder/field_path.h"
#include "transcoder/well_known.h"

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

namespace {

constexpr std::string_view kElements = "[]";

std::string_view WithoutElements(std::string_view name) {
  while (name.ends_with(kElements)) name.remove_suffix(kElements.size());
  return name;
}

// The names in `path`; nullopt when it has an empty one.
std::optional<std::vector<std::string_view>> SplitPath(std::string_view path) {
  constexpr std::string_view kOfBody = "[].";
  if (path.starts_with(kOfBody)) path.remove_prefix(kOfBody.size());
  std::vector<std::string_view> names;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    names.push_back(WithoutElements(path.substr(begin, end - begin)));
    if (names.back().empty()) return std::nullopt;
    begin = end + 1;
  }
  return names;
}

tl::unexpected<Error> NoPath(std::string_view path) {
  return Fail(Code::kInvalidArgument,
              fmt::format("'{}' is no path: expected names of fields, separated by dots", path));
}

bool IsFreeForm(WellKnown kind) {
  return kind == WellKnown::kStruct || kind == WellKnown::kValue || kind == WellKnown::kListValue ||
         kind == WellKnown::kAny;
}

// The message whose fields a path may name below `field`; nullptr when it holds none.
const Descriptor* MessageBelow(const FieldDescriptor& field) {
  const FieldDescriptor& value = field.is_map() ? *field.message_type()->map_value() : field;
  return value.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ? value.message_type() : nullptr;
}

}  // namespace

// A tree of names.
struct IgnoredFields::Names {
  bool is_ignored = false;
  std::map<std::string, std::unique_ptr<Names>, std::less<>> below;

  void Add(std::span<const std::string_view> path) {
    Names* at = this;
    for (const std::string_view name : path) {
      auto& next = at->below[std::string(name)];
      if (next == nullptr) next = std::make_unique<Names>();
      at = next.get();
    }
    at->is_ignored = true;
  }
};

IgnoredFields::IgnoredFields() : names_(std::make_unique<Names>()) {}
IgnoredFields::~IgnoredFields() = default;
IgnoredFields::IgnoredFields(IgnoredFields&&) noexcept = default;
IgnoredFields& IgnoredFields::operator=(IgnoredFields&&) noexcept = default;

Result<IgnoredFields> IgnoredFields::Parse(std::span<const std::string> paths) {
  IgnoredFields ignored;
  for (const std::string& path : paths) {
    const auto names = SplitPath(path);
    if (!names) return NoPath(path);
    ignored.names_->Add(*names);
  }
  return ignored;
}

IgnoredFields::Place IgnoredFields::Top() const {
  Place top;
  if (!names_->below.empty()) top.names_.push_back(names_.get());
  return top;
}

bool IgnoredFields::Place::is_ignored() const {
  for (const Names* names : names_) {
    if (names->is_ignored) return true;
  }
  return false;
}

void IgnoredFields::Place::Enter(std::string_view name, Place& below) const {
  for (const Names* names : names_) {
    const auto found = names->below.find(name);
    if (found != names->below.end()) below.names_.push_back(found->second.get());
  }
}

IgnoredFields::Place IgnoredFields::Place::Below(const FieldDescriptor& field) const {
  Place below = Below(field.json_name());
  if (field.name() != field.json_name()) Enter(field.name(), below);
  return below;
}

IgnoredFields::Place IgnoredFields::Place::Below(std::string_view key) const {
  Place below;
  Enter(key, below);
  return below;
}

Result<void> CheckIgnoredField(const Descriptor& type, std::string_view path) {
  const auto names = SplitPath(path);
  if (!names) return NoPath(path);
  const Descriptor* message = &type;
  std::string_view holder;
  for (const std::string_view name : *names) {
    const WellKnown kind = message != nullptr ? KindOf(*message) : WellKnown::kNone;
    if (IsFreeForm(kind)) return {};
    if (message == nullptr || kind != WellKnown::kNone) {
      return Fail(Code::kInvalidArgument, fmt::format("'{}' has no fields in JSON", holder));
    }
    const FieldDescriptor* field = FindField(*message, name);
    if (field == nullptr) {
      return Fail(Code::kInvalidArgument,
                  fmt::format("{} has no field '{}'", message->full_name(), name));
    }
    message = MessageBelow(*field);
    holder = name;
  }
  return {};
}

}  // namespace puente

#include "transcoder/bound_parameter.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "transcoder/scalar_text.h"
#include "transcoder/well_known.h"
#include "transcoder/wire_writer.h"

namespace puente {
namespace {

using google::protobuf::Arena;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

using Appended = tl::expected<void, TextProblem>;

Appended AppendMapEntry(const FieldDescriptor& map, std::string_view key, std::string_view value,
                        WireWriter& out) {
  out.Open(map.number());
  Appended appended = AppendText(*map.message_type()->map_key(), key, out);
  if (appended) appended = AppendText(*map.message_type()->map_value(), value, out);
  out.Close();
  return appended;
}

bool IsFieldMask(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         KindOf(*field.message_type()) == WellKnown::kFieldMask;
}

// One parameter, without what only messages need.
struct Parameter {
  const FieldPath& path;
  const std::optional<std::string>& map_key;
  std::string_view text;
};

Appended AppendLast(const Parameter& parameter, WireWriter& out) {
  const FieldDescriptor& field = *parameter.path.back();
  if (parameter.map_key) return AppendMapEntry(field, *parameter.map_key, parameter.text, out);
  if (parameter.text.empty() && IsFieldMask(field)) return tl::unexpected(ExpectedFor(field));
  return AppendText(field, parameter.text, out);
}

Appended Append(const Parameter& parameter, WireWriter& out) {
  const std::size_t holders = parameter.path.size() - 1;
  for (std::size_t i = 0; i < holders; ++i) out.Open(parameter.path[i]->number());
  Appended appended = AppendLast(parameter, out);
  for (std::size_t i = 0; i < holders; ++i) out.Close();
  return appended;
}

tl::unexpected<Error> Refuse(const std::string& origin, const TextProblem& problem) {
  return Fail(Code::kInvalidArgument, fmt::format("{}: {}", origin, problem));
}

// Whether one message in the request is set by several parameters: `holders` are the messages that
// hold what they set.
bool SetsByParts(std::vector<const FieldDescriptor*> holders) {
  std::ranges::sort(holders);
  return std::ranges::adjacent_find(holders) != holders.end();
}

std::string Merge(const std::string& wire, const Message& request) {
  Arena arena;
  Message& merged = *request.New(&arena);
  merged.ParsePartialFromString(wire);
  return merged.SerializePartialAsString();
}

void NoteHolder(const FieldPath& path, std::vector<const FieldDescriptor*>& holders) {
  if (path.size() > 1) holders.push_back(path.front());
}

}  // namespace

Result<std::string> EncodeParameters(std::span<const BoundParameter> parameters,
                                     const Message& request) {
  WireWriter wire;
  std::vector<const FieldDescriptor*> holders;
  for (const auto& [path, map_key, text, origin] : parameters) {
    const auto appended = Append({path, map_key, text}, wire);
    if (!appended) return Refuse(origin, appended.error());
    NoteHolder(path, holders);
  }
  std::string bytes = std::move(wire).Finish();
  return SetsByParts(std::move(holders)) ? Merge(bytes, request) : std::move(bytes);
}

Result<std::string> EncodeVariables(const Route& route, std::span<const std::string> captures,
                                    const Message& request) {
  WireWriter wire;
  std::vector<const FieldDescriptor*> holders;
  for (std::size_t i = 0; i < route.variables.size(); ++i) {
    const auto appended = Append({route.variables[i], std::nullopt, captures[i]}, wire);
    if (!appended) return Refuse(OriginOfVariable(route, i), appended.error());
    NoteHolder(route.variables[i], holders);
  }
  std::string bytes = std::move(wire).Finish();
  return SetsByParts(std::move(holders)) ? Merge(bytes, request) : std::move(bytes);
}

std::string OriginOfVariable(const Route& route, std::size_t index) {
  return fmt::format("path variable \"{}\"", route.path.variables[index].field_path);
}

}  // namespace puente

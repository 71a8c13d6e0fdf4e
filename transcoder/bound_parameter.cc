#include "transcoder/bound_parameter.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>

#include <cstddef>
#include <string_view>
#include <utility>

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

Appended AppendLast(const BoundParameter& parameter, WireWriter& out) {
  const FieldDescriptor& field = *parameter.path.back();
  if (parameter.map_key) return AppendMapEntry(field, *parameter.map_key, parameter.text, out);
  if (parameter.text.empty() && IsFieldMask(field)) return tl::unexpected(ExpectedFor(field));
  return AppendText(field, parameter.text, out);
}

Result<void> Append(const BoundParameter& parameter, WireWriter& out) {
  const std::size_t holders = parameter.path.size() - 1;
  for (std::size_t i = 0; i < holders; ++i) out.Open(parameter.path[i]->number());
  const Appended appended = AppendLast(parameter, out);
  for (std::size_t i = 0; i < holders; ++i) out.Close();
  if (appended) return {};
  return Fail(Code::kInvalidArgument, fmt::format("{}: {}", parameter.origin, appended.error()));
}

}  // namespace

Result<std::string> EncodeParameters(std::span<const BoundParameter> parameters,
                                     const Message& request) {
  WireWriter wire;
  for (const BoundParameter& parameter : parameters) {
    if (auto appended = Append(parameter, wire); !appended) {
      return tl::unexpected(appended.error());
    }
  }
  if (parameters.size() <= 1) return std::move(wire).Finish();
  Arena arena;
  Message& merged = *request.New(&arena);
  merged.ParsePartialFromString(std::move(wire).Finish());
  return merged.SerializePartialAsString();
}

}  // namespace puente

#include "transcoder/parameter_binder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "transcoder/uri.h"

namespace puente {
namespace {

tl::unexpected<Error> Refuse(std::string message) {
  return Fail(Code::kInvalidArgument, std::move(message));
}

}  // namespace

Result<std::vector<BoundParameter>> ParameterBinder::Bind(std::string_view text) && {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view piece = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (piece.empty()) continue;
    if (++count_ > options_.max_query_parameters) {
      return Refuse(fmt::format("more than {} {}", options_.max_query_parameters, source_.plural));
    }
    if (auto bound = BindPiece(piece); !bound) return tl::unexpected(bound.error());
  }
  return std::move(parameters_);
}

Result<void> ParameterBinder::BindPiece(std::string_view piece) {
  const std::size_t equals = std::min(piece.find('='), piece.size());
  const std::string name = QueryDecode(piece.substr(0, equals), options_.plus_is_space);
  const bool is_ignored = source_.ignored != nullptr &&
                          std::ranges::find(*source_.ignored, name) != source_.ignored->end();
  if (is_ignored) return {};
  const ParameterName parsed(name);
  std::string origin = Origin(name, parsed);
  ResolvedName resolved = source_.resolve(route_, parsed);
  if (!resolved.unknown.empty()) return Unknown(origin, resolved.unknown);
  if (!resolved.problem.empty()) return Refuse(fmt::format("{}: {}", origin, resolved.problem));
  const std::string_view value = piece.substr(std::min(equals + 1, piece.size()));
  return Add({std::move(resolved.path), std::move(resolved.map_key),
              QueryDecode(value, options_.plus_is_space), std::move(origin)});
}

Result<void> ParameterBinder::Add(BoundParameter parameter) {
  switch (set_.Add(parameter.path, parameter.map_key)) {
    case SetFields::Outcome::kTwice:
      return Refuse(fmt::format("{}: the field is given twice", parameter.origin));
    case SetFields::Outcome::kOneof:
      return Refuse(
          fmt::format("{}: another member of the same oneof is given, too", parameter.origin));
    case SetFields::Outcome::kOk:
      break;
  }
  parameters_.push_back(std::move(parameter));
  return {};
}

Result<void> ParameterBinder::Unknown(const std::string& origin, std::string_view why) {
  if (options_.unknown_query == UnknownInput::kReject) {
    return Refuse(fmt::format("unknown {}: {}", origin, why));
  }
  ++dropped_.in_query;
  if (options_.unknown_query == UnknownInput::kWarn &&
      dropped_.names.size() < DroppedInput::kMaxNames) {
    dropped_.names.push_back(origin);
  }
  return {};
}

std::string ParameterBinder::Origin(const std::string& name, const ParameterName& parsed) const {
  return parsed.IsPlain() ? fmt::format("{} \"{}\"", source_.singular, name)
                          : fmt::format("{} number {}", source_.singular, count_);
}

}  // namespace puente

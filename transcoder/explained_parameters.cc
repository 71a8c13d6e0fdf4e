#include "transcoder/explained_parameters.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "descriptors/type_name.h"
#include "transcoder/bound_parameter.h"
#include "transcoder/request_binding.h"
#include "transcoder/uri.h"

namespace puente {

using google::protobuf::Message;

namespace {

using Outcome = ExplainedParameter::Outcome;

void ExplainBound(const BoundParameter& bound, const Message& request,
                  ExplainedParameter& parameter) {
  parameter.field = ToString(bound.path);
  if (bound.map_key) parameter.field += "[" + *bound.map_key + "]";
  parameter.type = TypeName(*bound.path.back());
  const auto encoded = EncodeParameters({&bound, 1}, request);
  if (encoded) return;
  parameter.outcome = Outcome::kRefused;
  parameter.problem = encoded.error().message;
}

ExplainedParameter ExplainPiece(const Route& route, const TargetInput& piece,
                                const CodecOptions& options, const Message& request) {
  const std::size_t equals = std::min(piece.query.find('='), piece.query.size());
  const std::size_t value = std::min(equals + 1, piece.query.size());
  ExplainedParameter parameter;
  parameter.name = QueryDecode(piece.query.substr(0, equals), options.plus_is_space);
  parameter.value = QueryDecode(piece.query.substr(value), options.plus_is_space);
  CodecOptions strict = options;
  strict.unknown_query = UnknownInput::kReject;
  DroppedInput dropped;
  const auto bound = BindParameters(route, piece, strict, dropped);
  if (bound && bound->size() > route.variables.size()) {
    ExplainBound(bound->back(), request, parameter);
    return parameter;
  }
  parameter.problem =
      bound ? "it is one of transcoding.json.ignored_query_parameters" : bound.error().message;
  const bool let_pass = BindParameters(route, piece, options, dropped).has_value();
  parameter.outcome = let_pass ? Outcome::kLetPass : Outcome::kRefused;
  return parameter;
}

}  // namespace

std::vector<ExplainedParameter> ExplainVariables(const Route& route, const TargetInput& target,
                                                 const Message& request) {
  std::vector<ExplainedParameter> variables;
  DroppedInput dropped;
  const auto bound = BindParameters(route, {target.captures, ""}, CodecOptions{}, dropped);
  for (std::size_t i = 0; bound && i < bound->size(); ++i) {
    ExplainedParameter parameter;
    parameter.name = route.path.variables[i].field_path;
    parameter.value = target.captures[i];
    ExplainBound((*bound)[i], request, parameter);
    variables.push_back(std::move(parameter));
  }
  return variables;
}

std::vector<ExplainedParameter> ExplainQuery(const Route& route, const TargetInput& target,
                                             const CodecOptions& options, const Message& request) {
  std::vector<ExplainedParameter> parameters;
  std::string_view rest = target.query;
  const auto most = static_cast<std::size_t>(options.max_query_parameters);
  while (!rest.empty() && parameters.size() < most) {
    const std::string_view piece = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
    if (piece.empty()) continue;
    parameters.push_back(ExplainPiece(route, {target.captures, piece}, options, request));
  }
  return parameters;
}

}  // namespace puente

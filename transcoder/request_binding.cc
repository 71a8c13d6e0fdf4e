#include "transcoder/request_binding.h"

#include <cstddef>
#include <iterator>
#include <utility>

#include "transcoder/parameter_binder.h"

namespace puente {
namespace {

std::vector<BoundParameter> BindVariables(const Route& route, const TargetInput& target) {
  std::vector<BoundParameter> parameters;
  for (std::size_t i = 0; i < route.variables.size(); ++i) {
    parameters.push_back(
        {route.variables[i], std::nullopt, target.captures[i], OriginOfVariable(route, i)});
  }
  return parameters;
}

}  // namespace

Result<std::vector<BoundParameter>> BindParameters(const Route& route, const TargetInput& target,
                                                   const CodecOptions& options,
                                                   DroppedInput& dropped) {
  std::vector<BoundParameter> parameters = BindVariables(route, target);
  const ParameterBinder::Source query = {.singular = "query parameter",
                                         .plural = "query parameters",
                                         .resolve = ResolveQueryParameter,
                                         .ignored = &options.ignored_query_parameters};
  ParameterBinder binder(query, route, options, dropped);
  for (const BoundParameter& parameter : parameters) binder.Occupy(parameter.path);
  auto bound = std::move(binder).Bind(target.query);
  if (!bound) return bound;
  std::ranges::move(*bound, std::back_inserter(parameters));
  return parameters;
}

Result<BoundTarget> BindTarget(const Route& route, const TargetInput& target,
                               const CodecOptions& options,
                               const google::protobuf::Message& request, DroppedInput& dropped) {
  BoundTarget bound;
  Result<std::string> wire;
  if (target.query.empty()) {
    wire = EncodeVariables(route, target.captures, request);
  } else {
    auto parameters = BindParameters(route, target, options, dropped);
    if (!parameters) return tl::unexpected(parameters.error());
    wire = EncodeParameters(*parameters, request);
    for (std::size_t i = route.variables.size(); i < parameters->size(); ++i) {
      BoundParameter& parameter = (*parameters)[i];
      bound.query.push_back({std::move(parameter.path), std::move(parameter.origin)});
    }
  }
  if (!wire) return tl::unexpected(wire.error());
  bound.wire = *std::move(wire);
  return bound;
}

}  // namespace puente

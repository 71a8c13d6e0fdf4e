#include "transcoder/request_binding.h"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <utility>

#include "transcoder/parameter_binder.h"

namespace puente {
namespace {

std::vector<BoundParameter> BindVariables(const Route& route, const TargetInput& target) {
  std::vector<BoundParameter> parameters;
  for (std::size_t i = 0; i < route.variables.size(); ++i) {
    parameters.push_back({route.variables[i], std::nullopt, target.captures[i],
                          fmt::format("path variable \"{}\"", route.path.variables[i].field_path)});
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

}  // namespace puente

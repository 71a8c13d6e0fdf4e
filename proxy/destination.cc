#include "proxy/destination.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/defaults.h"
#include "transcoder/uri.h"

namespace puente {

using google::protobuf::MethodDescriptor;

bool Names(const config::Route& route, const MethodDescriptor& method) {
  const config::Match& match = route.match();
  if (match.has_service()) return match.service() == method.service()->full_name();
  if (match.has_method()) {
    return match.method() == fmt::format("{}/{}", method.service()->full_name(), method.name());
  }
  return !route.has_match();
}

std::optional<config::Route> RouteToOnlyUpstream(const config::Config& config) {
  const auto only = std::ranges::find_if(config.upstreams(), &config::Upstream::has_grpc);
  if (only == config.upstreams().end()) return std::nullopt;
  config::Route route;
  ApplyDefaults(route);
  route.set_upstream(only->name());
  return route;
}

std::string PrefixLabel(std::string_view prefix) { return fmt::format("{}**", prefix); }

bool MayBeServed(const config::Config& config, const MethodDescriptor& method) {
  return config.routes().empty() ||
         std::ranges::any_of(config.routes(), [&](const config::Route& route) {
           return route.match().has_path_prefix() || Names(route, method);
         });
}

std::optional<Destination> FindDestination(const config::Config& config,
                                           const MethodDescriptor* method, std::string_view path) {
  if (config.routes().empty()) {
    auto only = method == nullptr ? std::nullopt : RouteToOnlyUpstream(config);
    return only ? std::optional(Destination{*std::move(only)}) : std::nullopt;
  }
  for (int i = 0; i < config.routes_size(); ++i) {
    const config::Route& route = config.routes(i);
    const bool is_prefix = route.match().has_path_prefix();
    const bool takes = is_prefix ? HasPathPrefix(path, route.match().path_prefix())
                                 : method != nullptr && Names(route, *method);
    if (takes) return Destination{route, i, is_prefix};
  }
  return std::nullopt;
}

const config::Upstream* FindUpstream(const config::Config& config, std::string_view name) {
  const auto found = std::ranges::find(config.upstreams(), name, &config::Upstream::name);
  return found == config.upstreams().end() ? nullptr : &*found;
}

std::vector<std::string> BackendNames(const config::Route& route) {
  std::vector<std::string> names;
  for (const config::Backend& backend : route.split().backends()) {
    names.push_back(backend.upstream());
  }
  if (!route.has_split()) names.push_back(route.upstream());
  return names;
}

bool HasHttpBackend(const config::Config& config, const config::Route& route) {
  return std::ranges::any_of(BackendNames(route), [&](const std::string& name) {
    const config::Upstream* const upstream = FindUpstream(config, name);
    return upstream != nullptr && upstream->has_http();
  });
}

}  // namespace puente

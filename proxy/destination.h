// Where requests go, by the configuration's routes alone.
#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/puente.pb.h"

namespace puente {

// Whether `route` names the method or its service. One without a match takes all.
bool Names(const config::Route& route, const google::protobuf::MethodDescriptor& method);

// The route of all calls where the configuration has none: to the first gRPC upstream, with the
// defaults of a route. nullopt: there is no such upstream.
std::optional<config::Route> RouteToOnlyUpstream(const config::Config& config);

// What metrics, logs and lists call a route for paths: "/legacy/**".
std::string PrefixLabel(std::string_view prefix);

// Whether a route may take requests of the method: it, its service, or paths, whatever they are.
// `config` has an upstream.
bool MayBeServed(const config::Config& config, const google::protobuf::MethodDescriptor& method);

struct Destination {
  config::Route route;
  int index = -1;          // its place in `routes`; -1: there are none, and only one upstream
  bool is_prefix = false;  // the route is one for paths
};

// The first route that takes a request for `path` (as SplitTarget gives it), to which `method` is
// bound (nullptr: none is). nullopt: there is none. `config` has an upstream.
std::optional<Destination> FindDestination(const config::Config& config,
                                           const google::protobuf::MethodDescriptor* method,
                                           std::string_view path);

// nullptr where there is none of this name.
const config::Upstream* FindUpstream(const config::Config& config, std::string_view name);

// Whether one of the upstreams of `route` is an HTTP service.
bool HasHttpBackend(const config::Config& config, const config::Route& route);
// Their names, as the split has them; one without a split.
std::vector<std::string> BackendNames(const config::Route& route);

}  // namespace puente

// The policies of a configuration's routes.
#pragma once

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/load_config.h"
#include "proxy/route_policy.h"
#include "proxy/upstreams.h"

namespace puente {

// A route for all paths that begin alike.
struct PrefixRoute {
  std::string prefix;
  std::string label;  // for metrics and logs: "/legacy/**"
  std::shared_ptr<const RoutePolicy> policy;
  std::unique_ptr<RouteMetrics> requests;
};

// Immutable and thread-safe, as RoutePolicy.
class RoutePolicies {
 public:
  // `config` is complete, and `upstreams` are its own. What routes remember is taken over from
  // `previous` (nullptr: nothing) where the route still is the same in that respect; `previous` is
  // not changed by that before Adopt. `metrics` outlives it.
  RoutePolicies(const config::Config& config, const Upstreams& upstreams, Metrics& metrics,
                const RoutePolicies* previous);

  // From now on these policies are in force, in place of `previous`, which was given to the
  // constructor: splits whose own entry in the file has changed take the weights of the file.
  // Control thread.
  void Adopt(const RoutePolicies* previous) const;

  // The policy of the first route that names `method` or its service; nullptr: none does.
  std::shared_ptr<const RoutePolicy> Of(const google::protobuf::MethodDescriptor& method) const;
  // The first route for paths like `path`, as SplitTarget gives it; nullptr: there is none.
  const PrefixRoute* ForPath(std::string_view path) const;

  const std::vector<std::shared_ptr<const RoutePolicy>>& all() const { return all_; }
  const std::vector<PrefixRoute>& prefixes() const { return prefixes_; }
  // The one whose split is called `name`; nullptr: there is none.
  const RoutePolicy* WithSplit(std::string_view name) const;

 private:
  std::vector<std::shared_ptr<const RoutePolicy>> all_;
  std::vector<config::Route> configs_;  // parallel to all_
  std::vector<PrefixRoute> prefixes_;

  friend class RoutePolicyBuilder;
};

}  // namespace puente

// All that serving a request needs, built once from a configuration and never changed.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/load_config.h"
#include "descriptors/descriptor_set.h"
#include "proxy/call/request_body.h"
#include "proxy/cors.h"
#include "proxy/descriptor_sources.h"
#include "proxy/route_policies.h"
#include "proxy/telemetry/metrics/metrics.h"
#include "proxy/telemetry/redaction.h"
#include "proxy/trusted_proxies.h"
#include "transcoder/codec.h"
#include "transcoder/error_body.h"
#include "transcoder/route_table.h"

namespace puente {

// The calls of a method at one upstream.
struct CallsAt {
  const GrpcUpstream* upstream;
  std::shared_ptr<CallMetrics> live;
  std::shared_ptr<CallMetrics> shadow;  // of copies; nullptr where there are none
};

// A transcoded route.
struct ServedRoute {
  std::unique_ptr<const RouteCodec> codec;
  // Of the entry of `routes` that names the method; nullptr: none does, and it is served where a
  // path_prefix takes it.
  std::shared_ptr<const RoutePolicy> policy;
  std::shared_ptr<const std::vector<CallsAt>> calls;  // of the method, wherever it may go
  std::shared_ptr<UnknownFieldMetrics> unknown_fields;
  std::unique_ptr<RouteMetrics> requests;

  const CallsAt& CallsTo(const GrpcUpstream& upstream) const;
};

// Immutable and thread-safe. A request keeps the snapshot it started with.
class Snapshot {
 public:
  const DescriptorSet& descriptors() const { return *descriptors_; }
  const RouteTable& table() const { return table_; }
  const ServedRoute& Served(const Route& route) const {
    return served_[&route - table_.routes().data()];
  }
  const RoutePolicies& policies() const { return *policies_; }
  std::uint64_t max_response_body_bytes() const { return max_response_body_bytes_; }
  const RequestBodyLimits& body_limits() const { return body_limits_; }
  // How long a client that streams may send nothing, or take nothing of an answer.
  std::chrono::nanoseconds idle_timeout() const { return idle_timeout_; }
  // False while descriptors of some upstream are still awaited: a path that is not known yet may be
  // known soon.
  bool complete() const { return complete_; }
  const TrustedProxies& trusted_proxies() const { return trusted_proxies_; }
  const Cors& cors() const { return cors_; }
  const ErrorBodyOptions& error_body() const { return error_body_; }
  const Redaction& redaction() const { return redaction_; }

 private:
  friend class SnapshotBuilder;
  Snapshot(std::shared_ptr<const DescriptorSet> descriptors, RouteTable table, Redaction redaction)
      : descriptors_(std::move(descriptors)),
        table_(std::move(table)),
        redaction_(std::move(redaction)) {}

  std::shared_ptr<const DescriptorSet> descriptors_;
  RouteTable table_;
  const Redaction redaction_;
  std::unique_ptr<const Codec> codec_;
  std::shared_ptr<const RoutePolicies> policies_;
  std::vector<ServedRoute> served_;  // parallel to table_.routes()
  std::uint64_t max_response_body_bytes_ = 0;
  RequestBodyLimits body_limits_;
  std::chrono::nanoseconds idle_timeout_{};
  bool complete_ = true;
  TrustedProxies trusted_proxies_;
  Cors cors_;
  ErrorBodyOptions error_body_;
};

// Builds a snapshot of a complete configuration: reads descriptor files, compiles routes.
// Everything that is wrong is added to `problems`, at the lines of the keys that it concerns;
// nullptr then, as when there are problems already. What `reflected` lacks is only not served yet.
// `policies` are those of `loaded`.
std::shared_ptr<const Snapshot> BuildSnapshot(const LoadedConfig& loaded,
                                              std::shared_ptr<const RoutePolicies> policies,
                                              const ReflectedDescriptors& reflected,
                                              Metrics& metrics, std::vector<Problem>& problems);

// The route table alone, for the commands that only show it; needs `descriptors`, `transcoding` and
// the upstreams that reflection asks. Blocks like AskUpstreams.
std::optional<RouteTable> BuildRouteTable(const LoadedConfig& loaded,
                                          std::shared_ptr<const DescriptorSet>& descriptors,
                                          std::vector<Problem>& problems);

}  // namespace puente

// An upstream as one route uses it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "config/address.h"
#include "proxy/telemetry/metrics/metrics.h"
#include "proxy/traffic/circuit_breaker.h"
#include "proxy/traffic/traffic_stats.h"
#include "proxy/upstream/grpc_upstream.h"
#include "proxy/upstream/http_upstream.h"

namespace puente {

// Either `grpc` or `http` is set.
struct Backend {
  std::shared_ptr<GrpcUpstream> grpc;
  std::shared_ptr<HttpUpstream> http;
  std::shared_ptr<BackendMetrics> metrics;
  std::shared_ptr<CircuitBreaker> breaker;  // nullptr: none
  std::shared_ptr<TrafficStats> stats;      // nullptr: nobody watches

  const std::string& name() const { return grpc ? grpc->name() : http->name(); }
  const HostAndPort& server() const { return grpc ? grpc->server() : http->server(); }
};

}  // namespace puente

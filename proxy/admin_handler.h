// The admin listener: health, metrics and the route table (design section 5).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "proxy/http/session.h"
#include "proxy/snapshot.h"
#include "proxy/telemetry/metrics/metrics.h"
#include "proxy/upstream_health.h"

namespace puente {

// What the admin endpoints report. The functions are called on the admin's thread.
struct AdminState {
  std::function<std::shared_ptr<const Snapshot>()> snapshot;
  // Why the process should get no new requests; "" when it is ready.
  std::function<std::string()> not_ready;
  // Why the last refresh of what is served failed; "" when it did not.
  std::function<std::string()> refresh_failure;
  const Metrics* metrics;
  UpstreamHealth* upstream_health;
};

// GET and HEAD of /healthz, /readyz, /health/grpc, /metrics and /routes.
class AdminHandler final : public RequestHandler {
 public:
  explicit AdminHandler(AdminState state) : state_(std::move(state)) {}

  Task<> Handle(Exchange& exchange) override;
  Task<> Refuse(Exchange& exchange, const Error& error) override;

 private:
  Task<Response> Answer(const RequestHead& head) const;
  Response Readiness() const;
  Task<Response> GrpcHealth() const;

  const AdminState state_;
};

}  // namespace puente

// The admin listener: health, metrics, routes, splits and reloads (design section 5).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/generation.h"
#include "proxy/http/session.h"
#include "proxy/reload/reloader.h"
#include "proxy/telemetry/metrics/metrics.h"
#include "proxy/upstream_health.h"

namespace puente {

// What the admin endpoints report and do. The functions are called on the admin's thread.
struct AdminState {
  std::function<std::shared_ptr<const Generation>()> generation;
  // Why the process should get no new requests; "" when it is ready.
  std::function<std::string()> not_ready;
  // Why the last refresh of what is served failed; "" when it did not.
  std::function<std::string()> refresh_failure;
  const Metrics* metrics;
  std::function<UpstreamHealth&()> upstream_health;
  std::function<void(std::string cause, Reloader::Done done)> reload;
  std::function<void()> drain;
  // The admin's thread.
  Executor executor;
  std::function<void(std::function<void()>)> post;
};

// GET and HEAD of /healthz, /readyz, /health/grpc, /metrics, /routes, /splits, /splits/{name} and
// /splits/{name}/differences; PUT /splits/{name}; DELETE /splits/{name}/differences; POST
// /splits/{name}/rollback, /splits/{name}/rollout/{pause,resume,promote,abort}, /reload and /drain.
// What changes something is refused to pages of other origins, which browsers let ask without
// leave.
class AdminHandler final : public RequestHandler {
 public:
  explicit AdminHandler(AdminState state) : state_(std::move(state)) {}

  Task<> Handle(Exchange& exchange) override;
  Task<> Refuse(Exchange& exchange, const Error& error) override;

 private:
  Task<Response> Answer(Exchange& exchange);
  Task<Response> Get(std::string_view path, const RequestHead& head);
  Task<Response> Change(std::string_view path, Exchange& exchange);
  Response Readiness() const;
  Response Exposed(const RequestHead& head) const;
  Task<Response> GrpcHealth();
  Response GetSplit(std::string_view path) const;
  Task<Response> ChangeSplit(std::string_view path, Exchange& exchange);
  Task<Response> Reload();

  const AdminState state_;
};

}  // namespace puente

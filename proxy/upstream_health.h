// How the gRPC upstreams are, by grpc.health.v1: what GET /health/grpc of the admin listener says.
#pragma once

#include <grpcpp/completion_queue.h>

#include <memory>
#include <string>
#include <vector>

#include "config/puente.pb.h"
#include "proxy/http/task.h"
#include "proxy/upstream/health_call.h"
#include "proxy/upstreams.h"

namespace puente {

struct UpstreamReport {
  std::string name;
  std::string service;                // that was asked about; "": the server as a whole
  std::vector<TargetHealth> targets;  // at least one

  // The upstream is as well as the best of its targets.
  const TargetHealth& health() const;
};

using HealthReport = std::vector<UpstreamReport>;  // in the order of the configuration

// Whether all of them are up.
bool IsUp(const HealthReport& report);

// {"status", "upstreams": [{"name", "status", "service", "code", "detail", "targets"}, …]}. `code`
// is that of a call that failed; `targets` has a status for each, where there are several.
std::string HealthAsJson(const HealthReport& report);

// Asks when it is asked, and writes to the log what has changed since. Used on one thread, and
// destroyed only after all that waits there has ended.
class UpstreamHealth {
 public:
  // `queue` is emptied on the thread of `executor`, which is the one that uses this.
  UpstreamHealth(const config::Config& config, const Upstreams& upstreams,
                 grpc::CompletionQueue& queue, Executor executor);
  ~UpstreamHealth();
  UpstreamHealth(const UpstreamHealth&) = delete;
  UpstreamHealth& operator=(const UpstreamHealth&) = delete;

  // Asks all targets of all upstreams at the same time, and takes two seconds at most. However
  // often it is called, an upstream is asked once at a time, and its answer holds for
  // `health_check.interval` of its configuration; one second without `health_check`.
  // The task must run to its end.
  Task<HealthReport> Ask();

  // Cancels what is under way; from now on nobody is asked any more.
  void Stop();

 private:
  struct Round;
  struct Watched;

  void Refresh(Watched& watched);
  void End(Watched& watched, Round& round);

  grpc::CompletionQueue& queue_;
  const Executor executor_;
  std::vector<std::unique_ptr<Watched>> watched_;
  bool stopped_ = false;
};

}  // namespace puente

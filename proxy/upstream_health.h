// How the upstreams are: what GET /health/grpc of the admin listener says of the gRPC upstreams,
// and which of several targets calls go to.
#pragma once

#include <grpcpp/completion_queue.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "config/puente.pb.h"
#include "proxy/http/task.h"
#include "proxy/upstream/http_lane.h"
#include "proxy/upstream/target_health.h"
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

// Asks when it is asked, and by itself where that matters to calls: of several targets with a
// `health_check`, one bad answer takes a target out of use, one good one back (a gRPC server
// without health service counts as good; see IsUp). gRPC servers are asked by grpc.health.v1, HTTP
// servers for a path. Writes to the log what has changed. Used on one thread, and destroyed only
// after all that waits there has ended.
class UpstreamHealth {
 public:
  // `queue` is emptied on the thread of `lane`, which is the one that uses this.
  UpstreamHealth(const config::Config& config, const Upstreams& upstreams,
                 grpc::CompletionQueue& queue, HttpLane& lane);
  ~UpstreamHealth();
  UpstreamHealth(const UpstreamHealth&) = delete;
  UpstreamHealth& operator=(const UpstreamHealth&) = delete;

  // Asks all targets of all gRPC upstreams at the same time, and takes two seconds at most. However
  // often it is called, an upstream is asked once at a time, and its answer holds for
  // `health_check.interval` of its configuration; one second without `health_check`.
  // The task must run to its end.
  Task<HealthReport> Ask();

  // From now on asks each upstream with several targets and a `health_check` by itself: at once,
  // and `interval` after it has got all answers. Until the first ones, targets count as good. Once.
  void Watch();

  // Cancels what is under way; from now on nobody is asked any more.
  void Stop();
  // After Stop: whether all that was under way has ended.
  bool idle() const;

 private:
  struct Round;
  struct Watched;

  void Add(const config::GrpcUpstream& config, const std::shared_ptr<GrpcUpstream>& upstream);
  void Add(const config::HttpHealthCheck& check, const std::shared_ptr<HttpUpstream>& upstream);
  Task<> WatchOne(Watched& watched);
  Task<> Settle(Round& round);
  void Refresh(Watched& watched);
  void Take(Watched& watched, Round& round, std::size_t target, const TargetHealth& health);
  void End(Watched& watched, Round& round);

  grpc::CompletionQueue& queue_;
  HttpLane& lane_;
  const Executor executor_;
  std::vector<std::unique_ptr<Watched>> watched_;
  std::size_t watching_ = 0;  // upstreams that are asked without anybody's asking for it
  bool stopped_ = false;
};

}  // namespace puente

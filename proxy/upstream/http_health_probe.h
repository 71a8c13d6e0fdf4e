// Asks an HTTP server how it is: one GET.
#pragma once

#include <chrono>
#include <string>

#include "proxy/upstream/http_call.h"
#include "proxy/upstream/target_health.h"

namespace puente {

// On a connection of its own, as a new client would.
class HttpHealthProbe final : public HealthProbe {
 public:
  // Asks for `path`, from now on until `timeout` at most. A status below 400 is well. `upstream` is
  // one that HttpUpstream::ForProbing made. `lane`, whose thread asks, outlives the probe.
  HttpHealthProbe(HttpUpstream& upstream, HttpLane& lane, std::string path,
                  std::chrono::nanoseconds timeout);

  Task<TargetHealth> Ask() override;
  void Cancel() override { call_.Cancel(); }

 private:
  Task<> DropBody();

  const std::string path_;
  const std::string host_;
  const std::string user_agent_;
  HttpCall call_;
};

}  // namespace puente

// What is in force now, and how something else comes into force: on a reload, and when reflection
// has news.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "proxy/app.h"
#include "proxy/generation.h"
#include "proxy/listeners.h"
#include "proxy/reflection_watch.h"
#include "proxy/reload/file_watch.h"
#include "proxy/reload/reload_report.h"
#include "proxy/serving_worker.h"
#include "proxy/upstream_health.h"

namespace puente {

// All of them outlive the LiveGeneration.
struct LiveParts {
  std::span<const std::unique_ptr<ServingWorker>> workers;
  ServingWorker& control;
  Listeners& listeners;
  Metrics& metrics;
  FileWatch& files;
};

// Every change is whole or not at all: a new generation is built beside the one that serves, and
// takes its place on each worker's own thread; requests in flight keep theirs.
class LiveGeneration {
 public:
  // `first` is in force from now on; the workers have it already.
  LiveGeneration(std::shared_ptr<const Generation> first, ConfigSource source, LiveParts parts);
  // After Stop.
  ~LiveGeneration() = default;
  LiveGeneration(const LiveGeneration&) = delete;
  LiveGeneration& operator=(const LiveGeneration&) = delete;

  // Nothing changes any more after it, and nobody is asked. Not on the control thread, which must
  // run.
  void Stop();

  // Reads all anew. Blocks; neither for the control thread nor for workers. One at a time.
  ReloadReport Reload();

  // The rest is for the control thread.
  std::shared_ptr<const Generation> current() const { return current_; }
  UpstreamHealth& health() { return *health_; }
  // What still keeps the API from being served whole; "" once it is.
  std::string WaitingFor() const { return watch_ ? watch_->WaitingFor() : ""; }
  // Why what is served is not what files and upstreams say; "" when it is.
  std::string WhyNotFresh() const;

 private:
  std::shared_ptr<const LoadedConfig> Read(ReloadReport& report);
  // Also what reflection said of it.
  std::shared_ptr<const Generation> Build(const std::shared_ptr<const LoadedConfig>& loaded,
                                          ReflectedDescriptors& reflected, ReloadReport& report);
  void RenewCertificates();
  void CheckDescriptors(const Generation& next, ReloadReport& report) const;
  ReflectedDescriptors ReflectedFor(const LoadedConfig& loaded, const Upstreams& upstreams,
                                    std::vector<Problem>& problems) const;
  void NoteOutcome(const ReloadReport& report);

  void Publish(std::shared_ptr<const Generation> next);
  static void PutInForce(const RoutePolicies& policies, const RoutePolicies* before);
  void RestartHealth(const Generation& generation);
  void WatchReflection(const Generation& generation);
  std::optional<std::string> ServeWith(const ReflectedDescriptors& reflected,
                                       std::uint64_t watch_number);

  const ConfigSource source_;
  const LiveParts parts_;
  std::mutex changing_;             // held while a generation is built and published
  ReflectedDescriptors reflected_;  // guarded by changing_
  std::atomic<std::uint64_t> watch_number_{0};
  std::atomic<bool> reload_failed_{false};  // the last one
  // On the control thread; read by who holds changing_, too.
  std::shared_ptr<const Generation> current_;
  std::shared_ptr<ReflectionWatch> watch_;
  std::unique_ptr<UpstreamHealth> health_;
  std::vector<std::unique_ptr<UpstreamHealth>> retired_;  // whose last questions may be under way
  std::string reload_failure_;  // of the last reload; "" when it went well
};

}  // namespace puente

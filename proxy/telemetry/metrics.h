// Every metric that Puente has, its name, its labels and its buckets (design section 5).
//
// Label values come from the configuration and the descriptors only, never from a request: a client
// must not be able to make series.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "transcoder/error.h"

namespace puente {

struct DroppedInput;

// The registry and its families. Thread-safe; making a series takes a lock, counting in one does
// not.
class Metrics {
 public:
  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The API was, or could not be, built anew while the process runs.
  void CountReload(bool succeeded);

  // The text exposition format of Prometheus.
  std::string Render() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();

 public:
  prometheus::Family<prometheus::Counter>& grpc_requests;
  prometheus::Family<prometheus::Histogram>& grpc_duration;
  prometheus::Family<prometheus::Histogram>& http_duration;
  prometheus::Family<prometheus::Gauge>& active_connections;
  prometheus::Family<prometheus::Counter>& rejected_connections;
  prometheus::Family<prometheus::Counter>& unknown_fields;
  prometheus::Counter& access_log_dropped;

 private:
  prometheus::Counter& reloads_succeeded_;
  prometheus::Counter& reloads_failed_;
  prometheus::Gauge& last_reload_successful_;
};

// The series of one method at one upstream. Thread-safe. Series come into being when they are first
// counted.
class CallMetrics {
 public:
  CallMetrics(Metrics& metrics, std::string service, std::string method, std::string upstream);

  void Count(Code code, std::chrono::nanoseconds duration);

  // What a request held that was let pass, in body and query.
  void CountUnknown(const DroppedInput& dropped);

 private:
  using Slot = std::atomic<prometheus::Counter*>;

  prometheus::Labels LabelsOf(Code code) const;
  void AddUnknown(Slot& slot, std::string_view kind, std::size_t count);

  Metrics& metrics_;
  const prometheus::Labels labels_;
  prometheus::Histogram& duration_;
  std::array<Slot, kCodeCount> by_code_{};
  Slot unknown_in_body_ = nullptr;
  Slot unknown_in_query_ = nullptr;
};

// Durations of HTTP requests by route, method and status. One per worker, used on its thread only.
class HttpMetrics {
 public:
  explicit HttpMetrics(Metrics& metrics) : metrics_(metrics) {}

  // `route` is a template of the configuration, or "unmatched".
  void Observe(std::string_view route, std::string_view method, int status,
               std::chrono::nanoseconds duration);

 private:
  using Key = std::tuple<std::string, std::string_view, int>;
  struct Less {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return std::tuple<std::string_view, std::string_view, int>(a) <
             std::tuple<std::string_view, std::string_view, int>(b);
    }
  };

  Metrics& metrics_;
  std::map<Key, prometheus::Histogram*, Less> series_;
};

inline constexpr std::string_view kUnmatchedRoute = "unmatched";

}  // namespace puente

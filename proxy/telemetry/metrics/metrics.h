// Every metric that Puente has, its name and its labels (design section 5).
//
// Label values come from the configuration and the descriptors only, never from a request: a client
// must not be able to make series. What belongs to requests is counted by each worker in cells of
// its own (MetricCells); what belongs to the process, in prometheus-cpp's registry.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/telemetry/metrics/metric_table.h"
#include "proxy/telemetry/metrics/series_slots.h"
#include "transcoder/error.h"

namespace puente {

struct DroppedInput;
class Metrics;

inline constexpr std::string_view kUnmatchedRoute = "unmatched";

// The requests of one route. Thread-safe.
class RouteMetrics {
 public:
  // `route` is a template of the configuration, or kUnmatchedRoute. Series of more than so many
  // methods and statuses take a lock to count in. `metrics` outlives it.
  RouteMetrics(Metrics& metrics, std::string route, std::size_t usual_series = 8);

  void Count(MetricCells& cells, std::string_view method, int status,
             std::chrono::nanoseconds duration, const TraceId* sampled_trace);

 private:
  MetricTable& table_;
  const std::size_t duration_;
  const std::string route_;
  SeriesSlots by_method_and_status_;
};

// How a scrape is written.
enum class Exposition {
  kPrometheus,   // Prometheus's text format 0.0.4
  kOpenMetrics,  // OpenMetrics 1.0, with exemplars
};

// What happens to a split and its copies; each begins at 0. Thread-safe.
struct SplitMetrics {
  prometheus::Counter& error_rate_rollbacks;
  prometheus::Counter& latency_rollbacks;
  prometheus::Counter& manual_rollbacks;
  prometheus::Counter& matches;
  prometheus::Counter& mismatches;
  prometheus::Counter& comparison_errors;
  prometheus::Counter& shadows_dropped;
};

// Thread-safe.
class Metrics {
 public:
  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // For one more worker; lives as long as the metrics.
  MetricCells& AddCells() { return table_.AddCells(); }

  // The API was, or could not be, built anew while the process runs.
  void CountReload(bool succeeded);
  // What is served is what there is to be served, though nothing was built.
  void NoteUpToDate() { last_reload_successful_.Set(1); }
  // There is something that could not be served, whatever else was built.
  void NoteOutOfDate() { last_reload_successful_.Set(0); }
  // What is counted for a split, or for the routes without one (""). Lives as long as the metrics.
  SplitMetrics OfSplit(const std::string& split);
  // When the certificate of a listener ends.
  void SetTlsExpiry(const std::string& listener, std::chrono::system_clock::time_point not_after);
  // The certificate of a listener is another, or could not be read.
  void CountTlsReload(const std::string& listener, bool succeeded);

  // With `more`, what is only known by looking.
  std::string Render(Exposition exposition, std::vector<prometheus::MetricFamily> more) const;
  static std::string_view ContentType(Exposition exposition);

 private:
  prometheus::Counter& TlsReloads(const std::string& listener, bool succeeded);

  friend class BackendMetrics;
  friend class CallMetrics;
  friend class RouteMetrics;
  friend class UnknownFieldMetrics;

  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  MetricTable table_;
  const std::size_t grpc_requests_;
  const std::size_t grpc_duration_;
  const std::size_t http_duration_;
  const std::size_t backend_requests_;
  const std::size_t backend_duration_;
  const std::size_t transcode_duration_;
  const std::size_t unknown_fields_;

 public:
  // What reading requests and writing answers takes, routing, headers and JSON, without waiting for
  // the client or the upstream. Of a stream each message counts.
  const HistogramId request_transcoding;
  const HistogramId response_transcoding;
  RouteMetrics unmatched_requests;

  prometheus::Family<prometheus::Gauge>& active_connections;
  prometheus::Family<prometheus::Counter>& rejected_connections;
  prometheus::Counter& access_log_dropped;
  prometheus::Counter& spans_exported;
  prometheus::Counter& spans_dropped_queue_full;
  prometheus::Counter& spans_dropped_export_failed;

 private:
  prometheus::Family<prometheus::Counter>& reloads_;
  prometheus::Counter& reloads_succeeded_;
  prometheus::Counter& reloads_failed_;
  prometheus::Family<prometheus::Counter>& rollbacks_;
  prometheus::Family<prometheus::Counter>& comparisons_;
  prometheus::Family<prometheus::Counter>& shadows_dropped_;
  prometheus::Family<prometheus::Counter>& fallbacks_;
  prometheus::Family<prometheus::Counter>& retries_;
  prometheus::Gauge& last_reload_successful_;
};

// The calls of one method at one upstream. Thread-safe.
class CallMetrics {
 public:
  // `metrics` outlives it.
  // `traffic` is "live" or "shadow".
  CallMetrics(Metrics& metrics, std::string service, std::string method, std::string upstream,
              std::string traffic);

  // A call that has ended. `sampled_trace` as in MetricCells.
  void Count(MetricCells& cells, Code code, std::chrono::nanoseconds duration,
             const TraceId* sampled_trace);

 private:
  MetricTable& table_;
  const std::size_t requests_;
  const prometheus::Labels labels_;
  const HistogramId duration_;
  SeriesSlots by_code_{kCodeCount};
};

// What requests of one method held that was let pass. Thread-safe.
class UnknownFieldMetrics {
 public:
  // `metrics` outlives it.
  UnknownFieldMetrics(Metrics& metrics, std::string method);

  void Count(MetricCells& cells, const DroppedInput& dropped);

 private:
  CounterId SeriesOf(std::uint32_t key, std::string_view kind);

  MetricTable& table_;
  const std::size_t fields_;
  const std::string method_;
  SeriesSlots by_kind_{2};
};

// The calls of one upstream, REST or gRPC alike, on the routes of one split. Thread-safe.
class BackendMetrics {
 public:
  // `split` is "" on routes without one. `metrics` outlives it.
  BackendMetrics(Metrics& metrics, std::string split, std::string upstream);

  // `status` is the HTTP status; of a gRPC answer that of its code.
  void Count(MetricCells& cells, int status, std::chrono::nanoseconds duration,
             const TraceId* sampled_trace);

  // A call that went elsewhere because the upstream's breaker was open.
  void CountFallback() { fallbacks_.Increment(); }
  // An attempt after the first.
  void CountRetry() { retries_.Increment(); }

 private:
  CounterId SeriesOf(int status);

  MetricTable& table_;
  const std::size_t requests_;
  const prometheus::Labels labels_;
  const HistogramId duration_;
  SeriesSlots by_status_{16};
  prometheus::Counter& fallbacks_;
  prometheus::Counter& retries_;
};

}  // namespace puente

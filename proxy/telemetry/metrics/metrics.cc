#include "proxy/telemetry/metrics/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>

#include "proxy/telemetry/http_method.h"
#include "proxy/telemetry/metrics/open_metrics.h"
#include "proxy/telemetry/metrics/process_metrics.h"
#include "proxy/version.h"
#include "transcoder/codec.h"

namespace puente {
namespace {

using prometheus::MetricType;

// Every method with every status that Puente answers by itself, or nearly.
constexpr std::size_t kUnmatchedSeries = 128;

prometheus::Family<prometheus::Counter>& AddCounters(prometheus::Registry& registry,
                                                     std::string name, std::string help) {
  return prometheus::BuildCounter().Name(std::move(name)).Help(std::move(help)).Register(registry);
}

prometheus::Family<prometheus::Gauge>& AddGauges(prometheus::Registry& registry, std::string name,
                                                 std::string help) {
  return prometheus::BuildGauge().Name(std::move(name)).Help(std::move(help)).Register(registry);
}

prometheus::Counter& DroppedSpans(prometheus::Registry& registry, std::string reason) {
  return AddCounters(registry, "puente_spans_dropped_total",
                     "Spans that did not reach the collector, by the reason.")
      .Add({{"reason", std::move(reason)}});
}

}  // namespace

Metrics::Metrics()
    : grpc_requests_(table_.AddFamily("grpc_requests_total", "gRPC calls by their final status.",
                                      MetricType::Counter)),
      grpc_duration_(table_.AddFamily(
          "grpc_request_duration_seconds",
          "Duration of gRPC calls, from the first byte sent to the end of the answer.",
          MetricType::Histogram)),
      http_duration_(table_.AddFamily(
          "http_server_request_duration_seconds",
          "Duration of HTTP requests, from the end of the head to the end of the answer.",
          MetricType::Histogram)),
      backend_requests_(table_.AddFamily(
          "puente_backend_requests_total",
          "Calls of an upstream, by HTTP status; of a gRPC upstream by that of its code.",
          MetricType::Counter)),
      backend_duration_(table_.AddFamily("puente_backend_request_duration_seconds",
                                         "Duration of the calls of an upstream, REST or gRPC.",
                                         MetricType::Histogram)),
      transcode_duration_(table_.AddFamily(
          "puente_transcode_duration_seconds",
          "What Puente itself takes to make a call of a request, and an answer of a message: "
          "waiting for the client or the upstream does not count.",
          MetricType::Histogram)),
      unknown_fields_(table_.AddFamily("puente_unknown_fields_total",
                                       "Fields of bodies, and query parameters or form fields, "
                                       "that nothing is bound to and that "
                                       "were let pass.",
                                       MetricType::Counter)),
      request_transcoding(table_.AddHistogram(transcode_duration_, {{"direction", "request"}})),
      response_transcoding(table_.AddHistogram(transcode_duration_, {{"direction", "response"}})),
      unmatched_requests(*this, std::string(kUnmatchedRoute), kUnmatchedSeries),
      active_connections(
          AddGauges(*registry_, "grpc_active_connections", "Client connections that are open.")),
      rejected_connections(
          AddCounters(*registry_, "puente_rejected_connections_total",
                      "Client connections closed at once because of limits.max_connections.")),
      access_log_dropped(
          AddCounters(*registry_, "puente_access_log_dropped_total",
                      "Lines of the access log that could not be written, or not as fast as they "
                      "came.")
              .Add({})),
      spans_exported(AddCounters(*registry_, "puente_spans_exported_total",
                                 "Spans that the collector has taken.")
                         .Add({})),
      spans_dropped_queue_full(DroppedSpans(*registry_, "queue_full")),
      spans_dropped_export_failed(DroppedSpans(*registry_, "export_failed")),
      reloads_(AddCounters(
          *registry_, "puente_config_reloads_total",
          "How often the API was to be served anew from changed descriptors, by its result.")),
      reloads_succeeded_(reloads_.Add({{"result", "success"}})),
      reloads_failed_(reloads_.Add({{"result", "failure"}})),
      rollbacks_(AddCounters(*registry_, "puente_rollbacks_total",
                             "How often a split was set back, by the reason.")),
      comparisons_(AddCounters(*registry_, "puente_shadow_comparisons_total",
                               "Answers of shadow calls compared with the live ones.")),
      shadows_dropped_(AddCounters(*registry_, "puente_shadow_dropped_total",
                                   "Requests that were not copied, since too many copies were "
                                   "under way or they were too large.")),
      fallbacks_(AddCounters(*registry_, "puente_fallbacks_total",
                             "Calls that went elsewhere because the breaker of their upstream was "
                             "open.")),
      retries_(
          AddCounters(*registry_, "puente_retries_total", "Attempts of calls after the first.")),
      last_reload_successful_(
          AddGauges(*registry_, "puente_config_last_reload_successful",
                    "1 when what was loaded last is served, 0 when what was before had to stay.")
              .Add({})) {
  last_reload_successful_.Set(1);
  AddGauges(*registry_, "puente_build_info", "The version that runs; always 1.")
      .Add({{"version", std::string(kVersion)}})
      .Set(1);
}

void Metrics::CountReload(bool succeeded) {
  (succeeded ? reloads_succeeded_ : reloads_failed_).Increment();
  last_reload_successful_.Set(succeeded ? 1 : 0);
}

void Metrics::SetTlsExpiry(const std::string& listener,
                           std::chrono::system_clock::time_point not_after) {
  AddGauges(*registry_, "puente_tls_certificate_expiry_seconds",
            "When the certificate of a listener ends, in Unix time.")
      .Add({{"listener", listener}})
      .Set(ToSeconds(not_after.time_since_epoch()));
  TlsReloads(listener, true);
  TlsReloads(listener, false);
}

void Metrics::CountTlsReload(const std::string& listener, bool succeeded) {
  TlsReloads(listener, succeeded).Increment();
}

prometheus::Counter& Metrics::TlsReloads(const std::string& listener, bool succeeded) {
  return AddCounters(*registry_, "puente_tls_reloads_total",
                     "How often the certificate of a listener was read anew.")
      .Add({{"listener", listener}, {"result", succeeded ? "success" : "failure"}});
}

std::string Metrics::Render(Exposition exposition,
                            std::vector<prometheus::MetricFamily> more) const {
  std::vector<prometheus::MetricFamily> families = registry_->Collect();
  std::ranges::move(more, std::back_inserter(families));
  std::ranges::move(table_.Collect(), std::back_inserter(families));
  std::ranges::move(CollectProcessMetrics(), std::back_inserter(families));
  if (exposition == Exposition::kPrometheus) {
    return prometheus::TextSerializer().Serialize(families);
  }
  return WriteOpenMetrics(families, table_.CollectExemplars());
}

std::string_view Metrics::ContentType(Exposition exposition) {
  return exposition == Exposition::kPrometheus
             ? "text/plain; version=0.0.4; charset=utf-8"
             : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

SplitMetrics Metrics::OfSplit(const std::string& split) {
  const auto rollback = [&](const char* reason) -> prometheus::Counter& {
    return rollbacks_.Add({{"split", split}, {"reason", reason}});
  };
  const auto comparison = [&](const char* result) -> prometheus::Counter& {
    return comparisons_.Add({{"split", split}, {"result", result}});
  };
  return {rollback("error_rate"),
          rollback("latency"),
          rollback("manual"),
          comparison("match"),
          comparison("mismatch"),
          comparison("error"),
          shadows_dropped_.Add({{"split", split}})};
}

CallMetrics::CallMetrics(Metrics& metrics, std::string service, std::string method,
                         std::string upstream, std::string traffic)
    : table_(metrics.table_),
      requests_(metrics.grpc_requests_),
      labels_{{"service", std::move(service)},
              {"method", std::move(method)},
              {"upstream", std::move(upstream)},
              {"traffic", std::move(traffic)}},
      duration_(table_.AddHistogram(metrics.grpc_duration_, labels_)) {}

void CallMetrics::Count(MetricCells& cells, Code code, std::chrono::nanoseconds duration,
                        const TraceId* sampled_trace) {
  const Code known = CodeOfNumber(static_cast<int>(code));
  const auto key = static_cast<std::uint32_t>(known) + 1;
  cells.Add({by_code_.Get(key, [&] {
    prometheus::Labels labels = labels_;
    labels.emplace("status", CodeName(known));
    return table_.AddCounter(requests_, labels).index;
  })});
  cells.Observe(duration_, duration, sampled_trace);
}

UnknownFieldMetrics::UnknownFieldMetrics(Metrics& metrics, std::string method)
    : table_(metrics.table_), fields_(metrics.unknown_fields_), method_(std::move(method)) {}

void UnknownFieldMetrics::Count(MetricCells& cells, const DroppedInput& dropped) {
  if (dropped.in_body > 0) cells.Add(SeriesOf(1, "body"), dropped.in_body);
  if (dropped.in_query > 0) cells.Add(SeriesOf(2, "query"), dropped.in_query);
}

CounterId UnknownFieldMetrics::SeriesOf(std::uint32_t key, std::string_view kind) {
  return {by_kind_.Get(key, [&] {
    return table_.AddCounter(fields_, {{"method", method_}, {"kind", std::string(kind)}}).index;
  })};
}

BackendMetrics::BackendMetrics(Metrics& metrics, std::string split, std::string upstream)
    : table_(metrics.table_),
      requests_(metrics.backend_requests_),
      labels_{{"split", std::move(split)}, {"upstream", std::move(upstream)}},
      duration_(table_.AddHistogram(metrics.backend_duration_, labels_)),
      fallbacks_(metrics.fallbacks_.Add(labels_)),
      retries_(metrics.retries_.Add({{"upstream", labels_.at("upstream")}})) {
  // Errors begin at 0, so that the first burst of them is an increase.
  for (const int status : {200, 500, 502, 503, 504}) SeriesOf(status);
}

CounterId BackendMetrics::SeriesOf(int status) {
  return {by_status_.Get(static_cast<std::uint32_t>(status), [&] {
    prometheus::Labels labels = labels_;
    labels.emplace("code", std::to_string(status));
    return table_.AddCounter(requests_, labels).index;
  })};
}

void BackendMetrics::Count(MetricCells& cells, int status, std::chrono::nanoseconds duration,
                           const TraceId* sampled_trace) {
  cells.Add(SeriesOf(status));
  cells.Observe(duration_, duration, sampled_trace);
}

RouteMetrics::RouteMetrics(Metrics& metrics, std::string route, std::size_t usual_series)
    : table_(metrics.table_),
      duration_(metrics.http_duration_),
      route_(std::move(route)),
      by_method_and_status_(usual_series) {}

void RouteMetrics::Count(MetricCells& cells, std::string_view method, int status,
                         std::chrono::nanoseconds duration, const TraceId* sampled_trace) {
  const auto key = static_cast<std::uint32_t>((MethodIndex(method) + 1) << 16) |
                   static_cast<std::uint32_t>(status);
  const std::uint32_t id = by_method_and_status_.Get(key, [&] {
    return table_
        .AddHistogram(duration_, {{"http_route", route_},
                                  {"http_request_method", std::string(KnownMethod(method))},
                                  {"http_response_status_code", std::to_string(status)}})
        .index;
  });
  cells.Observe({id}, duration, sampled_trace);
}

}  // namespace puente

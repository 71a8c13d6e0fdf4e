#include "proxy/telemetry/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>

#include "proxy/version.h"
#include "transcoder/codec.h"

namespace puente {
namespace {

// Those of the OpenTelemetry conventions, and finer ones below: a sidecar's own share is well under
// a millisecond.
const prometheus::Histogram::BucketBoundaries kDurationBuckets{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075,
    0.1,    0.25,    0.5,    0.75,  1,      2.5,   5,    7.5,   10};

double Seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// The methods of RFC 9110 and PATCH; others must not become label values.
std::string_view MethodLabel(std::string_view method) {
  static constexpr std::string_view kKnown[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                                "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  const auto* known = std::find(std::begin(kKnown), std::end(kKnown), method);
  return known == std::end(kKnown) ? "_OTHER" : *known;
}

prometheus::Labels CallLabels(std::string service, std::string method, std::string upstream) {
  return {{"service", std::move(service)},
          {"method", std::move(method)},
          {"upstream", std::move(upstream)},
          {"traffic", "live"}};
}

prometheus::Counter& ReloadsOf(prometheus::Registry& registry, std::string result) {
  return prometheus::BuildCounter()
      .Name("puente_config_reloads_total")
      .Help("How often the API was to be served anew from changed descriptors, by its result.")
      .Register(registry)
      .Add({{"result", std::move(result)}});
}

}  // namespace

Metrics::Metrics()
    : grpc_requests(prometheus::BuildCounter()
                        .Name("grpc_requests_total")
                        .Help("gRPC calls by their final status.")
                        .Register(*registry_)),
      grpc_duration(
          prometheus::BuildHistogram()
              .Name("grpc_request_duration_seconds")
              .Help("Duration of gRPC calls, from the first byte sent to the end of the answer.")
              .Register(*registry_)),
      http_duration(
          prometheus::BuildHistogram()
              .Name("http_server_request_duration_seconds")
              .Help("Duration of HTTP requests, from the end of the head to the end of the answer.")
              .Register(*registry_)),
      active_connections(prometheus::BuildGauge()
                             .Name("grpc_active_connections")
                             .Help("Client connections that are open.")
                             .Register(*registry_)),
      rejected_connections(
          prometheus::BuildCounter()
              .Name("puente_rejected_connections_total")
              .Help("Client connections closed at once because of limits.max_connections.")
              .Register(*registry_)),
      unknown_fields(prometheus::BuildCounter()
                         .Name("puente_unknown_fields_total")
                         .Help("Fields of bodies, and query parameters or form fields, that "
                               "nothing is bound to and that were let pass.")
                         .Register(*registry_)),
      access_log_dropped(
          prometheus::BuildCounter()
              .Name("puente_access_log_dropped_total")
              .Help("Lines of the access log that could not be written, or not as fast as they "
                    "came.")
              .Register(*registry_)
              .Add({})),
      reloads_succeeded_(ReloadsOf(*registry_, "success")),
      reloads_failed_(ReloadsOf(*registry_, "failure")),
      last_reload_successful_(
          prometheus::BuildGauge()
              .Name("puente_config_last_reload_successful")
              .Help("1 when what was loaded last is served, 0 when what was before had to stay.")
              .Register(*registry_)
              .Add({})) {
  last_reload_successful_.Set(1);
  prometheus::BuildGauge()
      .Name("puente_build_info")
      .Help("The version that runs; always 1.")
      .Register(*registry_)
      .Add({{"version", std::string(kVersion)}})
      .Set(1);
}

void Metrics::CountReload(bool succeeded) {
  (succeeded ? reloads_succeeded_ : reloads_failed_).Increment();
  last_reload_successful_.Set(succeeded ? 1 : 0);
}

std::string Metrics::Render() const {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

CallMetrics::CallMetrics(Metrics& metrics, std::string service, std::string method,
                         std::string upstream)
    : metrics_(metrics),
      labels_(CallLabels(std::move(service), std::move(method), std::move(upstream))),
      duration_(metrics.grpc_duration.Add(labels_, kDurationBuckets)) {}

prometheus::Labels CallMetrics::LabelsOf(Code code) const {
  prometheus::Labels labels = labels_;
  labels.emplace("status", CodeName(code));
  return labels;
}

void CallMetrics::Count(Code code, std::chrono::nanoseconds duration) {
  const int index = static_cast<int>(code);
  auto& slot =
      by_code_[index >= 0 && index < kCodeCount ? index : static_cast<int>(Code::kUnknown)];
  prometheus::Counter* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = &metrics_.grpc_requests.Add(LabelsOf(code));
    slot.store(counter, std::memory_order_release);
  }
  counter->Increment();
  duration_.Observe(Seconds(duration));
}

void CallMetrics::CountUnknown(const DroppedInput& dropped) {
  AddUnknown(unknown_in_body_, "body", dropped.in_body);
  AddUnknown(unknown_in_query_, "query", dropped.in_query);
}

void CallMetrics::AddUnknown(Slot& slot, std::string_view kind, std::size_t count) {
  if (count == 0) return;
  prometheus::Counter* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = &metrics_.unknown_fields.Add(
        {{"method", labels_.at("method")}, {"kind", std::string(kind)}});
    slot.store(counter, std::memory_order_release);
  }
  counter->Increment(static_cast<double>(count));
}

void HttpMetrics::Observe(std::string_view route, std::string_view method, int status,
                          std::chrono::nanoseconds duration) {
  const std::tuple key(route, MethodLabel(method), status);
  auto found = series_.find(key);
  if (found == series_.end()) {
    auto& histogram =
        metrics_.http_duration.Add({{"http_route", std::string(route)},
                                    {"http_request_method", std::string(std::get<1>(key))},
                                    {"http_response_status_code", std::to_string(status)}},
                                   kDurationBuckets);
    found = series_.emplace(Key(route, std::get<1>(key), status), &histogram).first;
  }
  found->second->Observe(Seconds(duration));
}

}  // namespace puente

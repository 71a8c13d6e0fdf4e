#include "proxy/telemetry/telemetry.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "proxy/telemetry/tracing/make_span_exporter.h"

namespace puente {
namespace {

std::optional<TracingSettings> ReadTracing(const LoadedConfig& loaded,
                                           const Environment& environment,
                                           std::vector<Problem>& problems) {
  std::vector<Problem> found;
  auto settings = MakeTracingSettings(loaded.config.telemetry(), environment, found);
  for (const Problem& problem : found) {
    problems.push_back(loaded.positions.At(problem.key, problem.message));
  }
  return settings;
}

}  // namespace

std::unique_ptr<Telemetry> Telemetry::Open(const LoadedConfig& loaded,
                                           const Environment& environment,
                                           std::vector<Problem>& problems) {
  const std::size_t before = problems.size();
  std::unique_ptr<Telemetry> telemetry(new Telemetry());
  telemetry->counts_requests_ = loaded.config.telemetry().metrics().enabled();
  telemetry->access_log_ = OpenAccessLog(loaded, telemetry->metrics_.access_log_dropped, problems);
  telemetry->tracer_.propagators = PropagatorsFrom(environment);
  const auto tracing = ReadTracing(loaded, environment, problems);
  if (problems.size() > before) return nullptr;
  if (tracing) telemetry->StartTracing(*tracing);
  return telemetry;
}

void Telemetry::Check(const LoadedConfig& loaded, const Environment& environment,
                      std::vector<Problem>& problems) {
  CheckAccessLog(loaded, problems);
  ReadTracing(loaded, environment, problems);
}

void Telemetry::StartTracing(const TracingSettings& settings) {
  tracer_.sampler = settings.sampler;
  tracer_.max_events = settings.max_span_events;
  const SpanCounters counters{.exported = metrics_.spans_exported,
                              .dropped_queue_full = metrics_.spans_dropped_queue_full,
                              .dropped_export_failed = metrics_.spans_dropped_export_failed};
  const std::string collector = ToString(settings.otlp.url);
  spans_.emplace(MakeSpanExporter(settings), settings.batch, counters, collector);
  spdlog::info("spans go to {}", collector);
}

WorkerTelemetry Telemetry::AddWorker() {
  return {.metrics = metrics_,
          .cells = counts_requests_ ? &metrics_.AddCells() : nullptr,
          .log = access_log_ ? &access_log_->AddBuffer() : nullptr,
          .tracer = {.options = tracer_, .spans = spans_ ? &spans_->AddBuffer() : nullptr},
          .warnings = warnings_};
}

}  // namespace puente

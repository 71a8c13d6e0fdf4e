#include "proxy/telemetry/tracing/tracing_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "proxy/telemetry/tracing/otel_environment.h"

namespace puente {
namespace {

using Kind = SamplerSettings::Kind;

// Above these numbers a mistake is more likely than a wish: a span takes kilobytes.
constexpr std::size_t kMostQueued = 1 << 20;
constexpr std::size_t kMostEvents = 1 << 16;

struct NamedSampler {
  std::string_view name;
  Kind kind;
};
constexpr NamedSampler kSamplers[] = {
    {"always_on", Kind::kAlwaysOn},
    {"always_off", Kind::kAlwaysOff},
    {"traceidratio", Kind::kTraceIdRatio},
    {"parentbased_always_on", Kind::kParentBasedAlwaysOn},
    {"parentbased_always_off", Kind::kParentBasedAlwaysOff},
    {"parentbased_traceidratio", Kind::kParentBasedTraceIdRatio},
};

bool HasRatio(Kind kind) {
  return kind == Kind::kTraceIdRatio || kind == Kind::kParentBasedTraceIdRatio;
}

double RatioFrom(const OtelEnvironment& otel) {
  const auto variable = otel.Find({"OTEL_TRACES_SAMPLER_ARG"});
  if (!variable) return 1;
  double ratio = -1;
  const char* const end = variable->value.data() + variable->value.size();
  const auto [stop, error] = std::from_chars(variable->value.data(), end, ratio);
  if (error == std::errc() && stop == end && ratio >= 0 && ratio <= 1) return ratio;
  WarnOfVariable(variable->name, "not a number from 0 to 1", "1 is used");
  return 1;
}

SamplerSettings SamplerOf(const config::Tracing& tracing, const OtelEnvironment& otel) {
  if (tracing.has_sample_ratio()) return {Kind::kParentBasedTraceIdRatio, tracing.sample_ratio()};
  const auto variable = otel.FindName({"OTEL_TRACES_SAMPLER"});
  if (!variable) return {};
  const auto* const sampler = std::ranges::find(kSamplers, variable->value, &NamedSampler::name);
  if (sampler == std::end(kSamplers)) {
    WarnOfVariable(variable->name, "there is no such sampler here",
                   "parentbased_always_on is used");
    return {};
  }
  return {sampler->kind, HasRatio(sampler->kind) ? RatioFrom(otel) : 1};
}

BatchSettings BatchFrom(const OtelEnvironment& otel) {
  BatchSettings batch;
  batch.schedule_delay = otel.Milliseconds({"OTEL_BSP_SCHEDULE_DELAY"}, batch.schedule_delay);
  batch.max_queue_size =
      otel.Number({"OTEL_BSP_MAX_QUEUE_SIZE"}, 1, kMostQueued, batch.max_queue_size);
  constexpr std::string_view kBatch = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE";
  batch.max_batch_size = otel.Number({kBatch}, 1, kMostQueued, batch.max_batch_size);
  if (batch.max_batch_size > batch.max_queue_size) {
    if (otel.Find({kBatch})) {
      WarnOfVariable(kBatch, "more than OTEL_BSP_MAX_QUEUE_SIZE",
                     fmt::format("{} is used", batch.max_queue_size));
    }
    batch.max_batch_size = batch.max_queue_size;
  }
  return batch;
}

// What OTEL_TRACES_EXPORTER, a list, says; nullopt: nothing that is understood.
std::optional<bool> ExporterSays(const OtelEnvironment& otel) {
  const auto variable = otel.FindName({"OTEL_TRACES_EXPORTER"});
  if (!variable) return std::nullopt;
  std::optional<bool> says;
  for (const std::string& name : SplitList(variable->value)) {
    if (name == "otlp" || name == "none") {
      says = name == "otlp" || says.value_or(false);
    } else {
      WarnOfVariable(variable->name, fmt::format("there is no exporter `{}` here", name),
                     "it is passed over; otlp and none are known");
    }
  }
  return says;
}

bool IsEnabled(const config::Telemetry& telemetry, const OtelEnvironment& otel) {
  if (otel.IsTrue("OTEL_SDK_DISABLED")) return false;
  if (telemetry.has_tracing()) return true;
  const bool endpoint =
      otel.Find({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"}).has_value();
  return ExporterSays(otel).value_or(endpoint);
}

}  // namespace

std::optional<TracingSettings> MakeTracingSettings(const config::Telemetry& telemetry,
                                                   const Environment& environment,
                                                   std::vector<Problem>& problems) {
  const OtelEnvironment otel(environment);
  if (!IsEnabled(telemetry, otel)) return std::nullopt;
  const config::Tracing& tracing = telemetry.tracing();
  auto otlp = MakeOtlpSettings(tracing, environment, problems);
  if (!otlp) return std::nullopt;
  TracingSettings settings;
  settings.otlp = *std::move(otlp);
  settings.sampler = SamplerOf(tracing, otel);
  settings.batch = BatchFrom(otel);
  settings.max_span_events =
      otel.Number({"OTEL_SPAN_EVENT_COUNT_LIMIT"}, 0, kMostEvents, settings.max_span_events);
  settings.resource = MakeResource(tracing.service_name(), environment);
  return settings;
}

}  // namespace puente

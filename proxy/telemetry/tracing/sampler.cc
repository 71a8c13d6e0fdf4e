#include "proxy/telemetry/tracing/sampler.h"

#include <cmath>
#include <cstdint>

namespace puente {
namespace {

using Kind = SamplerSettings::Kind;

// OpenTelemetry's SDKs take the last 8 bytes without their first bit for a number below 2^63, and
// keep the traces whose number is below that share.
bool IsBelowRatio(const TraceId& trace_id, double ratio) {
  if (ratio >= 1) return true;
  std::uint64_t number = 0;
  for (std::size_t i = 8; i < trace_id.size(); ++i) number = number << 8 | trace_id[i];
  return static_cast<double>(number >> 1) < std::ldexp(ratio, 63);
}

}  // namespace

bool IsSampled(const SamplerSettings& settings, std::optional<bool> parent_sampled,
               const TraceId& trace_id) {
  switch (settings.kind) {
    case Kind::kAlwaysOn:
      return true;
    case Kind::kAlwaysOff:
      return false;
    case Kind::kTraceIdRatio:
      return IsBelowRatio(trace_id, settings.ratio);
    case Kind::kParentBasedAlwaysOn:
      return parent_sampled.value_or(true);
    case Kind::kParentBasedAlwaysOff:
      return parent_sampled.value_or(false);
    case Kind::kParentBasedTraceIdRatio:
      return parent_sampled ? *parent_sampled : IsBelowRatio(trace_id, settings.ratio);
  }
  return true;
}

}  // namespace puente

// Metrics as OpenMetrics 1.0 text, with the exemplars that Prometheus's own format has no room for.
#pragma once

#include <prometheus/metric_family.h>

#include <span>
#include <string>

#include "proxy/telemetry/metrics/metric_table.h"
#include "transcoder/http_message.h"

namespace puente {

// Counters, gauges and histograms; families of other types are left out. Exemplars have the label
// `trace_id`.
std::string WriteOpenMetrics(std::span<const prometheus::MetricFamily> families,
                             const ExemplarTable& exemplars);

// Whether the scraper asks for OpenMetrics at least as much as for Prometheus's text format, by
// the q values of its `Accept`.
bool PrefersOpenMetrics(std::span<const HeaderView> headers);

}  // namespace puente

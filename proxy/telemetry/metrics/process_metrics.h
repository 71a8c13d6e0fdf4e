// The standard process_* metrics (prometheus.io/docs/instrumenting/writing_clientlibs), from /proc.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace puente {

// CPU seconds, memory, file descriptors, threads and start time of this process, as of now. Those
// that can't be read are left out. Thread-safe.
std::vector<prometheus::MetricFamily> CollectProcessMetrics();

}  // namespace puente

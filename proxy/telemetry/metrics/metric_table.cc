#include "proxy/telemetry/metrics/metric_table.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace puente {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

std::vector<ClientMetric::Label> ToClientLabels(const prometheus::Labels& labels) {
  std::vector<ClientMetric::Label> client;
  client.reserve(labels.size());
  for (const auto& [name, value] : labels) client.push_back({name, value});
  return client;
}

ClientMetric::Histogram ToClientHistogram(const HistogramCount& count) {
  ClientMetric::Histogram histogram;
  histogram.bucket.reserve(kDurationBuckets);
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < kDurationBuckets; ++i) {
    cumulative += count.buckets[i];
    const bool last = i == kDurationBounds.size();
    histogram.bucket.push_back({cumulative, last ? std::numeric_limits<double>::infinity()
                                                 : ToSeconds(kDurationBounds[i])});
  }
  histogram.sample_count = cumulative;
  histogram.sample_sum = count.seconds;
  return histogram;
}

}  // namespace

std::size_t MetricTable::AddFamily(std::string name, std::string help, MetricType type) {
  const std::lock_guard lock(mutex_);
  families_.push_back({std::move(name), std::move(help), type, {}, {}});
  return families_.size() - 1;
}

CounterId MetricTable::AddCounter(std::size_t family, const prometheus::Labels& labels) {
  return {Add(family, labels, next_counter_)};
}

HistogramId MetricTable::AddHistogram(std::size_t family, const prometheus::Labels& labels) {
  return {Add(family, labels, next_histogram_)};
}

std::uint32_t MetricTable::Add(std::size_t family, const prometheus::Labels& labels,
                               std::uint32_t& next) {
  const std::lock_guard lock(mutex_);
  Family& in = families_[family];
  const auto [found, is_new] = in.by_labels.try_emplace(labels, in.series.size());
  if (is_new) {
    if (next == kMostSeries) spdlog::warn("metrics: no room for more series of {}", in.name);
    in.series.push_back({labels, next <= kMostSeries ? next++ : next});
  }
  return in.series[found->second].id;
}

MetricCells& MetricTable::AddCells() {
  const std::lock_guard lock(mutex_);
  return *cells_.emplace_back(std::make_unique<MetricCells>());
}

void MetricTable::CollectCounters(const Family& family, prometheus::MetricFamily& collected) const {
  for (const Series& series : family.series) {
    if (series.id >= kMostSeries) continue;
    std::uint64_t sum = 0;
    for (const auto& cells : cells_) sum += cells->Read(CounterId{series.id});
    ClientMetric& metric = collected.metric.emplace_back();
    metric.label = ToClientLabels(series.labels);
    metric.counter.value = static_cast<double>(sum);
  }
}

void MetricTable::CollectHistograms(const Family& family,
                                    prometheus::MetricFamily& collected) const {
  for (const Series& series : family.series) {
    HistogramCount count;
    for (const auto& cells : cells_) cells->Read(HistogramId{series.id}, count);
    auto histogram = ToClientHistogram(count);
    if (histogram.sample_count == 0) continue;
    ClientMetric& metric = collected.metric.emplace_back();
    metric.label = ToClientLabels(series.labels);
    metric.histogram = std::move(histogram);
  }
}

std::vector<prometheus::MetricFamily> MetricTable::Collect() const {
  const std::lock_guard lock(mutex_);
  std::vector<prometheus::MetricFamily> collected;
  for (const Family& family : families_) {
    prometheus::MetricFamily of{family.name, family.help, family.type, {}};
    family.type == MetricType::Counter ? CollectCounters(family, of)
                                       : CollectHistograms(family, of);
    if (!of.metric.empty()) collected.push_back(std::move(of));
  }
  return collected;
}

ExemplarTable MetricTable::CollectExemplars() const {
  const std::lock_guard lock(mutex_);
  ExemplarTable table;
  for (const Family& family : families_) {
    if (family.type != MetricType::Histogram) continue;
    for (const Series& series : family.series) {
      BucketExemplars newest;
      for (const auto& cells : cells_) cells->ReadExemplars(HistogramId{series.id}, newest);
      const bool any = std::ranges::any_of(newest, [](const auto& one) { return one.has_value(); });
      if (any) table.emplace(std::pair(family.name, ToClientLabels(series.labels)), newest);
    }
  }
  return table;
}

}  // namespace puente

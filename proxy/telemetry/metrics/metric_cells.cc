#include "proxy/telemetry/metrics/metric_cells.h"

#include <algorithm>

namespace puente {
namespace {

using std::chrono::nanoseconds;

// Of the one thread that writes: cheaper than an atomic addition.
template <class Number>
void AddAlone(std::atomic<Number>& cell, Number number) {
  cell.store(cell.load(std::memory_order_relaxed) + number, std::memory_order_relaxed);
}

std::size_t BucketOf(nanoseconds duration) {
  const auto* bound = std::ranges::find_if(
      kDurationBounds, [duration](nanoseconds upper) { return duration <= upper; });
  return static_cast<std::size_t>(bound - kDurationBounds.begin());
}

// What `slot` points to, made now if it has to be.
template <class T>
T& Made(std::atomic<T*>& slot) {
  T* there = slot.load(std::memory_order_relaxed);
  if (there == nullptr) {
    there = new T();
    slot.store(there, std::memory_order_release);
  }
  return *there;
}

}  // namespace

void HistogramCount::Add(const HistogramCount& other) {
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
  seconds += other.seconds;
}

MetricCells::MetricCells() = default;

MetricCells::~MetricCells() {
  for (auto& chunk : counters_) delete chunk.load();
  for (auto& slot : histograms_) {
    const std::unique_ptr<HistogramChunk> chunk(slot.load());
    if (!chunk) continue;
    for (auto& histogram : *chunk) delete histogram.load();
  }
}

void MetricCells::Add(CounterId id, std::uint64_t count) {
  if (id.index >= kMostSeries) return;
  AddAlone(Made(counters_[id.index / kChunk])[id.index % kChunk], count);
}

void MetricCells::Observe(HistogramId id, nanoseconds duration, const TraceId* sampled_trace) {
  if (id.index >= kMostSeries) return;
  Histogram& histogram = Made(Made(histograms_[id.index / kChunk])[id.index % kChunk]);
  const nanoseconds positive = std::max(duration, nanoseconds(0));
  const std::size_t bucket = BucketOf(positive);
  AddAlone(histogram.buckets[bucket], std::uint64_t{1});
  AddAlone(histogram.seconds, ToSeconds(positive));
  if (sampled_trace != nullptr) {
    KeepExemplar(histogram, bucket, {*sampled_trace, positive, std::chrono::system_clock::now()});
  }
}

void MetricCells::KeepExemplar(Histogram& histogram, std::size_t bucket, const Exemplar& exemplar) {
  const std::lock_guard lock(exemplars_mutex_);
  if (!histogram.exemplars) histogram.exemplars = std::make_unique<BucketExemplars>();
  (*histogram.exemplars)[bucket] = exemplar;
}

std::uint64_t MetricCells::Read(CounterId id) const {
  if (id.index >= kMostSeries) return 0;
  const CounterChunk* chunk = counters_[id.index / kChunk].load(std::memory_order_acquire);
  return chunk == nullptr ? 0 : (*chunk)[id.index % kChunk].load(std::memory_order_relaxed);
}

const MetricCells::Histogram* MetricCells::Find(HistogramId id) const {
  if (id.index >= kMostSeries) return nullptr;
  const HistogramChunk* chunk = histograms_[id.index / kChunk].load(std::memory_order_acquire);
  return chunk == nullptr ? nullptr : (*chunk)[id.index % kChunk].load(std::memory_order_acquire);
}

void MetricCells::Read(HistogramId id, HistogramCount& sum) const {
  const Histogram* histogram = Find(id);
  if (histogram == nullptr) return;
  HistogramCount count;
  for (std::size_t i = 0; i < kDurationBuckets; ++i) {
    count.buckets[i] = histogram->buckets[i].load(std::memory_order_relaxed);
  }
  count.seconds = histogram->seconds.load(std::memory_order_relaxed);
  sum.Add(count);
}

void MetricCells::ReadExemplars(HistogramId id, BucketExemplars& newest) const {
  const Histogram* histogram = Find(id);
  if (histogram == nullptr) return;
  const std::lock_guard lock(exemplars_mutex_);
  if (!histogram->exemplars) return;
  for (std::size_t i = 0; i < kDurationBuckets; ++i) {
    const std::optional<Exemplar>& own = (*histogram->exemplars)[i];
    if (own && (!newest[i] || newest[i]->time < own->time)) newest[i] = own;
  }
}

}  // namespace puente

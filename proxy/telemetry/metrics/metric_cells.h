// Where one worker counts: a cell for each series, which nobody else writes to.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "transcoder/trace_context.h"

namespace puente {

// A series of a MetricTable. Of one that there was no room for nothing is counted.
struct CounterId {
  std::uint32_t index = 0;
};
struct HistogramId {
  std::uint32_t index = 0;
};

// How many series of each kind there may be; labels come from the configuration and the
// descriptors, so that this is far above what is needed.
inline constexpr std::uint32_t kMostSeries = 1 << 16;

// The upper bounds of the buckets of every histogram: those of the OpenTelemetry conventions, and
// finer ones below, since a sidecar's own share is well under a millisecond.
inline constexpr auto kDurationBounds = std::to_array<std::chrono::nanoseconds>(
    {std::chrono::microseconds(100), std::chrono::microseconds(250), std::chrono::microseconds(500),
     std::chrono::milliseconds(1), std::chrono::microseconds(2500), std::chrono::milliseconds(5),
     std::chrono::milliseconds(10), std::chrono::milliseconds(25), std::chrono::milliseconds(50),
     std::chrono::milliseconds(75), std::chrono::milliseconds(100), std::chrono::milliseconds(250),
     std::chrono::milliseconds(500), std::chrono::milliseconds(750), std::chrono::seconds(1),
     std::chrono::milliseconds(2500), std::chrono::seconds(5), std::chrono::milliseconds(7500),
     std::chrono::seconds(10)});
// One more for what is above.
inline constexpr std::size_t kDurationBuckets = kDurationBounds.size() + 1;

// Metrics are in seconds.
inline double ToSeconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// A request that stands for those of its bucket.
struct Exemplar {
  TraceId trace_id{};
  std::chrono::nanoseconds value{};
  std::chrono::system_clock::time_point time;
};
using BucketExemplars = std::array<std::optional<Exemplar>, kDurationBuckets>;

// What has been counted, as a scrape sees it.
struct HistogramCount {
  std::array<std::uint64_t, kDurationBuckets> buckets{};
  double seconds = 0;  // the sum

  void Add(const HistogramCount& other);
};

// Written by its worker's thread only, read by any.
class MetricCells {
 public:
  MetricCells();
  ~MetricCells();
  MetricCells(const MetricCells&) = delete;
  MetricCells& operator=(const MetricCells&) = delete;

  void Add(CounterId id, std::uint64_t count = 1);
  // `sampled_trace` is that of the request when its spans are exported; nullptr otherwise.
  void Observe(HistogramId id, std::chrono::nanoseconds duration,
               const TraceId* sampled_trace = nullptr);

  // 0 for what was never counted.
  std::uint64_t Read(CounterId id) const;
  // Adds to `sum`.
  void Read(HistogramId id, HistogramCount& sum) const;
  // Replaces those in `newest` that are older.
  void ReadExemplars(HistogramId id, BucketExemplars& newest) const;

 private:
  static constexpr std::size_t kChunk = 64;
  static constexpr std::size_t kChunks = kMostSeries / kChunk;

  struct Histogram {
    std::array<std::atomic<std::uint64_t>, kDurationBuckets> buckets{};
    std::atomic<double> seconds{0};
    std::unique_ptr<BucketExemplars> exemplars;  // under exemplars_mutex_
  };
  using CounterChunk = std::array<std::atomic<std::uint64_t>, kChunk>;
  using HistogramChunk = std::array<std::atomic<Histogram*>, kChunk>;

  void KeepExemplar(Histogram& histogram, std::size_t bucket, const Exemplar& exemplar);
  const Histogram* Find(HistogramId id) const;

  // Chunks come into being when they are first needed, and stay.
  std::array<std::atomic<CounterChunk*>, kChunks> counters_{};
  std::array<std::atomic<HistogramChunk*>, kChunks> histograms_{};
  mutable std::mutex exemplars_mutex_;
};

}  // namespace puente

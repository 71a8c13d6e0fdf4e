// What a rollout knows of a backend: how many requests it had, how many failed, how long they took,
// and how many still wait.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "proxy/traffic/latency_buckets.h"

namespace puente {

// Requests of some time, or of several backends together. A value.
struct TrafficCount {
  std::uint64_t errors = 0;
  std::array<std::uint64_t, kLatencyBuckets> buckets{};  // errors count in them, too
  // Of the waits for an answer; those that ended are in `buckets` if they said anything.
  std::uint64_t waits_begun = 0;
  std::uint64_t waits_ended = 0;

  void Add(bool error, std::chrono::nanoseconds latency);
  std::uint64_t Requests() const;
  // The latency that `share` (0 to 1) of the requests did not exceed; within 6.25 % from 100 µs on,
  // 6.25 µs below. 0 when there were none.
  std::chrono::nanoseconds Percentile(double share) const;
  // How many took longer than `latency`; not those that are too close to it to tell.
  std::uint64_t SlowerThan(std::chrono::nanoseconds latency) const;

  TrafficCount& operator+=(const TrafficCount& other);
  // What has been counted since `earlier`, a snapshot of the same.
  TrafficCount& operator-=(const TrafficCount& earlier);
};

inline constexpr double kP95 = 0.95;

// The figures of a TrafficCount that are compared.
struct TrafficFigures {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;  // at most `requests`
  std::chrono::nanoseconds p95{};

  double ErrorRate() const;  // 0 when there were no requests
};
TrafficFigures FiguresOf(const TrafficCount& count);

// Counts the requests of one backend, for as long as it lives. Thread-safe, without a lock; threads
// have cells of their own as long as they are not more than kShards.
class TrafficStats {
 public:
  struct EndWait {
    void operator()(TrafficStats* stats) const;
  };
  // Of a request that has been sent and has no answer yet, until this goes, on any thread; the
  // stats outlive it.
  using Wait = std::unique_ptr<TrafficStats, EndWait>;
  Wait BeginWait();

  // What is an error, the caller decides.
  void Count(bool error, std::chrono::nanoseconds latency);
  // All since the beginning: never less than before.
  TrafficCount Take() const;

 private:
  static constexpr std::size_t kShards = 8;
  static constexpr std::size_t kCacheLine = 64;
  struct alignas(kCacheLine) Shard {
    std::atomic<std::uint64_t> errors{0};
    std::atomic<std::uint64_t> waits_begun{0};
    std::atomic<std::uint64_t> waits_ended{0};
    std::array<std::atomic<std::uint64_t>, kLatencyBuckets> buckets{};
  };

  Shard& ShardOfThisThread();

  std::array<Shard, kShards> shards_;
};

}  // namespace puente

// What a rollout knows of a backend: how many requests it had, how many failed, how long they took,
// and how long those have waited that have no answer.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "proxy/traffic/latency_buckets.h"

namespace puente {

// Waits are told apart by when they began, for about a minute; what waits for longer looks younger.
inline constexpr std::chrono::milliseconds kWaitSlot{125};
inline constexpr std::size_t kWaitSlots = 512;

// Requests of some time, or of several backends together. A value.
struct TrafficCount {
  using Time = std::chrono::steady_clock::time_point;
  using Histogram = std::array<std::uint64_t, kLatencyBuckets>;

  std::uint64_t errors = 0;
  Histogram answered{};    // by latency; errors count in it, too
  Histogram unanswered{};  // by how long they waited at least: clients left, or still wait
  // Those that wait at this moment, by the slot of their beginning; of no time that has passed, so
  // that nothing is subtracted from it.
  std::array<std::uint32_t, kWaitSlots> waiting{};

  void Add(bool error, std::chrono::nanoseconds latency);
  std::uint64_t Requests() const;  // with an answer
  std::uint64_t All() const;
  // The latency that `share` (0 to 1) of all did not exceed; within 6.25 % from 100 µs on, 6.25 µs
  // below. 0 when there were none.
  std::chrono::nanoseconds Percentile(double share) const;
  // How many of all took longer than `latency`; not those that are too close to it to tell.
  std::uint64_t SlowerThan(std::chrono::nanoseconds latency) const;

  TrafficCount& operator+=(const TrafficCount& other);
  // What has been counted since `earlier`, a snapshot of the same.
  TrafficCount& operator-=(const TrafficCount& earlier);

  // Moves those that wait to `unanswered`, where they have waited for at least `shortest` and at
  // most `longest`.
  void CountWaiting(Time now, std::chrono::nanoseconds shortest, std::chrono::nanoseconds longest);
};

inline constexpr double kP95 = 0.95;

// The figures of a TrafficCount that are compared.
struct TrafficFigures {
  std::uint64_t requests = 0;      // with an answer
  std::uint64_t errors = 0;        // at most `requests`
  std::chrono::nanoseconds p95{};  // of all

  double ErrorRate() const;  // 0 when there were no requests
};
TrafficFigures FiguresOf(const TrafficCount& count);

// Counts the requests of one backend, for as long as it lives. Thread-safe, without a lock; threads
// have cells of their own as long as they are not more than kShards.
class TrafficStats {
 public:
  using Time = TrafficCount::Time;

  struct EndWait {
    void operator()(std::atomic<std::uint32_t>* waiting) const;
  };
  // Of a request that has been sent and has no answer yet, until this goes, on any thread; the
  // stats outlive it.
  using Wait = std::unique_ptr<std::atomic<std::uint32_t>, EndWait>;
  Wait BeginWait(Time now);

  // An answer. What is an error, the caller decides.
  void Count(bool error, std::chrono::nanoseconds latency);
  // The client gave up after this time: no word on the backend but that it took longer.
  void CountLeft(std::chrono::nanoseconds waited);
  // All since the beginning: never less than before, but for those that wait.
  TrafficCount Take() const;

 private:
  static constexpr std::size_t kShards = 8;
  static constexpr std::size_t kCacheLine = 64;
  using Histogram = std::array<std::atomic<std::uint64_t>, kLatencyBuckets>;
  struct alignas(kCacheLine) Shard {
    std::atomic<std::uint64_t> errors{0};
    Histogram answered{};
    Histogram unanswered{};
    std::array<std::atomic<std::uint32_t>, kWaitSlots> waiting{};
  };

  Shard& ShardOfThisThread();

  std::array<Shard, kShards> shards_;
};

}  // namespace puente

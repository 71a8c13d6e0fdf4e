#include "proxy/traffic/traffic_stats.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace puente {

using std::chrono::nanoseconds;

void TrafficCount::Add(bool error, nanoseconds latency) {
  errors += error ? 1 : 0;
  ++buckets[LatencyBucket(latency)];
}

std::uint64_t TrafficCount::Requests() const {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

nanoseconds TrafficCount::Percentile(double share) const {
  const double rank = share * static_cast<double>(Requests());
  double below = 0;  // requests in the buckets before this one
  for (std::size_t i = 0; i < kLatencyBuckets; ++i) {
    const auto here = static_cast<double>(buckets[i]);
    if (here != 0 && below + here >= rank) {
      // As if the requests of a bucket were evenly spread over it.
      const nanoseconds begin = LatencyBucketBegin(i);
      const auto width = static_cast<double>((LatencyBucketBegin(i + 1) - begin).count());
      return begin + nanoseconds(std::llround(width * (rank - below) / here));
    }
    below += here;
  }
  return nanoseconds(0);
}

std::uint64_t TrafficCount::SlowerThan(nanoseconds latency) const {
  const auto next = static_cast<std::ptrdiff_t>(LatencyBucket(latency)) + 1;
  return std::accumulate(buckets.begin() + next, buckets.end(), std::uint64_t{0});
}

TrafficCount& TrafficCount::operator+=(const TrafficCount& other) {
  errors += other.errors;
  waits_begun += other.waits_begun;
  waits_ended += other.waits_ended;
  std::ranges::transform(buckets, other.buckets, buckets.begin(), std::plus());
  return *this;
}

TrafficCount& TrafficCount::operator-=(const TrafficCount& earlier) {
  errors -= earlier.errors;
  waits_begun -= earlier.waits_begun;
  waits_ended -= earlier.waits_ended;
  std::ranges::transform(buckets, earlier.buckets, buckets.begin(), std::minus());
  return *this;
}

double TrafficFigures::ErrorRate() const {
  return requests == 0 ? 0 : static_cast<double>(errors) / static_cast<double>(requests);
}

TrafficFigures FiguresOf(const TrafficCount& count) {
  const std::uint64_t requests = count.Requests();
  // A request that was being counted when the snapshot was taken may have its error in it only.
  return {requests, std::min(count.errors, requests), count.Percentile(kP95)};
}

TrafficStats::Wait TrafficStats::BeginWait() {
  ShardOfThisThread().waits_begun.fetch_add(1, std::memory_order_relaxed);
  return Wait(this);
}

void TrafficStats::EndWait::operator()(TrafficStats* stats) const {
  stats->ShardOfThisThread().waits_ended.fetch_add(1, std::memory_order_relaxed);
}

TrafficStats::Shard& TrafficStats::ShardOfThisThread() {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t shard = threads.fetch_add(1, std::memory_order_relaxed) % kShards;
  return shards_[shard];
}

void TrafficStats::Count(bool error, nanoseconds latency) {
  Shard& shard = ShardOfThisThread();
  shard.buckets[LatencyBucket(latency)].fetch_add(1, std::memory_order_relaxed);
  if (error) shard.errors.fetch_add(1, std::memory_order_relaxed);
}

TrafficCount TrafficStats::Take() const {
  TrafficCount count;
  for (const Shard& shard : shards_) {
    count.errors += shard.errors.load(std::memory_order_relaxed);
    count.waits_begun += shard.waits_begun.load(std::memory_order_relaxed);
    count.waits_ended += shard.waits_ended.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < kLatencyBuckets; ++i) {
      count.buckets[i] += shard.buckets[i].load(std::memory_order_relaxed);
    }
  }
  return count;
}

}  // namespace puente

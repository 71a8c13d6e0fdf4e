#include "proxy/traffic/traffic_stats.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>

namespace puente {
namespace {

using std::chrono::nanoseconds;

// Requests that began a moment after the time that they are compared with.
constexpr std::size_t kAhead = 8;

std::uint64_t SlotNumber(TrafficCount::Time time) {
  return static_cast<std::uint64_t>(time.time_since_epoch() / kWaitSlot);
}

// At least, of those that began in `slot`.
nanoseconds Waited(std::size_t slot, TrafficCount::Time now) {
  const std::uint64_t current = SlotNumber(now);
  const std::uint64_t slots_ago = (current - slot) % kWaitSlots;
  if (slots_ago == 0 || slots_ago >= kWaitSlots - kAhead) return nanoseconds(0);
  const TrafficCount::Time end(kWaitSlot * (current - slots_ago + 1));
  return now - end;
}

template <class To, class From, class Operation>
void Combine(To& to, const From& from, Operation operation) {
  std::ranges::transform(to, from, to.begin(), operation);
}

std::uint64_t Sum(std::span<const std::uint64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

template <class Cells, class Counts>
void AddCells(const Cells& cells, Counts& counts) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    counts[i] += cells[i].load(std::memory_order_relaxed);
  }
}

}  // namespace

void TrafficCount::Add(bool error, nanoseconds latency) {
  errors += error ? 1 : 0;
  ++answered[LatencyBucket(latency)];
}

std::uint64_t TrafficCount::Requests() const { return Sum(answered); }

std::uint64_t TrafficCount::All() const { return Requests() + Sum(unanswered); }

nanoseconds TrafficCount::Percentile(double share) const {
  const double rank = share * static_cast<double>(All());
  double below = 0;  // requests in the buckets before this one
  for (std::size_t i = 0; i < kLatencyBuckets; ++i) {
    const auto here = static_cast<double>(answered[i] + unanswered[i]);
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
  const std::size_t next = LatencyBucket(latency) + 1;
  return Sum(std::span(answered).subspan(next)) + Sum(std::span(unanswered).subspan(next));
}

TrafficCount& TrafficCount::operator+=(const TrafficCount& other) {
  errors += other.errors;
  Combine(answered, other.answered, std::plus());
  Combine(unanswered, other.unanswered, std::plus());
  Combine(waiting, other.waiting, std::plus());
  return *this;
}

TrafficCount& TrafficCount::operator-=(const TrafficCount& earlier) {
  errors -= earlier.errors;
  Combine(answered, earlier.answered, std::minus());
  Combine(unanswered, earlier.unanswered, std::minus());
  return *this;
}

void TrafficCount::CountWaiting(Time now, nanoseconds shortest, nanoseconds longest) {
  for (std::size_t slot = 0; slot < kWaitSlots; ++slot) {
    if (waiting[slot] == 0) continue;
    const nanoseconds waited = Waited(slot, now);
    if (waited < shortest || waited > longest) continue;
    unanswered[LatencyBucket(waited)] += waiting[slot];
    waiting[slot] = 0;
  }
}

double TrafficFigures::ErrorRate() const {
  return requests == 0 ? 0 : static_cast<double>(errors) / static_cast<double>(requests);
}

TrafficFigures FiguresOf(const TrafficCount& count) {
  const std::uint64_t requests = count.Requests();
  // A request that was being counted when the snapshot was taken may have its error in it only.
  return {requests, std::min(count.errors, requests), count.Percentile(kP95)};
}

TrafficStats::Wait TrafficStats::BeginWait(Time now) {
  auto& waiting = ShardOfThisThread().waiting[SlotNumber(now) % kWaitSlots];
  waiting.fetch_add(1, std::memory_order_relaxed);
  return Wait(&waiting);
}

void TrafficStats::EndWait::operator()(std::atomic<std::uint32_t>* waiting) const {
  waiting->fetch_sub(1, std::memory_order_relaxed);
}

TrafficStats::Shard& TrafficStats::ShardOfThisThread() {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t shard = threads.fetch_add(1, std::memory_order_relaxed) % kShards;
  return shards_[shard];
}

void TrafficStats::Count(bool error, nanoseconds latency) {
  Shard& shard = ShardOfThisThread();
  shard.answered[LatencyBucket(latency)].fetch_add(1, std::memory_order_relaxed);
  if (error) shard.errors.fetch_add(1, std::memory_order_relaxed);
}

void TrafficStats::CountLeft(nanoseconds waited) {
  Shard& shard = ShardOfThisThread();
  shard.unanswered[LatencyBucket(waited)].fetch_add(1, std::memory_order_relaxed);
}

TrafficCount TrafficStats::Take() const {
  TrafficCount count;
  for (const Shard& shard : shards_) {
    count.errors += shard.errors.load(std::memory_order_relaxed);
    AddCells(shard.answered, count.answered);
    AddCells(shard.unanswered, count.unanswered);
    AddCells(shard.waiting, count.waiting);
  }
  return count;
}

}  // namespace puente

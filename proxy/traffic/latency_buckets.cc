#include "proxy/traffic/latency_buckets.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace puente {
namespace {

// Latencies are counted in sixteenths of 100 µs. Below 16 each number has its bucket; above, an
// octave [16 * 2^n, 32 * 2^n) is cut into 16 of 2^n each.
constexpr std::chrono::nanoseconds kUnit{100'000 / 16};
constexpr int kBitsPerOctave = std::countr_zero(kLatencyBucketsPerOctave);

}  // namespace

std::size_t LatencyBucket(std::chrono::nanoseconds latency) {
  const auto units = static_cast<std::uint64_t>(std::max<std::int64_t>(latency / kUnit, 0));
  const int octave = std::max(static_cast<int>(std::bit_width(units)) - kBitsPerOctave - 1, 0);
  const std::size_t bucket =
      static_cast<std::size_t>(octave) * kLatencyBucketsPerOctave + (units >> octave);
  return std::min(bucket, kLatencyBuckets - 1);
}

std::chrono::nanoseconds LatencyBucketBegin(std::size_t bucket) {
  if (bucket < kLatencyBucketsPerOctave) return kUnit * static_cast<std::int64_t>(bucket);
  const std::size_t octave = bucket / kLatencyBucketsPerOctave - 1;
  const std::size_t units = bucket - octave * kLatencyBucketsPerOctave;
  return kUnit * static_cast<std::int64_t>(units << octave);
}

}  // namespace puente

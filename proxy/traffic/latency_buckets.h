// The scale of latency histograms: log-linear, each bucket at most 1/16 (6.25 %) wide from 100 µs
// on and 6.25 µs below, up to about 105 s. What is longer counts into the last.
#pragma once

#include <chrono>
#include <cstddef>

namespace puente {

inline constexpr int kLatencyOctaves = 20;  // doublings of 100 µs
inline constexpr std::size_t kLatencyBucketsPerOctave = 16;
// One octave's worth more, for what is below 100 µs.
inline constexpr std::size_t kLatencyBuckets = kLatencyBucketsPerOctave * (kLatencyOctaves + 1);

// The bucket of a latency; 0 for negative ones.
std::size_t LatencyBucket(std::chrono::nanoseconds latency);

// The shortest latency of a bucket; for kLatencyBuckets the end of the scale.
std::chrono::nanoseconds LatencyBucketBegin(std::size_t bucket);

}  // namespace puente

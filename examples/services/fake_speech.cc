#include "examples/services/fake_speech.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace puente::examples {
namespace {

constexpr std::array<const char*, 16> kWords = {
    "the", "river", "runs", "under", "an",   "old",   "stone", "bridge",
    "and", "boats", "pass", "every", "hour", "until", "night", "falls"};

// FNV-1a, with its high bits mixed into the low ones, which pick the words.
std::uint64_t Hash(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char c : bytes) hash = (hash ^ c) * 0x100000001b3;
  return hash ^ (hash >> 32);
}

}  // namespace

HeardText Hear(std::string_view audio) {
  if (audio.empty()) return {};
  const std::uint64_t hash = Hash(audio);
  return {
      fmt::format("{} {} {}", kWords[hash & 15], kWords[hash >> 4 & 15], kWords[hash >> 8 & 15]),
      0.75F + static_cast<float>(hash >> 12 & 15) / 64};
}

audiostream::v1::Transcript Transcribe(std::string_view samples, std::uint32_t sample_rate_hz) {
  const std::size_t bytes_per_second = std::size_t{2} * sample_rate_hz;
  audiostream::v1::Transcript transcript;
  transcript.set_confidence(samples.empty() ? 0 : 1);
  for (std::size_t at = 0; at < samples.size(); at += bytes_per_second) {
    const auto second = samples.substr(at, bytes_per_second);
    const auto heard = Hear(second);
    auto& segment = *transcript.add_segments();
    segment.set_start_seconds(static_cast<double>(at) / static_cast<double>(bytes_per_second));
    segment.set_end_seconds(static_cast<double>(at + second.size()) /
                            static_cast<double>(bytes_per_second));
    segment.set_text(heard.text);
    transcript.set_confidence(std::min(transcript.confidence(), heard.confidence));
    if (at > 0) transcript.mutable_text()->append(" ");
    transcript.mutable_text()->append(heard.text);
  }
  return transcript;
}

}  // namespace puente::examples

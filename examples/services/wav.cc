#include "examples/services/wav.h"

#include <cstddef>

namespace puente::examples {
namespace {

constexpr std::uint32_t kToneHz = 400;
constexpr std::uint32_t kAmplitude = 8000;

void AppendNumber(std::string& out, std::uint32_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(number >> (8 * i)));
}

// A triangle wave, which needs no floating point. `phase` is from 0 to `period` - 1.
std::int32_t Triangle(std::uint32_t phase, std::uint32_t period) {
  const std::uint32_t distance = phase * 2 < period ? phase : period - phase;
  return static_cast<std::int32_t>(distance * 4 * kAmplitude / period) -
         static_cast<std::int32_t>(kAmplitude);
}

}  // namespace

std::string WavFile(std::string_view samples, std::uint32_t sample_rate_hz) {
  const auto size = static_cast<std::uint32_t>(samples.size());
  std::string file = "RIFF";
  AppendNumber(file, 36 + size, 4);
  file += "WAVEfmt ";
  AppendNumber(file, 16, 4);                  // size of this part
  AppendNumber(file, 1, 2);                   // PCM
  AppendNumber(file, 1, 2);                   // channels
  AppendNumber(file, sample_rate_hz, 4);      // samples per second
  AppendNumber(file, sample_rate_hz * 2, 4);  // bytes per second
  AppendNumber(file, 2, 2);                   // bytes per sample
  AppendNumber(file, 16, 2);                  // bits per sample
  file += "data";
  AppendNumber(file, size, 4);
  file += samples;
  return file;
}

std::string ToneSamples(std::uint32_t sample_rate_hz, std::uint32_t seconds) {
  const std::uint32_t period = sample_rate_hz / kToneHz;
  std::string samples;
  samples.reserve(std::size_t{2} * sample_rate_hz * seconds);
  for (std::uint32_t i = 0; i < sample_rate_hz * seconds; ++i) {
    AppendNumber(samples, static_cast<std::uint32_t>(Triangle(i % period, period)), 2);
  }
  return samples;
}

}  // namespace puente::examples

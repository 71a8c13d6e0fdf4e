// Audio files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace puente::examples {

// A RIFF WAVE file of 16-bit mono samples.
std::string WavFile(std::string_view samples, std::uint32_t sample_rate_hz);

// Samples of a tone, little-endian and 16 bits each; the same for the same arguments everywhere.
std::string ToneSamples(std::uint32_t sample_rate_hz, std::uint32_t seconds);

}  // namespace puente::examples

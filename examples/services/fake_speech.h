// Speech recognition that hears words in any bytes, the same words in the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audiostream/v1/audiostream.pb.h"

namespace puente::examples {

struct HeardText {
  std::string text;
  float confidence = 0;  // from 0.75 on, below 1
};

// Three words for a piece of audio; none for none.
HeardText Hear(std::string_view audio);

// One segment for each second of 16-bit mono `samples`, the last one for what is left. The
// transcript's text is that of all segments, its confidence the lowest of theirs.
audiostream::v1::Transcript Transcribe(std::string_view samples, std::uint32_t sample_rate_hz);

}  // namespace puente::examples

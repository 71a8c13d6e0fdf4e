// Any bytes as gzip: what comes out is bounded, and the same however they come; and whatever is
// packed, unpacks.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/http/gzip.h"
#include "tests/fuzz/require.h"

namespace puente {
namespace {

using fuzz::Require;

constexpr std::size_t kMaxOutput = 1 << 18;

struct Outcome {
  std::string text;  // up to kMaxOutput
  bool complete = false;
  bool operator==(const Outcome&) const = default;
};

// False when `input` is refused, or there is more output than is wanted.
bool DecodeAll(GzipDecoder& decoder, std::string_view input, std::size_t limit, std::string& text) {
  while (text.size() < kMaxOutput) {
    const std::size_t before = text.size();
    const Result<bool> more = decoder.Decode(input, text, limit);
    Require(text.size() - before <= limit);
    if (!more) return false;
    if (!*more) {
      Require(input.empty());
      return true;
    }
    Require(text.size() == before + limit);
  }
  return false;
}

Outcome Unpack(std::string_view packed, std::size_t step, std::size_t limit) {
  GzipDecoder decoder(UINT64_MAX);
  Outcome outcome;
  while (!packed.empty()) {
    const std::string push(packed.substr(0, step));
    packed.remove_prefix(push.size());
    if (!DecodeAll(decoder, push, limit, outcome.text)) return outcome;
  }
  outcome.complete = decoder.Finish().has_value();
  return outcome;
}

void CheckUnpacking(std::string_view packed, std::size_t step, std::size_t limit) {
  const Outcome at_once = Unpack(packed, packed.size(), kMaxOutput);
  const Outcome in_pieces = Unpack(packed, step, limit);
  Require(at_once.complete == in_pieces.complete || at_once.text.size() >= kMaxOutput ||
          in_pieces.text.size() >= kMaxOutput);
  if (at_once.complete && in_pieces.complete) Require(at_once == in_pieces);
}

void CheckRatio(std::string_view packed, std::uint64_t ratio) {
  constexpr std::size_t kOvershoot = 16 * 1024;
  GzipDecoder decoder(ratio);
  std::string text;
  std::string_view input = packed;
  while (decoder.Decode(input, text, 1000).value_or(false)) continue;
  const std::size_t allowed =
      std::max<std::size_t>(GzipDecoder::kFreeOutput, packed.size() * ratio);
  Require(text.size() <= allowed + kOvershoot);
}

void CheckRoundTrip(std::string_view text, std::size_t step) {
  GzipEncoder encoder;
  std::string packed;
  for (std::size_t pos = 0; pos < text.size(); pos += step) {
    encoder.Encode(text.substr(pos, step), packed, GzipEncoder::Flush::kSync);
    GzipDecoder decoder(UINT64_MAX);
    std::string so_far;
    Require(DecodeAll(decoder, packed, kMaxOutput, so_far));
    Require(so_far == text.substr(0, pos + step));
  }
  encoder.Encode("", packed, GzipEncoder::Flush::kFinish);
  Require(Unpack(packed, step, step) == Outcome{std::string(text), true});
}

}  // namespace
}  // namespace puente

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 2), size - 2);
  const std::size_t step = 1 + data[0];
  puente::CheckUnpacking(input, step, 1 + data[1] * std::size_t{16});
  puente::CheckRatio(input, step);
  puente::CheckRoundTrip(input, 1 + input.size() / step);
  return 0;
}

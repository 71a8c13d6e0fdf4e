#include "proxy/request_id.h"

#include <cstdint>
#include <random>

#include "transcoder/metadata.h"
#include "transcoder/trace_context.h"

namespace puente {
namespace {

// It need not be secret, only different from all others.
std::uint64_t Random() {
  thread_local std::mt19937_64 generator([] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }());
  return generator();
}

// Writes the lowest `digits` hexadecimal digits of `number`.
void WriteHex(std::uint64_t number, int digits, char* to) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) *to++ = kDigits[number >> shift & 0xf];
}

}  // namespace

std::string_view GivenRequestId(std::span<const HeaderView> headers) {
  const std::string_view* given = FindHeader(headers, "x-request-id");
  return given != nullptr && IsValidRequestId(*given) ? *given : std::string_view();
}

std::string RequestIdFor(std::span<const HeaderView> headers) {
  const std::string_view given = GivenRequestId(headers);
  if (!given.empty()) return std::string(given);
  const std::uint64_t high = (Random() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = (Random() & ~(0xc0ULL << 56)) | 0x80ULL << 56;
  std::string id = "00000000-0000-0000-0000-000000000000";
  WriteHex(high >> 32, 8, &id[0]);
  WriteHex(high >> 16, 4, &id[9]);
  WriteHex(high, 4, &id[14]);
  WriteHex(low >> 48, 4, &id[19]);
  WriteHex(low, 12, &id[24]);
  return id;
}

std::string NewTraceparentFor(std::span<const HeaderView> headers) {
  if (ContinuesTrace(headers)) return {};
  // No id may be all zeros.
  std::string traceparent = "00-00000000000000000000000000000000-0000000000000000-01";
  WriteHex(Random() | 1, 16, &traceparent[3]);
  WriteHex(Random(), 16, &traceparent[19]);
  WriteHex(Random() | 1, 16, &traceparent[36]);
  return traceparent;
}

std::string_view TraceIdOf(std::string_view traceparent, std::span<const HeaderView> headers) {
  constexpr std::size_t kBegin = 3;
  constexpr std::size_t kSize = 32;
  if (traceparent.empty()) {
    if (!ContinuesTrace(headers)) return {};
    traceparent = *FindHeader(headers, "traceparent");
  }
  return traceparent.substr(kBegin, kSize);
}

}  // namespace puente

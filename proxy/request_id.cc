#include "proxy/request_id.h"

#include <cstdint>
#include <random>

#include "transcoder/metadata.h"
#include "transcoder/trace_context.h"

namespace puente {
namespace {

// Writes the lowest `digits` hexadecimal digits of `number`.
void WriteHex(std::uint64_t number, int digits, char* to) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) *to++ = kDigits[number >> shift & 0xf];
}

}  // namespace

std::uint64_t RandomBits() {
  thread_local std::mt19937_64 generator([] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }());
  return generator();
}

std::string_view GivenRequestId(std::span<const HeaderView> headers) {
  const std::string_view* given = FindHeader(headers, "x-request-id");
  return given != nullptr && IsValidRequestId(*given) ? *given : std::string_view();
}

std::string RequestIdFor(std::span<const HeaderView> headers) {
  const std::string_view given = GivenRequestId(headers);
  if (!given.empty()) return std::string(given);
  const std::uint64_t high = (RandomBits() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = (RandomBits() & ~(0xc0ULL << 56)) | 0x80ULL << 56;
  std::string id = "00000000-0000-0000-0000-000000000000";
  WriteHex(high >> 32, 8, &id[0]);
  WriteHex(high >> 16, 4, &id[9]);
  WriteHex(high, 4, &id[14]);
  WriteHex(low >> 48, 4, &id[19]);
  WriteHex(low, 12, &id[24]);
  return id;
}

std::string_view GivenTraceId(std::span<const HeaderView> headers) {
  constexpr std::size_t kBegin = 3;
  constexpr std::size_t kSize = 32;
  if (!ContinuesTrace(headers)) return {};
  return FindHeader(headers, "traceparent")->substr(kBegin, kSize);
}

}  // namespace puente

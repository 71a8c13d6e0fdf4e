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

// Appends the lowest `digits` hexadecimal digits of `number`.
void AppendHex(std::uint64_t number, int digits, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out.push_back(kDigits[number >> shift & 0xf]);
  }
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
  constexpr std::size_t kSize = 36;
  std::string id;
  id.reserve(kSize);
  AppendHex(high >> 32, 8, id);
  id.push_back('-');
  AppendHex(high >> 16, 4, id);
  id.push_back('-');
  AppendHex(high, 4, id);
  id.push_back('-');
  AppendHex(low >> 48, 4, id);
  id.push_back('-');
  AppendHex(low, 12, id);
  return id;
}

std::string NewTraceparentFor(std::span<const HeaderView> headers) {
  if (ContinuesTrace(headers)) return {};
  // No id may be all zeros.
  constexpr std::size_t kSize = 55;
  std::string traceparent;
  traceparent.reserve(kSize);
  traceparent.append("00-");
  AppendHex(Random() | 1, 16, traceparent);
  AppendHex(Random(), 16, traceparent);
  traceparent.push_back('-');
  AppendHex(Random() | 1, 16, traceparent);
  traceparent.append("-01");
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

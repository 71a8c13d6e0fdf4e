#include "proxy/request_id.h"

#include <fmt/format.h>

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

}  // namespace

std::string RequestIdFor(std::span<const HeaderView> headers) {
  const std::string_view* given = FindHeader(headers, "x-request-id");
  if (given != nullptr && IsValidRequestId(*given)) return std::string(*given);
  const std::uint64_t high = (Random() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = (Random() & ~(0xc0ULL << 56)) | 0x80ULL << 56;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xffff,
                     high & 0xffff, low >> 48, low & 0xffffffffffffULL);
}

std::string NewTraceparentFor(std::span<const HeaderView> headers) {
  if (ContinuesTrace(headers)) return {};
  // No id may be all zeros.
  return fmt::format("00-{:016x}{:016x}-{:016x}-01", Random() | 1, Random(), Random() | 1);
}

}  // namespace puente

#include "proxy/random.h"

#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <string_view>

#include "transcoder/hex.h"

namespace puente {

std::uint64_t RandomBits() {
  thread_local std::mt19937_64 generator([] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }());
  return generator();
}

double RandomShare() {
  constexpr int kMantissaBits = 53;
  return std::ldexp(static_cast<double>(RandomBits() >> (64 - kMantissaBits)), -kMantissaBits);
}

std::string NewUuid() {
  const std::array<std::uint64_t, 2> bits{RandomBits(), RandomBits()};
  std::array<std::uint8_t, 16> bytes;
  std::memcpy(bytes.data(), bits.data(), sizeof bits);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // the variant of the RFC
  std::string id = "00000000-0000-0000-0000-000000000000";
  const std::span<const std::uint8_t> all(bytes);
  WriteHex(all.subspan(0, 4), &id[0]);
  WriteHex(all.subspan(4, 2), &id[9]);
  WriteHex(all.subspan(6, 2), &id[14]);
  WriteHex(all.subspan(8, 2), &id[19]);
  WriteHex(all.subspan(10, 6), &id[24]);
  return id;
}

}  // namespace puente

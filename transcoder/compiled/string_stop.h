// Where the plain part of a JSON string ends.
#pragma once

#include <cstddef>
#include <experimental/simd>

namespace puente {

// The first quote, backslash or control character from `at` on; `end` when there is none.
inline const char* FindStringStop(const char* at, const char* end) {
  namespace stdx = std::experimental;
  using Block = stdx::simd<unsigned char, stdx::simd_abi::deduce_t<unsigned char, 16>>;
  constexpr unsigned char kQuote = '"', kBackslash = '\\', kFirstPlain = ' ';
  for (; end - at >= static_cast<std::ptrdiff_t>(Block::size()); at += Block::size()) {
    const Block block(reinterpret_cast<const unsigned char*>(at), stdx::element_aligned);
    const auto stops = block == kQuote || block == kBackslash || block < kFirstPlain;
    if (stdx::any_of(stops)) return at + stdx::find_first_set(stops);
  }
  for (; at != end; ++at) {
    const auto c = static_cast<unsigned char>(*at);
    if (c == kQuote || c == kBackslash || c < kFirstPlain) break;
  }
  return at;
}

}  // namespace puente

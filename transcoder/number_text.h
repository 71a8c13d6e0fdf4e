// Numbers as proto3 JSON spells them (RFC 8259 section 6): base 10, no '+', no leading zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace puente {

enum class NumberProblem {
  kMalformed,    // not a number
  kNotIntegral,  // "1.5" for an integer
  kOutOfRange,
};

// How many characters at the start of `text` are a number of RFC 8259; 0 when none are.
std::size_t NumberLength(std::string_view text);

// Integers may have a fraction and an exponent as long as their value is integral ("1.0", "1e2").
tl::expected<std::int64_t, NumberProblem> ParseSigned(std::string_view text, int bits);
tl::expected<std::uint64_t, NumberProblem> ParseUnsigned(std::string_view text, int bits);

// The nearest value; "NaN", "Infinity" and "-Infinity" are values too. What is too large is out of
// range, what is too small is zero.
tl::expected<double, NumberProblem> ParseDouble(std::string_view text);
tl::expected<float, NumberProblem> ParseFloat(std::string_view text);

// Writes the shortest text that reads back as the same value to `to`, where there is room for
// kLongestReal; its end. Only for finite values.
inline constexpr std::size_t kLongestReal = 24;  // "-2.2250738585072014e-308"
char* WriteNumber(double value, char* to);
char* WriteNumber(float value, char* to);

}  // namespace puente

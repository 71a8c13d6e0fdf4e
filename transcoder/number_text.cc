#include "transcoder/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace puente {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::size_t CountDigits(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), IsDigit) -
                                  text.begin());
}

// value = digits(whole + fraction) * 10^(exponent - fraction.size())
struct Decimal {
  bool negative = false;
  std::string_view whole, fraction;
  std::int64_t exponent = 0;
  std::size_t length = 0;
};

// Exponents beyond this are as good as infinite for any text that fits into memory.
constexpr std::int64_t kExponentCap = std::int64_t{1} << 50;

std::int64_t ReadExponent(std::string_view digits) {
  std::int64_t value = 0;
  for (const char c : digits) value = std::min(value * 10 + (c - '0'), kExponentCap);
  return value;
}

// The sign and digits after an 'e'; 0 when there are none.
std::size_t SplitExponent(std::string_view text, Decimal& decimal) {
  if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return 0;
  std::size_t at = 1;
  const bool sign = at < text.size() && (text[at] == '+' || text[at] == '-');
  const bool negative = sign && text[at] == '-';
  at += sign;
  const std::size_t digits = CountDigits(text.substr(at));
  if (digits == 0) return 0;
  decimal.exponent = ReadExponent(text.substr(at, digits)) * (negative ? -1 : 1);
  return at + digits;
}

// The number at the start of `text`.
std::optional<Decimal> SplitNumber(std::string_view text) {
  Decimal decimal;
  std::size_t at = 0;
  decimal.negative = text.starts_with('-');
  at += decimal.negative;
  std::size_t digits = CountDigits(text.substr(at));
  if (digits == 0) return std::nullopt;
  if (text[at] == '0') digits = 1;
  decimal.whole = text.substr(at, digits);
  at += digits;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = CountDigits(text.substr(at + 1));
    if (fraction == 0) return std::nullopt;
    decimal.fraction = text.substr(at + 1, fraction);
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const std::size_t exponent = SplitExponent(text.substr(at), decimal);
    if (exponent == 0) return std::nullopt;
    at += exponent;
  }
  decimal.length = at;
  return decimal;
}

std::optional<Decimal> SplitWhole(std::string_view text) {
  const auto decimal = SplitNumber(text);
  return decimal && decimal->length == text.size() ? decimal : std::nullopt;
}

struct Magnitude {
  bool negative;
  std::uint64_t value;
};

// The power of ten of the last digit that is not zero, and that digit's index; nullopt for zero.
struct Significant {
  std::string digits;
  std::int64_t exponent;
};

std::optional<Significant> SignificantDigits(const Decimal& decimal) {
  std::string digits(decimal.whole);
  digits.append(decimal.fraction);
  const std::size_t first = digits.find_first_not_of('0');
  if (first == std::string::npos) return std::nullopt;
  const std::size_t last = digits.find_last_not_of('0');
  const auto dropped = static_cast<std::int64_t>(digits.size() - 1 - last);
  const auto fraction = static_cast<std::int64_t>(decimal.fraction.size());
  return Significant{digits.substr(first, last - first + 1), decimal.exponent - fraction + dropped};
}

tl::expected<std::uint64_t, NumberProblem> Scale(std::string digits, std::int64_t exponent) {
  constexpr std::int64_t kMostDigits = std::numeric_limits<std::uint64_t>::digits10 + 1;
  if (exponent < 0) return tl::unexpected(NumberProblem::kNotIntegral);
  if (static_cast<std::int64_t>(digits.size()) + exponent > kMostDigits) {
    return tl::unexpected(NumberProblem::kOutOfRange);
  }
  digits.append(static_cast<std::size_t>(exponent), '0');
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{}) return tl::unexpected(NumberProblem::kOutOfRange);
  return value;
}

tl::expected<Magnitude, NumberProblem> ParseIntegral(std::string_view text) {
  const auto decimal = SplitWhole(text);
  if (!decimal) return tl::unexpected(NumberProblem::kMalformed);
  auto significant = SignificantDigits(*decimal);
  if (!significant) return Magnitude{false, 0};
  return Scale(std::move(significant->digits), significant->exponent).map([&](std::uint64_t value) {
    return Magnitude{decimal->negative, value};
  });
}

template <class T>
std::optional<T> ParseSpecial(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<T>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<T>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<T>::infinity();
  return std::nullopt;
}

// Of a number that from_chars could not represent: too large, or too close to zero.
bool IsLarge(const Decimal& decimal) {
  const auto significant = SignificantDigits(decimal);
  return significant &&
         static_cast<std::int64_t>(significant->digits.size()) + significant->exponent > 0;
}

template <class T>
tl::expected<T, NumberProblem> ParseReal(std::string_view text) {
  if (const auto special = ParseSpecial<T>(text)) return *special;
  const auto decimal = SplitWhole(text);
  if (!decimal) return tl::unexpected(NumberProblem::kMalformed);
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && std::isfinite(value)) return value;
  if (IsLarge(*decimal)) return tl::unexpected(NumberProblem::kOutOfRange);
  return decimal->negative ? -T{0} : T{0};
}

// The text of a number with few decimals, as most are, quicker than to_chars finds the shortest
// digits: up to 15 that read back as the value are the shortest. nullptr: it is another number, or
// one that is shorter with an exponent.
char* WriteFewDecimals(double value, char* to) {
  constexpr std::int64_t kDecimals = 6, kUnit = 1000000, kFewZeros = 100000;
  constexpr double kHalf = 0.5;
  const double magnitude = std::abs(value);
  if (!(magnitude >= 1e-3 && magnitude < 1e9)) return nullptr;
  const auto units = static_cast<std::int64_t>(magnitude * kUnit + kHalf);
  if (static_cast<double>(units) / kUnit != magnitude) return nullptr;
  const std::int64_t whole = units / kUnit;
  std::int64_t fraction = units % kUnit;
  if (fraction == 0 && whole % kFewZeros == 0) return nullptr;
  if (value < 0) *to++ = '-';
  to = std::to_chars(to, to + kLongestReal, whole).ptr;
  if (fraction == 0) return to;
  *to = '.';
  for (std::int64_t i = kDecimals; i > 0; --i, fraction /= 10) {
    to[i] = static_cast<char>('0' + fraction % 10);
  }
  char* end = to + kDecimals + 1;
  while (end[-1] == '0') --end;
  return end;
}

}  // namespace

std::size_t NumberLength(std::string_view text) {
  const auto decimal = SplitNumber(text);
  return decimal ? decimal->length : 0;
}

tl::expected<std::int64_t, NumberProblem> ParseSigned(std::string_view text, int bits) {
  const auto magnitude = ParseIntegral(text);
  if (!magnitude) return tl::unexpected(magnitude.error());
  const std::uint64_t limit = std::uint64_t{1} << (bits - 1);
  const std::uint64_t largest = magnitude->negative ? limit : limit - 1;
  if (magnitude->value > largest) return tl::unexpected(NumberProblem::kOutOfRange);
  const std::uint64_t value = magnitude->negative ? 0 - magnitude->value : magnitude->value;
  return static_cast<std::int64_t>(value);
}

tl::expected<std::uint64_t, NumberProblem> ParseUnsigned(std::string_view text, int bits) {
  const auto magnitude = ParseIntegral(text);
  if (!magnitude) return tl::unexpected(magnitude.error());
  const bool too_large = bits < 64 && magnitude->value >> bits != 0;
  if (magnitude->negative || too_large) return tl::unexpected(NumberProblem::kOutOfRange);
  return magnitude->value;
}

tl::expected<double, NumberProblem> ParseDouble(std::string_view text) {
  return ParseReal<double>(text);
}
tl::expected<float, NumberProblem> ParseFloat(std::string_view text) {
  return ParseReal<float>(text);
}

char* WriteNumber(double value, char* to) {
  if (char* const end = WriteFewDecimals(value, to)) return end;
  return std::to_chars(to, to + kLongestReal, value).ptr;
}
char* WriteNumber(float value, char* to) { return std::to_chars(to, to + kLongestReal, value).ptr; }

}  // namespace puente

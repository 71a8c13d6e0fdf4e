#include "transcoder/compiled/json_numbers.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <system_error>

#include "transcoder/number_text.h"

namespace puente {
namespace {

// So many digits always fit into 64 bits.
constexpr std::ptrdiff_t kMostDigits = std::numeric_limits<std::uint64_t>::digits10;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Digits are read up to `end`; too many of them overflow.
const char* ReadDigits(const char* at, const char* end, std::uint64_t& value) {
  for (; at != end && IsDigit(*at); ++at)
    value = value * 10 + static_cast<std::uint64_t>(*at - '0');
  return at;
}

// The digits before a fraction or an exponent.
bool IsWhole(const char* digits, std::ptrdiff_t count) {
  return count == 1 || (count > 1 && count <= kMostDigits && *digits != '0');
}

// With a fraction, an exponent, escapes, too many digits, or wrong.
bool ReadOddInteger(JsonCursor& json, Magnitude& integer) {
  std::string_view text;
  if (!json.NumberOrString(text)) return false;
  integer.is_negative = text.starts_with('-');
  if (integer.is_negative) text.remove_prefix(1);
  if (text.starts_with('-')) return false;
  const auto value = ParseUnsigned(text, 64);
  integer.value = value.value_or(0);
  return value.has_value();
}

// Up to here the type holds every integer, and every power of ten.
template <class T>
constexpr std::uint64_t kMostExact = std::uint64_t{1} << std::numeric_limits<T>::digits;
template <class T>
constexpr std::ptrdiff_t kMostExactPower = std::numeric_limits<T>::digits == 53 ? 22 : 10;

template <class T>
constexpr auto kPowersOfTen = [] {
  std::array<T, kMostExactPower<T> + 1> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// A few digits, maybe with a fraction: the quotient of two exact numbers is the nearest value to
// what it stands for. False leaves the cursor where it is.
template <class T>
bool ReadShortReal(JsonCursor& json, T& value) {
  json.Next();
  const std::string_view text = json.rest();
  const char* const end = text.data() + text.size();
  const bool is_negative = text.starts_with('-');
  const char* const whole = text.data() + is_negative;
  std::uint64_t digits = 0;
  const char* at = ReadDigits(whole, end, digits);
  std::ptrdiff_t count = at - whole, behind_point = 0;
  if (!IsWhole(whole, count)) return false;
  if (at != end && *at == '.') {
    const char* const fraction = at + 1;
    at = ReadDigits(fraction, end, digits);
    behind_point = at - fraction;
    count += behind_point;
    if (behind_point == 0 || behind_point > kMostExactPower<T>) return false;
  }
  const bool has_exponent = at != end && (*at | 0x20) == 'e';
  if (has_exponent || count > kMostDigits || digits > kMostExact<T>) return false;
  const T magnitude =
      static_cast<T>(digits) / kPowersOfTen<T>[static_cast<std::size_t>(behind_point)];
  value = is_negative ? -magnitude : magnitude;
  json.Skip(static_cast<std::size_t>(at - text.data()));
  return true;
}

template <class T>
bool Take(const tl::expected<T, NumberProblem>& parsed, T& value) {
  value = parsed.value_or(0);
  return parsed.has_value();
}
bool Parse(std::string_view text, double& value) { return Take(ParseDouble(text), value); }
bool Parse(std::string_view text, float& value) { return Take(ParseFloat(text), value); }

template <class T>
bool ReadAnyReal(JsonCursor& json, T& value) {
  if (ReadShortReal(json, value)) return true;
  std::string_view text;
  const bool is_number = json.Next() != '"';
  if (!json.NumberOrString(text)) return false;
  if (is_number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && std::isfinite(value)) return true;
  }
  return Parse(text, value);
}

}  // namespace

bool ReadInteger(JsonCursor& json, Magnitude& integer) {
  const bool is_string = json.Next() == '"';
  const std::string_view text = json.rest();
  const char* const end = text.data() + text.size();
  const char* at = text.data() + is_string;
  integer.is_negative = at != end && *at == '-';
  at += integer.is_negative;
  const char* const digits = at;
  integer.value = 0;
  at = ReadDigits(at, end, integer.value);
  if (!IsWhole(digits, at - digits)) return ReadOddInteger(json, integer);
  const char next = at != end ? *at : '\0';
  const bool is_all = is_string ? next == '"' : next != '.' && (next | 0x20) != 'e';
  if (!is_all) return ReadOddInteger(json, integer);
  json.Skip(static_cast<std::size_t>(at - text.data()) + is_string);
  return true;
}

bool ReadReal(JsonCursor& json, double& value) { return ReadAnyReal(json, value); }
bool ReadReal(JsonCursor& json, float& value) { return ReadAnyReal(json, value); }

}  // namespace puente

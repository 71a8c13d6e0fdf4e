#include "config/duration_text.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

namespace puente {
namespace {

using std::chrono::nanoseconds;

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::array kUnits = {
    Unit{"h", 3'600'000'000'000}, Unit{"m", 60'000'000'000}, Unit{"s", 1'000'000'000},
    Unit{"ms", 1'000'000},        Unit{"us", 1'000},         Unit{"ns", 1},
};
constexpr std::int64_t kMaxNanoseconds = nanoseconds(kMaxDuration).count();

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view TakeDigits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

// The position in kUnits, from `first` on; kUnits.size() when there is no such unit.
std::size_t TakeUnit(std::string_view& text, std::size_t first) {
  std::size_t count = 0;
  while (count < text.size() && !IsDigit(text[count])) ++count;
  const std::string_view name = text.substr(0, count);
  text.remove_prefix(count);
  while (first < kUnits.size() && kUnits[first].name != name) ++first;
  return first;
}

// nullopt above kMaxDuration.
std::optional<std::int64_t> Multiply(std::string_view digits, std::int64_t unit) {
  std::int64_t value = 0;
  for (const char digit : digits) {
    value = value * 10 + (digit - '0');
    if (value > kMaxNanoseconds / unit) return std::nullopt;
  }
  return value * unit;
}

// The part of `unit` that decimals stand for; what is smaller than a nanosecond is dropped.
std::int64_t Fraction(std::string_view digits, std::int64_t unit) {
  std::int64_t value = 0;
  for (const char digit : digits) {
    if (unit % 10 != 0) break;
    unit /= 10;
    value += (digit - '0') * unit;
  }
  return value;
}

}  // namespace

std::optional<nanoseconds> ParseDuration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  for (std::size_t next_unit = 0; !text.empty();) {
    const std::string_view whole = TakeDigits(text);
    std::string_view decimals;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      decimals = TakeDigits(text);
      if (decimals.empty()) return std::nullopt;
    }
    const std::size_t unit = TakeUnit(text, next_unit);
    if (whole.empty() || unit == kUnits.size()) return std::nullopt;
    const std::int64_t scale = kUnits[unit].nanoseconds;
    const auto value = Multiply(whole, scale);
    if (!value.has_value()) return std::nullopt;
    total += *value + Fraction(decimals, scale);
    if (total > kMaxNanoseconds) return std::nullopt;
    next_unit = unit + 1;
  }
  return nanoseconds(total);
}

std::string FormatDuration(nanoseconds duration) {
  std::string text;
  std::int64_t rest = duration.count();
  for (const Unit& unit : kUnits) {
    if (rest >= unit.nanoseconds) text += fmt::format("{}{}", rest / unit.nanoseconds, unit.name);
    rest %= unit.nanoseconds;
  }
  return text.empty() ? "0s" : text;
}

nanoseconds ToChrono(const google::protobuf::Duration& duration) {
  return std::chrono::seconds(duration.seconds()) + nanoseconds(duration.nanos());
}

google::protobuf::Duration ToProto(nanoseconds duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(duration.count() / 1'000'000'000);
  proto.set_nanos(static_cast<std::int32_t>(duration.count() % 1'000'000'000));
  return proto;
}

}  // namespace puente

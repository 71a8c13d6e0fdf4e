#include "transcoder/well_known_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace puente {
namespace {

constexpr std::int64_t kFirstSecond = -62135596800;      // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253402300799;       // 9999-12-31T23:59:59Z
constexpr std::int64_t kLongestDuration = 315576000000;  // and any fraction of a second
constexpr std::int32_t kNanosPerSecond = 1000000000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

// Consumes text from the left.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool Literal(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly `count` digits.
  std::optional<int> Number(std::size_t count) {
    if (rest_.size() < count || CountDigits() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + (rest_[i] - '0');
    rest_.remove_prefix(count);
    return value;
  }
  // All digits that follow.
  std::string_view Digits() {
    const std::string_view digits = rest_.substr(0, CountDigits());
    rest_.remove_prefix(digits.size());
    return digits;
  }
  bool done() const { return rest_.empty(); }

 private:
  std::size_t CountDigits() const {
    return static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), IsDigit) -
                                    rest_.begin());
  }
  std::string_view rest_;
};

// ".5" as nanoseconds; nothing is 0.
std::optional<std::int32_t> ReadFraction(Cursor& cursor) {
  if (!cursor.Literal('.')) return 0;
  const std::string_view digits = cursor.Digits();
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  std::int32_t nanos = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    nanos = nanos * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }
  return nanos;
}

std::optional<std::int64_t> ReadDate(Cursor& cursor) {
  const auto year = cursor.Number(4);
  if (!year || *year < 1 || !cursor.Literal('-')) return std::nullopt;
  const auto month = cursor.Number(2);
  if (!month || !cursor.Literal('-')) return std::nullopt;
  const auto day = cursor.Number(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * 86400;
}

std::optional<std::int64_t> ReadHoursAndMinutes(Cursor& cursor) {
  const auto hours = cursor.Number(2);
  if (!hours || *hours > 23 || !cursor.Literal(':')) return std::nullopt;
  const auto minutes = cursor.Number(2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return std::int64_t{*hours} * 3600 + std::int64_t{*minutes} * 60;
}

std::optional<std::int64_t> ReadTimeOfDay(Cursor& cursor) {
  const auto minutes = ReadHoursAndMinutes(cursor);
  if (!minutes || !cursor.Literal(':')) return std::nullopt;
  const auto seconds = cursor.Number(2);
  if (!seconds || *seconds > 59) return std::nullopt;
  return *minutes + *seconds;
}

// "Z", "+01:00" or "-01:00", in seconds east of UTC.
std::optional<std::int64_t> ReadOffset(Cursor& cursor) {
  if (cursor.Literal('Z')) return 0;
  const bool east = cursor.Literal('+');
  if (!east && !cursor.Literal('-')) return std::nullopt;
  const auto offset = ReadHoursAndMinutes(cursor);
  if (!offset) return std::nullopt;
  return east ? *offset : -*offset;
}

// With as many groups of three digits as it takes.
std::string FormatFraction(std::int32_t nanos) {
  if (nanos == 0) return "";
  if (nanos % 1000000 == 0) return fmt::format(".{:03}", nanos / 1000000);
  if (nanos % 1000 == 0) return fmt::format(".{:06}", nanos / 1000);
  return fmt::format(".{:09}", nanos);
}

bool IsTimestamp(SecondsAndNanos time) {
  return time.seconds >= kFirstSecond && time.seconds <= kLastSecond && time.nanos >= 0 &&
         time.nanos < kNanosPerSecond;
}

bool IsDuration(SecondsAndNanos duration) {
  const bool signs_differ =
      (duration.seconds < 0 && duration.nanos > 0) || (duration.seconds > 0 && duration.nanos < 0);
  const std::int64_t seconds = std::abs(std::max(duration.seconds, -kLongestDuration - 1));
  const std::int64_t nanos = std::abs(std::int64_t{duration.nanos});
  return !signs_differ && nanos < kNanosPerSecond && seconds <= kLongestDuration;
}

// The path of a mask for all fields (AIP-134).
constexpr std::string_view kAllFields = "*";

// A field name in camelCase or snake_case as snake_case.
bool AppendSnakeCase(std::string_view name, std::string& out) {
  if (name.empty() || IsDigit(name[0])) return false;
  for (const char c : name) {
    if (IsUpper(c)) {
      out.push_back('_');
      out.push_back(static_cast<char>(c - 'A' + 'a'));
    } else if (IsLower(c) || IsDigit(c) || c == '_') {
      out.push_back(c);
    } else {
      return false;
    }
  }
  return true;
}

void AppendCamelCase(std::string_view path, std::string& out) {
  bool upper = false;
  for (const char c : path) {
    const bool raise = std::exchange(upper, c == '_') && IsLower(c);
    if (c != '_') out.push_back(raise ? static_cast<char>(c - 'a' + 'A') : c);
  }
}

template <class Visit>
bool ForEachPiece(std::string_view text, char separator, Visit visit) {
  while (true) {
    const std::size_t end = text.find(separator);
    if (!visit(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool AppendSnakeCasePath(std::string_view path, std::string& out) {
  return ForEachPiece(path, '.', [&](std::string_view name) {
    if (!out.empty()) out.push_back('.');
    return AppendSnakeCase(name, out);
  });
}

}  // namespace

std::optional<SecondsAndNanos> ParseTimestamp(std::string_view text) {
  Cursor cursor(text);
  const auto date = ReadDate(cursor);
  if (!date || !cursor.Literal('T')) return std::nullopt;
  const auto time = ReadTimeOfDay(cursor);
  if (!time) return std::nullopt;
  const auto nanos = ReadFraction(cursor);
  if (!nanos) return std::nullopt;
  const auto offset = ReadOffset(cursor);
  if (!offset || !cursor.done()) return std::nullopt;
  const SecondsAndNanos timestamp{*date + *time - *offset, *nanos};
  return IsTimestamp(timestamp) ? std::optional(timestamp) : std::nullopt;
}

std::optional<std::string> FormatTimestamp(SecondsAndNanos time) {
  if (!IsTimestamp(time)) return std::nullopt;
  const std::chrono::sys_seconds seconds{std::chrono::seconds(time.seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     FormatFraction(time.nanos));
}

std::optional<SecondsAndNanos> ParseJsonDuration(std::string_view text) {
  Cursor cursor(text);
  const bool negative = cursor.Literal('-');
  const std::string_view digits = cursor.Digits();
  const bool leading_zero = digits.size() > 1 && digits[0] == '0';
  if (digits.empty() || digits.size() > 12 || leading_zero) return std::nullopt;
  std::int64_t seconds = 0;
  for (const char c : digits) seconds = seconds * 10 + (c - '0');
  const auto nanos = ReadFraction(cursor);
  if (!nanos || !cursor.Literal('s') || !cursor.done()) return std::nullopt;
  if (seconds > kLongestDuration) return std::nullopt;
  return negative ? SecondsAndNanos{-seconds, -*nanos} : SecondsAndNanos{seconds, *nanos};
}

std::optional<std::string> FormatJsonDuration(SecondsAndNanos duration) {
  if (!IsDuration(duration)) return std::nullopt;
  const bool negative = duration.seconds < 0 || duration.nanos < 0;
  return fmt::format("{}{}{}s", negative ? "-" : "", std::abs(duration.seconds),
                     FormatFraction(std::abs(duration.nanos)));
}

std::optional<std::vector<std::string>> ParseFieldMask(std::string_view text) {
  std::vector<std::string> paths;
  if (text.empty()) return paths;
  const bool valid = ForEachPiece(text, ',', [&](std::string_view piece) {
    std::string& path = paths.emplace_back();
    if (piece != kAllFields) return AppendSnakeCasePath(piece, path);
    path = kAllFields;
    return true;
  });
  return valid ? std::optional(std::move(paths)) : std::nullopt;
}

std::optional<std::string> FormatFieldMask(const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) {
    if (!text.empty()) text.push_back(',');
    AppendCamelCase(path, text);
  }
  return ParseFieldMask(text) == paths ? std::optional(text) : std::nullopt;
}

}  // namespace puente

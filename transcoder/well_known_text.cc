#include "transcoder/well_known_text.h"

#include <algorithm>
#include <array>
#include <charconv>
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

constexpr char kPairs[] =
    "00010203040506070809101112131415161718192021222324"
    "25262728293031323334353637383940414243444546474849"
    "50515253545556575859606162636465666768697071727374"
    "75767778798081828384858687888990919293949596979899";

// Two digits.
char* WritePair(std::size_t number, char* to) { return std::copy_n(kPairs + 2 * number, 2, to); }

// With as many groups of three digits as it takes.
char* WriteFraction(std::uint32_t nanos, char* to) {
  constexpr std::uint32_t kMillisecond = 1000000;
  if (nanos != 0) *to++ = '.';
  for (; nanos != 0; nanos = nanos % kMillisecond * 1000) {
    const std::uint32_t group = nanos / kMillisecond;
    *to++ = static_cast<char>('0' + group / 100);
    to = WritePair(group % 100, to);
  }
  return to;
}

char* WriteDate(std::chrono::year_month_day date, char* to) {
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  to = WritePair(year % 100, WritePair(year / 100, to));
  *to++ = '-';
  to = WritePair(static_cast<unsigned>(date.month()), to);
  *to++ = '-';
  return WritePair(static_cast<unsigned>(date.day()), to);
}

char* WriteTimeOfDay(unsigned seconds, char* to) {
  to = WritePair(seconds / 3600, to);
  *to++ = ':';
  to = WritePair(seconds / 60 % 60, to);
  *to++ = ':';
  return WritePair(seconds % 60, to);
}

// Of what `write` writes to the address that it is given.
template <class Write>
std::optional<std::string> TextOf(Write write) {
  std::array<char, kLongestTime> text;
  char* const end = write(text.data());
  return end != nullptr ? std::optional(std::string(text.data(), end)) : std::nullopt;
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
  return TextOf([&](char* to) { return WriteTimestamp(time, to); });
}

char* WriteTimestamp(SecondsAndNanos time, char* to) {
  if (!IsTimestamp(time)) return nullptr;
  const std::chrono::sys_seconds seconds{std::chrono::seconds(time.seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  to = WriteDate(std::chrono::year_month_day(day), to);
  *to++ = 'T';
  to = WriteTimeOfDay(static_cast<unsigned>((seconds - day).count()), to);
  to = WriteFraction(static_cast<std::uint32_t>(time.nanos), to);
  *to++ = 'Z';
  return to;
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
  return TextOf([&](char* to) { return WriteJsonDuration(duration, to); });
}

char* WriteJsonDuration(SecondsAndNanos duration, char* to) {
  if (!IsDuration(duration)) return nullptr;
  if (duration.seconds < 0 || duration.nanos < 0) *to++ = '-';
  to = std::to_chars(to, to + kLongestTime, std::abs(duration.seconds)).ptr;
  to = WriteFraction(static_cast<std::uint32_t>(std::abs(duration.nanos)), to);
  *to++ = 's';
  return to;
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
    const std::size_t begin = text.size();
    text.resize(begin + path.size());
    const char* const end = WriteFieldMaskPath(path, text.data() + begin);
    if (end == nullptr) return std::nullopt;
    text.resize(static_cast<std::size_t>(end - text.data()));
  }
  return text;
}

char* WriteFieldMaskPath(std::string_view path, char* to) {
  if (path == kAllFields) return std::copy(path.begin(), path.end(), to);
  char before = '.';
  for (const char c : path) {
    const bool begins_word = before == '_', begins_name = before == '.';
    const bool may_come = c == '_' || (!begins_name && (IsDigit(c) || c == '.'));
    if (IsLower(c)) {
      *to++ = begins_word ? static_cast<char>(c - 'a' + 'A') : c;
    } else if (begins_word || !may_come) {
      return nullptr;
    } else if (c != '_') {
      *to++ = c;
    }
    before = c;
  }
  return before != '_' && before != '.' ? to : nullptr;
}

}  // namespace puente

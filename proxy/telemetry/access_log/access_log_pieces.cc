#include "proxy/telemetry/access_log/access_log_pieces.h"

#include <algorithm>

#include "config/http_names.h"
#include "proxy/telemetry/http_method.h"

namespace puente {
namespace {

using std::chrono::duration_cast;
using std::chrono::floor;
using std::chrono::microseconds;

constexpr std::size_t kLongestMethod = 32;

// The last `count` digits of `value`, with zeros in front.
void WriteDigits(std::uint32_t value, int count, char* to) {
  for (int i = count; i-- > 0; value /= 10) to[i] = static_cast<char>('0' + value % 10);
}

void AppendDigits(std::uint32_t value, int count, TextBuffer& out) {
  char* const to = out.Reserve(static_cast<std::size_t>(count));
  WriteDigits(value, count, to);
  out.End(to + count);
}

// "16:57:01"
char* WriteClock(std::chrono::seconds of_day, char* to) {
  const std::chrono::hh_mm_ss time(of_day);
  CopyText("00:00:00", to);
  WriteDigits(static_cast<std::uint32_t>(time.hours().count()), 2, to);
  WriteDigits(static_cast<std::uint32_t>(time.minutes().count()), 2, to + 3);
  WriteDigits(static_cast<std::uint32_t>(time.seconds().count()), 2, to + 6);
  return to + 8;
}

}  // namespace

std::string_view MethodText(std::string_view method) {
  return method.size() <= kLongestMethod && IsHttpToken(method) ? method : kOtherMethod;
}

void AppendMilliseconds(std::chrono::nanoseconds duration, TextBuffer& out) {
  const auto micros = static_cast<std::uint64_t>(
      std::max<std::int64_t>(duration_cast<microseconds>(duration).count(), 0));
  out.AppendInteger(micros / 1000);
  out.Append('.');
  AppendDigits(static_cast<std::uint32_t>(micros % 1000), 3, out);
}

void AppendTimestamp(std::chrono::system_clock::time_point time, SecondText& second,
                     TextBuffer& out) {
  const auto whole = floor<std::chrono::seconds>(time);
  out.Append(second.Of(whole));
  out.Append('.');
  AppendDigits(static_cast<std::uint32_t>(duration_cast<microseconds>(time - whole).count()), 6,
               out);
  out.Append('Z');
}

char* WriteRfc3339(std::chrono::sys_seconds second, char* to) {
  const auto day = floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  CopyText("0000-00-00T", to);
  WriteDigits(static_cast<std::uint32_t>(static_cast<int>(date.year())), 4, to);
  WriteDigits(static_cast<unsigned>(date.month()), 2, to + 5);
  WriteDigits(static_cast<unsigned>(date.day()), 2, to + 8);
  return WriteClock(second - day, to + 11);
}

char* WriteCommonTime(std::chrono::sys_seconds second, char* to) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto day = floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  CopyText("00/Jan/0000:", to);
  WriteDigits(static_cast<unsigned>(date.day()), 2, to);
  CopyText(kMonths.substr(3 * (static_cast<unsigned>(date.month()) - 1), 3), to + 3);
  WriteDigits(static_cast<std::uint32_t>(static_cast<int>(date.year())), 4, to + 7);
  return CopyText(" +0000", WriteClock(second - day, to + 12));
}

}  // namespace puente

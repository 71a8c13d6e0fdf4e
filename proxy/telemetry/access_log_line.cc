#include "proxy/telemetry/access_log_line.h"

#include <algorithm>

#include "transcoder/compiled/json_string.h"

namespace puente {
namespace {

using std::chrono::duration_cast;
using std::chrono::floor;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr std::size_t kLongestMethod = 32;

// RFC 9110, 5.6.2.
bool IsTokenByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

std::string_view MethodText(std::string_view method) {
  const bool good = !method.empty() && method.size() <= kLongestMethod &&
                    std::ranges::all_of(method, IsTokenByte);
  return good ? method : "_OTHER";
}

void WriteDigits(std::uint32_t value, int count, char* to) {
  for (int i = count; i-- > 0; value /= 10) to[i] = static_cast<char>('0' + value % 10);
}

void AppendDigits(std::uint32_t value, int count, TextBuffer& out) {
  char* const to = out.Reserve(static_cast<std::size_t>(count));
  WriteDigits(value, count, to);
  out.End(to + count);
}

// With three decimals.
void AppendMilliseconds(nanoseconds duration, TextBuffer& out) {
  const auto micros = static_cast<std::uint64_t>(
      std::max<std::int64_t>(duration_cast<microseconds>(duration).count(), 0));
  out.AppendInteger(micros / 1000);
  out.Append('.');
  AppendDigits(static_cast<std::uint32_t>(micros % 1000), 3, out);
}

// Both with the key, and a comma in front.
void AppendText(std::string_view key, std::string_view text, TextBuffer& out) {
  if (text.empty()) return;
  const std::size_t before = out.size();
  out.Append(key);
  // Nothing in the log is other than UTF-8; if it were, the line would still be JSON.
  if (!AppendJsonString(text, nullptr, out)) out.Rewind(before);
}

template <class Integer>
void AppendNumber(std::string_view key, Integer value, TextBuffer& out) {
  out.Append(key);
  out.AppendInteger(value);
}

// "2026-11-21T16:57:01."
std::array<char, 20> TextOf(std::chrono::sys_seconds second) {
  std::array<char, 20> text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0',
                            'T', '0', '0', ':', '0', '0', ':', '0', '0', '.'};
  const auto day = floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(second - day);
  WriteDigits(static_cast<std::uint32_t>(static_cast<int>(date.year())), 4, text.data());
  WriteDigits(static_cast<unsigned>(date.month()), 2, text.data() + 5);
  WriteDigits(static_cast<unsigned>(date.day()), 2, text.data() + 8);
  WriteDigits(static_cast<std::uint32_t>(time.hours().count()), 2, text.data() + 11);
  WriteDigits(static_cast<std::uint32_t>(time.minutes().count()), 2, text.data() + 14);
  WriteDigits(static_cast<std::uint32_t>(time.seconds().count()), 2, text.data() + 17);
  return text;
}

}  // namespace

void AccessLogFormatter::Append(const AccessLogEntry& entry, std::string& lines) {
  constexpr std::size_t kUsualLine = 512;
  TextBuffer out(lines, kUsualLine);
  out.Append(R"({"ts":")");
  AppendTime(entry.start, out);
  out.Append(R"(","msg":"access")");
  AppendText(R"(,"trace_id":)", entry.trace_id, out);
  AppendText(R"(,"request_id":)", entry.request_id, out);
  AppendText(R"(,"method":)", MethodText(entry.method), out);
  AppendText(R"(,"route":)", entry.route, out);
  AppendNumber(R"(,"status":)", entry.status, out);
  if (entry.code) AppendText(R"(,"grpc_code":)", CodeName(*entry.code), out);
  AppendText(R"(,"upstream":)", entry.upstream, out);
  out.Append(R"(,"traffic":"live","duration_ms":)");
  AppendMilliseconds(entry.duration, out);
  if (entry.upstream_time) {
    out.Append(R"(,"upstream_ms":)");
    AppendMilliseconds(*entry.upstream_time, out);
  }
  AppendNumber(R"(,"bytes_in":)", entry.bytes_in, out);
  AppendNumber(R"(,"bytes_out":)", entry.bytes_out, out);
  AppendText(R"(,"client":)", entry.client, out);
  if (entry.flag != AccessLogFlag::kNone) {
    out.Append(R"(,"flags":[")");
    out.Append(FlagText(entry.flag));
    out.Append(R"("])");
  }
  out.Append("}\n");
  out.Finish();
}

void AccessLogFormatter::AppendTime(std::chrono::system_clock::time_point time, TextBuffer& out) {
  const auto second = floor<std::chrono::seconds>(time);
  if (second != second_) {
    second_ = second;
    second_text_ = TextOf(second);
  }
  out.Append({second_text_.data(), second_text_.size()});
  const auto micros = duration_cast<microseconds>(time - second).count();
  AppendDigits(static_cast<std::uint32_t>(micros), 6, out);
  out.Append('Z');
}

}  // namespace puente

#include "proxy/telemetry/access_log/access_log_line.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace puente {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

// 2026-11-21T16:57:01.000042Z
const system_clock::time_point kStart =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 16h + 57min + 1s + 42us;

AccessLogEntry ServedEntry() {
  return {.start = kStart,
          .trace_id = "4bf92f3577b34da6a3ce929d0e0e4736",
          .request_id = "r-1",
          .method = "GET",
          .route = "/v1/invoices/{id}",
          .status = 200,
          .code = Code::kOk,
          .upstream = "billing",
          .duration = 1234567ns,
          .upstream_time = 1100us,
          .bytes_in = 0,
          .bytes_out = 412,
          .client = "127.0.0.1"};
}

std::string LineOf(const AccessLogEntry& entry,
                   config::AccessLog::Format format = config::AccessLog::FORMAT_JSON) {
  std::string line;
  AccessLogFormatter(format).Append(entry, line);
  return line;
}

// The text of `key`'s value in the line, as JSON; "" when it has none.
std::string ValueOf(const std::string& line, const std::string& key) {
  const std::string name = "\"" + key + "\":";
  const std::size_t begin = line.find(name);
  if (begin == std::string::npos) return "";
  const std::size_t value = begin + name.size();
  return line.substr(value, line.find_first_of(",}", value) - value);
}

TEST(AccessLogLine, HasAllThatIsKnown) {
  EXPECT_EQ(LineOf(ServedEntry()),
            R"({"ts":"2026-11-21T16:57:01.000042Z","msg":"access",)"
            R"("trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","request_id":"r-1","method":"GET",)"
            R"("route":"/v1/invoices/{id}","status":200,"grpc_code":"OK","upstream":"billing",)"
            R"("traffic":"live","duration_ms":1.234,"upstream_ms":1.100,"bytes_in":0,)"
            R"("bytes_out":412,"client":"127.0.0.1"})"
            "\n");
}

TEST(AccessLogLine, LeavesOutWhatIsNot) {
  const AccessLogEntry refused{.start = kStart,
                               .route = "unmatched",
                               .status = 400,
                               .code = Code::kInvalidArgument,
                               .flag = AccessLogFlag::kBadRequest};
  EXPECT_EQ(LineOf(refused),
            R"({"ts":"2026-11-21T16:57:01.000042Z","msg":"access","method":"_OTHER",)"
            R"("route":"unmatched","status":400,"grpc_code":"INVALID_ARGUMENT","traffic":"live",)"
            R"("duration_ms":0.000,"bytes_in":0,"bytes_out":0,"flags":["bad_request"]})"
            "\n");
}

TEST(AccessLogLine, HasAMethodOnlyWhenItIsAToken) {
  struct Case {
    std::string method;
    std::string_view text;
  };
  const Case cases[] = {
      {"GET", "\"GET\""},
      {"BREW", "\"BREW\""},
      {"get", "\"get\""},
      {"M-SEARCH!#$%&'*+.^_`|~09", "\"M-SEARCH!#$%&'*+.^_`|~09\""},
      {std::string(32, 'X'), "\"XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX\""},
      {std::string(33, 'X'), "\"_OTHER\""},
      {"", "\"_OTHER\""},
      {"G\"ET", "\"_OTHER\""},
      {"GE\\T", "\"_OTHER\""},
      {"GE T", "\"_OTHER\""},
      {"GET\n{\"msg\":\"access\"}", "\"_OTHER\""},
      {std::string("G\0T", 3), "\"_OTHER\""},
      {"G\xc3\xa9T", "\"_OTHER\""},
  };
  for (const Case& c : cases) {
    AccessLogEntry entry = ServedEntry();
    entry.method = c.method;
    EXPECT_EQ(ValueOf(LineOf(entry), "method"), c.text) << c.method;
  }
}

TEST(AccessLogLine, EscapesTheRequestIdAsJson) {
  AccessLogEntry entry = ServedEntry();
  entry.request_id = R"(a"b\c)";
  EXPECT_EQ(ValueOf(LineOf(entry), "request_id"), R"("a\"b\\c")");
}

TEST(AccessLogLine, CountsMillisecondsWithThreeDecimals) {
  struct Case {
    std::chrono::nanoseconds duration;
    std::string_view text;
  };
  constexpr Case kCases[] = {
      {0ns, "0.000"},           {999ns, "0.000"},     {1us, "0.001"},
      {99us, "0.099"},          {999'999ns, "0.999"}, {1ms, "1.000"},
      {12'345'678ns, "12.345"}, {1h, "3600000.000"},  {-5ms, "0.000"},
  };
  for (const Case& c : kCases) {
    AccessLogEntry entry = ServedEntry();
    entry.duration = c.duration;
    entry.upstream_time = c.duration;
    EXPECT_EQ(ValueOf(LineOf(entry), "duration_ms"), c.text);
    EXPECT_EQ(ValueOf(LineOf(entry), "upstream_ms"), c.text);
  }
}

TEST(AccessLogLine, TellsTheTimeOfEachRequestOfASequence) {
  struct Case {
    std::chrono::microseconds since_epoch;
    std::string_view text;
  };
  constexpr Case kCases[] = {
      {0us, "1970-01-01T00:00:00.000000Z"},
      {999'999us, "1970-01-01T00:00:00.999999Z"},
      {1s, "1970-01-01T00:00:01.000000Z"},
      {1'709'251'199s + 7us, "2024-02-29T23:59:59.000007Z"},
      {1'709'251'200s, "2024-03-01T00:00:00.000000Z"},
      {1'709'251'199s + 8us, "2024-02-29T23:59:59.000008Z"},  // it began before the one above
      {4'102'444'799s + 123'456us, "2099-12-31T23:59:59.123456Z"},
  };
  AccessLogFormatter formatter(config::AccessLog::FORMAT_JSON);
  for (const Case& c : kCases) {
    AccessLogEntry entry = ServedEntry();
    entry.start = system_clock::time_point(c.since_epoch);
    std::string line;
    formatter.Append(entry, line);
    EXPECT_EQ(ValueOf(line, "ts"), "\"" + std::string(c.text) + "\"");
  }
}

TEST(AccessLogLine, GoesBehindWhatIsThere) {
  AccessLogFormatter formatter(config::AccessLog::FORMAT_JSON);
  std::string lines = "before\n";
  formatter.Append(ServedEntry(), lines);
  formatter.Append(ServedEntry(), lines);
  const std::string line = LineOf(ServedEntry());
  EXPECT_EQ(lines, "before\n" + line + line);
}

std::string LogfmtOf(const AccessLogEntry& entry) {
  return LineOf(entry, config::AccessLog::FORMAT_LOGFMT);
}

TEST(AccessLogLogfmt, HasWhatJsonHas) {
  AccessLogEntry entry = ServedEntry();
  entry.flag = AccessLogFlag::kClientSlow;
  EXPECT_EQ(LogfmtOf(entry),
            "ts=2026-11-21T16:57:01.000042Z msg=access trace_id=4bf92f3577b34da6a3ce929d0e0e4736 "
            "request_id=r-1 method=GET route=/v1/invoices/{id} status=200 grpc_code=OK "
            "upstream=billing traffic=live duration_ms=1.234 upstream_ms=1.100 bytes_in=0 "
            "bytes_out=412 client=127.0.0.1 flags=client_slow\n");
}

TEST(AccessLogLogfmt, LeavesOutWhatIsNot) {
  EXPECT_EQ(LogfmtOf({.start = kStart, .route = "unmatched", .status = 400}),
            "ts=2026-11-21T16:57:01.000042Z msg=access method=_OTHER route=unmatched status=400 "
            "traffic=live duration_ms=0.000 bytes_in=0 bytes_out=0\n");
}

TEST(AccessLogLogfmt, QuotesWhatCouldPassForSomethingElse) {
  struct Case {
    std::string_view id;
    std::string_view text;
  };
  constexpr Case kCases[] = {
      {"r-1", "r-1"},
      {"a{b}[c],;:'/", "a{b}[c],;:'/"},
      {"caf\xc3\xa9", "caf\xc3\xa9"},
      {"a status=200", R"("a status=200")"},
      {"a=b", R"("a=b")"},
      {R"(a"b)", R"("a\"b")"},
      {R"(a\b)", R"("a\\b")"},
      {"a\nmsg=access", R"("a\nmsg=access")"},
      {"a\tb\r", R"("a\tb\r")"},
      {"\x01\x1b\x7f", R"("\u0001\u001b\u007f")"},
      {std::string_view("\0", 1), R"("\u0000")"},
  };
  for (const Case& c : kCases) {
    AccessLogEntry entry = ServedEntry();
    entry.request_id = c.id;
    const std::string line = LogfmtOf(entry);
    EXPECT_NE(line.find(" request_id=" + std::string(c.text) + " method="), std::string::npos)
        << line;
    EXPECT_EQ(line.find('\n'), line.size() - 1);
  }
}

std::string CommonOf(const AccessLogEntry& entry) {
  return LineOf(entry, config::AccessLog::FORMAT_COMMON);
}

TEST(AccessLogCommon, HasTheRouteInPlaceOfThePath) {
  EXPECT_EQ(CommonOf(ServedEntry()),
            "127.0.0.1 - - [21/Nov/2026:16:57:01 +0000] \"GET /v1/invoices/{id} HTTP/1.1\" 200 "
            "412\n");
}

TEST(AccessLogCommon, HasADashForWhatIsEmpty) {
  const AccessLogEntry refused{
      .start = kStart, .minor_version = 0, .route = "unmatched", .status = 400};
  EXPECT_EQ(CommonOf(refused),
            "- - - [21/Nov/2026:16:57:01 +0000] \"_OTHER unmatched HTTP/1.0\" 400 -\n");
}

TEST(AccessLogCommon, CannotBeForged) {
  AccessLogEntry entry = ServedEntry();
  entry.client = "a\"\n";
  entry.route = "/\" 200 1\n\\\x7f";
  EXPECT_EQ(CommonOf(entry),
            R"(a\"\n - - [21/Nov/2026:16:57:01 +0000] "GET /\" 200 1\n\\\u007f HTTP/1.1" 200 412)"
            "\n");
}

TEST(AccessLogCommon, TellsTheTimeOfEachRequestOfASequence) {
  struct Case {
    std::chrono::seconds since_epoch;
    std::string_view text;
  };
  constexpr Case kCases[] = {
      {0s, "[01/Jan/1970:00:00:00 +0000]"},
      {1'709'251'199s, "[29/Feb/2024:23:59:59 +0000]"},
      {1'709'251'200s, "[01/Mar/2024:00:00:00 +0000]"},
      {4'102'444'799s, "[31/Dec/2099:23:59:59 +0000]"},
  };
  AccessLogFormatter formatter(config::AccessLog::FORMAT_COMMON);
  for (const Case& c : kCases) {
    AccessLogEntry entry = ServedEntry();
    entry.start = system_clock::time_point(c.since_epoch) + 999ms;
    std::string line;
    formatter.Append(entry, line);
    EXPECT_NE(line.find(c.text), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace puente

#include "proxy/telemetry/logging.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>
#include <grpc/support/log.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <regex>
#include <string>
#include <string_view>

namespace puente {
namespace {

using std::string_view_literals::operator""sv;

// What `act` writes to stderr, as the configuration given has it written.
std::string LogOf(config::LogFormat format, config::Log::Level level,
                  const std::function<void()>& act) {
  const auto before = spdlog::default_logger();
  config::Log log;
  log.set_format(format);
  log.set_level(level);
  testing::internal::CaptureStderr();
  SetUpLogging(log);
  act();
  spdlog::set_default_logger(before);
  return testing::internal::GetCapturedStderr();
}

google::protobuf::Struct ParseLine(const std::string& line) {
  google::protobuf::Struct object;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &object).ok()) << line;
  return object;
}

TEST(JsonLogging, WritesOneObjectPerLine) {
  const std::string log = LogOf(config::LOG_FORMAT_JSON, config::Log::LEVEL_INFO,
                                [] { spdlog::warn("can't reach {}", "billing"); });
  EXPECT_TRUE(
      std::regex_match(log, std::regex(R"(\{"ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",)"
                                       R"("level":"warning","msg":"can't reach billing"\}\n)")))
      << log;
}

TEST(JsonLogging, StaysValidJsonOnOneLineWhateverIsLogged) {
  struct Case {
    std::string_view message;
    std::string_view read_back;
  };
  constexpr Case kCases[] = {
      {"", ""},
      {R"(a "quoted" \ text)", R"(a "quoted" \ text)"},
      {"two\r\nlines {\"level\":\"error\"}", "two\r\nlines {\"level\":\"error\"}"},
      {"\x01\x1b[31m\t"sv, "\x01\x1b[31m\t"sv},
      {"a\0b"sv, "a\0b"sv},
      {"<caf\xc3\xa9 \xf0\x9f\x98\x80>", "<caf\xc3\xa9 \xf0\x9f\x98\x80>"},
      {"broken \xff UTF-8 \xc3", "broken \xef\xbf\xbd UTF-8 \xef\xbf\xbd"},
  };
  for (const Case& c : kCases) {
    const std::string log = LogOf(config::LOG_FORMAT_JSON, config::Log::LEVEL_INFO,
                                  [&c] { spdlog::info(std::string_view(c.message)); });
    EXPECT_EQ(std::ranges::count(log, '\n'), 1) << log;
    EXPECT_EQ(ParseLine(log).fields().at("msg").string_value(), c.read_back) << log;
  }
}

TEST(TextLogging, WritesALineForPeople) {
  const std::string log = LogOf(config::LOG_FORMAT_TEXT, config::Log::LEVEL_INFO,
                                [] { spdlog::error("can't reach billing"); });
  EXPECT_TRUE(std::regex_match(
      log, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z error can't reach billing\n)")))
      << log;
}

TEST(TextLogging, StaysOnOneLineWhateverIsLogged) {
  const std::string log = LogOf(config::LOG_FORMAT_TEXT, config::Log::LEVEL_INFO, [] {
    spdlog::info(std::string_view("a \"b\"\r\n2026 error \x1b[31m\x7f"));
  });
  EXPECT_THAT(log, testing::EndsWith("info a \"b\"\\r\\n2026 error \\u001b[31m\\u007f\n"));
}

TEST(RequestLogging, HasTheIdsThatAreKnown) {
  struct Case {
    RequestIds ids;
    std::string_view json;
    std::string_view text;
  };
  constexpr Case kCases[] = {
      {{"r-1", "4bf9"},
       R"("msg":"failed","request_id":"r-1","trace_id":"4bf9"})",
       "warning failed request_id=r-1 trace_id=4bf9"},
      {{"r-1", ""}, R"("msg":"failed","request_id":"r-1"})", "warning failed request_id=r-1"},
      {{"", ""}, R"("msg":"failed"})", "warning failed"},
      {{R"(a"b\c)", ""}, R"("request_id":"a\"b\\c"})", R"(warning failed request_id="a\"b\\c")"},
      {{"a=1", "b\nc"},
       R"("request_id":"a=1","trace_id":"b\nc"})",
       R"(warning failed request_id="a=1" trace_id="b\nc")"},
  };
  for (const Case& c : kCases) {
    const auto log = [&c] { LogRequest(config::Log::LEVEL_WARN, c.ids, "failed"); };
    const auto info = config::Log::LEVEL_INFO;
    EXPECT_THAT(LogOf(config::LOG_FORMAT_JSON, info, log),
                testing::EndsWith(std::string(c.json) + "\n"));
    EXPECT_THAT(LogOf(config::LOG_FORMAT_TEXT, info, log),
                testing::EndsWith(std::string(c.text) + "\n"));
  }
}

TEST(RequestLogging, IsForItsOwnLineAndLevel) {
  const std::string log = LogOf(config::LOG_FORMAT_TEXT, config::Log::LEVEL_INFO, [] {
    LogRequest(config::Log::LEVEL_DEBUG, {"r-1", ""}, "failed");
    LogRequest(config::Log::LEVEL_ERROR, {"r-2", ""}, "{} failed");
    spdlog::info("drained");
  });
  EXPECT_THAT(log, testing::MatchesRegex("[^ ]* error \\{\\} failed request_id=r-2\n"
                                         "[^ ]* info drained\n"));
}

// Their messages may quote what a request carries.
TEST(Logging, HasNoMessagesOfLibraries) {
  const std::string log = LogOf(config::LOG_FORMAT_TEXT, config::Log::LEVEL_DEBUG, [] {
    gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
    gpr_log("src/core/call.cc", 7, GPR_LOG_SEVERITY_ERROR, "illegal metadata: %s", "s3cr3t");
    GOOGLE_LOG(ERROR) << "can't parse s3cr3t";
  });
  EXPECT_THAT(log, testing::HasSubstr(" debug grpc: a message of call.cc:7\n"));
  EXPECT_THAT(log, testing::HasSubstr(" debug protobuf: a message of logging_test.cc:"));
  EXPECT_THAT(log, testing::Not(testing::HasSubstr("s3cr3t")));
}

TEST(Logging, LeavesOutWhatIsBelowTheLevel) {
  struct Case {
    config::Log::Level level;
    std::string_view written;
  };
  constexpr Case kCases[] = {
      {config::Log::LEVEL_DEBUG, "diwe"},
      {config::Log::LEVEL_INFO, "iwe"},
      {config::Log::LEVEL_WARN, "we"},
      {config::Log::LEVEL_ERROR, "e"},
  };
  for (const Case& c : kCases) {
    const std::string log = LogOf(config::LOG_FORMAT_JSON, c.level, [] {
      spdlog::debug("d");
      spdlog::info("i");
      spdlog::warn("w");
      spdlog::error("e");
    });
    std::string written;
    static const std::regex kMessage(R"re("msg":"(.)")re");
    for (std::sregex_iterator found(log.begin(), log.end(), kMessage), end; found != end; ++found) {
      written += (*found)[1];
    }
    EXPECT_EQ(written, c.written) << log;
  }
}

}  // namespace
}  // namespace puente

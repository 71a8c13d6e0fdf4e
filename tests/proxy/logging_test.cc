#include "proxy/telemetry/logging.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
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

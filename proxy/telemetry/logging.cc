#include "proxy/telemetry/logging.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <iterator>
#include <memory>

#include "transcoder/json_text.h"
#include "transcoder/utf8.h"

namespace puente {
namespace {

std::string Quote(std::string_view text) {
  std::string json;
  AppendJsonString(ReplaceInvalidUtf8(text), json);
  return json;
}

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto micros =
        std::chrono::duration_cast<std::chrono::microseconds>(message.time.time_since_epoch())
            .count();
    const auto level = spdlog::level::to_string_view(message.level);
    fmt::format_to(std::back_inserter(out),
                   R"({{"ts":"{:%Y-%m-%dT%H:%M:%S}.{:06}Z","level":"{}","msg":{}}})"
                   "\n",
                   fmt::gmtime(static_cast<std::time_t>(micros / 1'000'000)), micros % 1'000'000,
                   std::string_view(level.data(), level.size()),
                   Quote({message.payload.data(), message.payload.size()}));
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }
};

spdlog::level::level_enum LevelOf(config::Log::Level level) {
  switch (level) {
    case config::Log::LEVEL_DEBUG:
      return spdlog::level::debug;
    case config::Log::LEVEL_WARN:
      return spdlog::level::warn;
    case config::Log::LEVEL_ERROR:
      return spdlog::level::err;
    default:
      return spdlog::level::info;
  }
}

// protobuf would write to stderr by itself, in a form of its own.
void LogProtobuf(google::protobuf::LogLevel level, const char*, int, const std::string& message) {
  if (level >= google::protobuf::LOGLEVEL_ERROR) {
    spdlog::debug("protobuf: {}", message);
  }
}

// So would gRPC. What matters of it comes back as the status of a call.
void LogGrpc(gpr_log_func_args* args) { spdlog::debug("grpc: {}", args->message); }

}  // namespace

void SetUpLogging(const config::Log& log) {
  auto logger =
      std::make_shared<spdlog::logger>("puente", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (log.format() == config::LOG_FORMAT_JSON) {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %l %v", spdlog::pattern_time_type::utc);
  }
  logger->set_level(LevelOf(log.level()));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  google::protobuf::SetLogHandler(LogProtobuf);
  gpr_set_log_function(LogGrpc);
}

}  // namespace puente

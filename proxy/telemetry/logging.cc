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

#include "proxy/telemetry/line_text.h"
#include "transcoder/json_text.h"
#include "transcoder/utf8.h"

namespace puente {
namespace {

// Those of the line that this thread is about to log: sinks write on the thread that logs.
thread_local const RequestIds* ids_of_line = nullptr;

class IdsOfLine {
 public:
  explicit IdsOfLine(const RequestIds& ids) { ids_of_line = &ids; }
  ~IdsOfLine() { ids_of_line = nullptr; }
  IdsOfLine(const IdsOfLine&) = delete;
  IdsOfLine& operator=(const IdsOfLine&) = delete;
};

std::string Quote(std::string_view text) {
  std::string json;
  AppendJsonString(ReplaceInvalidUtf8(text), json);
  return json;
}

std::string_view View(const spdlog::string_view_t& text) { return {text.data(), text.size()}; }

// "2026-11-21T16:57:01.000042Z"
void AppendTime(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) {
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(message.time.time_since_epoch())
          .count();
  fmt::format_to(std::back_inserter(out), "{:%Y-%m-%dT%H:%M:%S}.{:06}Z",
                 fmt::gmtime(static_cast<std::time_t>(micros / 1'000'000)), micros % 1'000'000);
}

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto to = std::back_inserter(out);
    fmt::format_to(to, R"({{"ts":")");
    AppendTime(message, out);
    fmt::format_to(to, R"(","level":"{}","msg":{})",
                   View(spdlog::level::to_string_view(message.level)),
                   Quote(View(message.payload)));
    if (ids_of_line != nullptr) {
      AppendId("request_id", ids_of_line->request_id, out);
      AppendId("trace_id", ids_of_line->trace_id, out);
    }
    fmt::format_to(to, "}}\n");
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }

 private:
  static void AppendId(std::string_view key, std::string_view id, spdlog::memory_buf_t& out) {
    if (!id.empty()) fmt::format_to(std::back_inserter(out), R"(,"{}":{})", key, Quote(id));
  }
};

class TextFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    AppendTime(message, out);
    std::string text;
    TextBuffer line(text);
    AppendWithoutControls(View(message.payload), line);
    if (ids_of_line != nullptr) {
      AppendId(" request_id=", ids_of_line->request_id, line);
      AppendId(" trace_id=", ids_of_line->trace_id, line);
    }
    line.Finish();
    fmt::format_to(std::back_inserter(out), " {} {}\n",
                   View(spdlog::level::to_string_view(message.level)), text);
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<TextFormatter>();
  }

 private:
  static void AppendId(std::string_view key, std::string_view id, TextBuffer& out) {
    if (id.empty()) return;
    out.Append(key);
    AppendLogfmtValue(id, out);
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

// Where in its own code a library logs.
std::string Place(std::string_view file, int line) {
  return fmt::format("{}:{}", file.substr(file.rfind('/') + 1), line);
}

// protobuf would write to stderr by itself, in a form of its own.
void LogProtobuf(google::protobuf::LogLevel level, const char* file, int line, const std::string&) {
  if (level >= google::protobuf::LOGLEVEL_ERROR) {
    spdlog::debug("protobuf: a message of {}", Place(file, line));
  }
}

// So would gRPC. What matters of it comes back as the status of a call.
void LogGrpc(gpr_log_func_args* args) {
  spdlog::debug("grpc: a message of {}", Place(args->file, args->line));
}

}  // namespace

void SetUpLogging(const config::Log& log) {
  auto logger =
      std::make_shared<spdlog::logger>("puente", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (log.format() == config::LOG_FORMAT_JSON) {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    logger->set_formatter(std::make_unique<TextFormatter>());
  }
  logger->set_level(LevelOf(log.level()));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  google::protobuf::SetLogHandler(LogProtobuf);
  gpr_set_log_function(LogGrpc);
}

void LogRequest(config::Log::Level level, const RequestIds& ids, std::string_view message) {
  const IdsOfLine ids_of_this(ids);
  spdlog::log(LevelOf(level), message);
}

}  // namespace puente

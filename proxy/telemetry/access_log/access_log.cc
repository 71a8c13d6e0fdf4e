#include "proxy/telemetry/access_log/access_log.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace puente {
namespace {

constexpr auto kWriteInterval = std::chrono::milliseconds(100);
constexpr auto kFollowInterval = std::chrono::seconds(1);
constexpr auto kReportInterval = std::chrono::minutes(1);
// A buffer that is as full as this is written at once.
constexpr std::size_t kWakeSize = 64 << 10;
// What a buffer may keep of the memory that a burst took.
constexpr std::size_t kKeptCapacity = 256 << 10;
constexpr std::string_view kPathKey = "telemetry.access_log.path";

Problem CannotOpen(const LoadedConfig& loaded, const std::string& path, const std::string& reason) {
  return loaded.positions.At(kPathKey, fmt::format("can't write to {}: {}", path, reason));
}

}  // namespace

AccessLogBuffer::AccessLogBuffer(AccessLog& log) : log_(log), formatter_(log.format_) {}

void AccessLogBuffer::Append(const AccessLogEntry& entry) {
  std::unique_lock lock(mutex_);
  const std::size_t before = lines_.size();
  if (before >= kMost) {
    ++dropped_;
    log_.CountDropped();
    return;
  }
  formatter_.Append(entry, lines_);
  const bool much = before < kWakeSize && lines_.size() >= kWakeSize;
  lock.unlock();
  if (much) log_.Wake();
}

std::uint64_t AccessLogBuffer::Take(std::string& empty) {
  const std::lock_guard lock(mutex_);
  lines_.swap(empty);
  return std::exchange(dropped_, 0);
}

AccessLog::AccessLog(AccessLogFile file, config::AccessLog::Format format,
                     prometheus::Counter& dropped)
    : format_(format), dropped_(dropped), file_(std::move(file)), writer_([this] { Run(); }) {}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  writer_.join();
}

AccessLogBuffer& AccessLog::AddBuffer() {
  const std::lock_guard lock(mutex_);
  return *buffers_.emplace_back(std::make_unique<AccessLogBuffer>(*this));
}

void AccessLog::Wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  work_.notify_one();
}

void AccessLog::Run() {
  bool more = true;
  while (more) {
    more = AwaitWork();
    WriteAll();
    FollowName();
    Report();
  }
}

// False: the log is about to end, and what is there now is all.
bool AccessLog::AwaitWork() {
  std::unique_lock lock(mutex_);
  work_.wait_for(lock, kWriteInterval, [this] { return woken_ || stopping_; });
  woken_ = false;
  return !stopping_;
}

void AccessLog::WriteAll() {
  std::vector<AccessLogBuffer*> buffers;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& buffer : buffers_) buffers.push_back(buffer.get());
  }
  for (AccessLogBuffer* buffer : buffers) {
    lines_.clear();
    if (lines_.capacity() > kKeptCapacity) lines_.shrink_to_fit();
    if (const std::uint64_t dropped = buffer->Take(lines_); dropped > 0) {
      lost_ += dropped;
      reason_ = "it takes them too slowly";
    }
    auto [lost, reason] = file_.Write(lines_);
    if (lost == 0) continue;
    dropped_.Increment(static_cast<double>(lost));
    lost_ += lost;
    reason_ = std::move(reason);
  }
}

void AccessLog::FollowName() {
  const auto now = Clock::now();
  if (now - checked_ < kFollowInterval) return;
  checked_ = now;
  const auto followed = file_.FollowName();
  unfollowed_ = followed ? "" : followed.error();
}

void AccessLog::Report() {
  if (lost_ == 0 && unfollowed_.empty()) return;
  const auto now = Clock::now();
  if (reported_ != Clock::time_point::min() && now - reported_ < kReportInterval) return;
  reported_ = now;
  if (!unfollowed_.empty()) {
    spdlog::warn(
        "access log {}: moved or removed, and can't be opened anew, so lines still go to the old "
        "file: {}",
        file_.path(), unfollowed_);
  }
  if (lost_ > 0) spdlog::warn("access log {}: {}; lines dropped: {}", file_.path(), reason_, lost_);
  lost_ = 0;
}

std::unique_ptr<AccessLog> OpenAccessLog(const LoadedConfig& loaded, prometheus::Counter& dropped,
                                         std::vector<Problem>& problems) {
  if (!loaded.config.telemetry().has_access_log()) return nullptr;
  const config::AccessLog& config = loaded.config.telemetry().access_log();
  auto file = AccessLogFile::Open(config.path());
  if (file) return std::make_unique<AccessLog>(*std::move(file), config.format(), dropped);
  problems.push_back(CannotOpen(loaded, config.path(), file.error()));
  return nullptr;
}

void CheckAccessLog(const LoadedConfig& loaded, std::vector<Problem>& problems) {
  if (!loaded.config.telemetry().has_access_log()) return;
  const std::string& path = loaded.config.telemetry().access_log().path();
  const auto good = AccessLogFile::Check(path);
  if (!good) problems.push_back(CannotOpen(loaded, path, good.error()));
}

}  // namespace puente

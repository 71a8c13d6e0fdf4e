// The access log: a line for each request, made on the worker that served it and written by a
// thread of its own, so that no request waits for a disk.
#pragma once

#include <prometheus/counter.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "config/load_config.h"
#include "proxy/telemetry/access_log/access_log_file.h"
#include "proxy/telemetry/access_log/access_log_line.h"

namespace puente {

class AccessLog;

// The lines of one worker that are not written yet; used on its thread only.
class AccessLogBuffer {
 public:
  // Above kMost bytes lines are dropped and counted: the file takes them too slowly.
  static constexpr std::size_t kMost = 1 << 20;

  explicit AccessLogBuffer(AccessLog& log);
  AccessLogBuffer(const AccessLogBuffer&) = delete;
  AccessLogBuffer& operator=(const AccessLogBuffer&) = delete;

  // Waits for nobody but, for a moment ten times a second, the writer that takes the lines.
  void Append(const AccessLogEntry& entry);

 private:
  friend class AccessLog;

  // Exchanges the lines for `empty`, and returns how many were dropped since it was last called.
  // For the writer.
  std::uint64_t Take(std::string& empty);

  AccessLog& log_;
  AccessLogFormatter formatter_;
  std::mutex mutex_;  // of what follows
  std::string lines_;
  std::uint64_t dropped_ = 0;
};

// The file and the thread that writes to it: every 100 ms, or sooner when there is much to write.
// A line that can't be written is dropped and counted, and the log of diagnostics tells why, once a
// minute. What was appended before the destructor began is written.
class AccessLog {
 public:
  // `dropped` outlives the log.
  AccessLog(AccessLogFile file, config::AccessLog::Format format, prometheus::Counter& dropped);
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  // For one more worker; lives as long as the log. Thread-safe.
  AccessLogBuffer& AddBuffer();

 private:
  friend class AccessLogBuffer;
  using Clock = std::chrono::steady_clock;

  // Called by buffers.
  void CountDropped() { dropped_.Increment(); }
  void Wake();

  // On the writer's thread.
  void Run();
  bool AwaitWork();
  void WriteAll();
  void FollowName();
  void Report();

  const config::AccessLog::Format format_;
  prometheus::Counter& dropped_;
  std::mutex mutex_;  // of what follows
  std::condition_variable work_;
  std::vector<std::unique_ptr<AccessLogBuffer>> buffers_;
  bool woken_ = false;
  bool stopping_ = false;

  // The writer's.
  AccessLogFile file_;
  std::string lines_;  // what was taken
  Clock::time_point checked_ = Clock::now();
  Clock::time_point reported_ = Clock::time_point::min();
  std::uint64_t lost_ = 0;  // lines that were dropped and not reported yet
  std::string reason_;      // why
  std::string unfollowed_;  // why the file could not be opened anew; "" for none

  std::thread writer_;
};

// The log that the configuration asks for; nullptr when it asks for none, or when it can't be
// opened, which is added to `problems`.
std::unique_ptr<AccessLog> OpenAccessLog(const LoadedConfig& loaded, prometheus::Counter& dropped,
                                         std::vector<Problem>& problems);
// Adds the same to `problems`, and opens nothing.
void CheckAccessLog(const LoadedConfig& loaded, std::vector<Problem>& problems);

}  // namespace puente

#include "proxy/reload/file_watch.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "config/duration_text.h"

namespace puente {
namespace {

int OpenEvent() {
  const int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (descriptor < 0) throw std::system_error(errno, std::system_category(), "eventfd");
  return descriptor;
}

}  // namespace

FileWatch::FileWatch(const std::vector<std::string>& files, Changed changed,
                     FileWatchOptions options)
    : changed_(std::move(changed)),
      options_(options),
      stopping_(OpenEvent()),
      folders_(options.use_inotify) {
  SetFiles(files);
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

FileWatch::~FileWatch() { Stop(); }

void FileWatch::Stop() {
  thread_.request_stop();
  eventfd_write(stopping_.number(), 1);
  if (thread_.joinable()) thread_.join();
}

void FileWatch::SetFiles(const std::vector<std::string>& files) {
  const std::lock_guard lock(mutex_);
  const auto before = std::exchange(files_, {});
  for (const std::string& file : files) {
    const auto known = before.find(file);
    files_.try_emplace(file, known == before.end() ? Watched() : known->second);
  }
  // First the watch, then the look: no change falls in between.
  PlaceWatches();
  for (auto& [file, watched] : files_) {
    if (before.contains(file)) continue;
    watched.state.Look(file);
    watched.told = watched.state.content();
  }
}

void FileWatch::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    AwaitEvent(Clock::now() + options_.poll_interval);
    const auto deadline = Clock::now() + options_.patience;
    do {
      AwaitQuiet(deadline);
    } while (!stop.stop_requested() && Look() && Clock::now() < deadline);
    if (!stop.stop_requested()) Tell();
  }
}

bool FileWatch::AwaitEvent(Clock::time_point until) {
  for (auto now = Clock::now(); now < until; now = Clock::now()) {
    std::array<pollfd, 2> ready{pollfd{stopping_.number(), POLLIN, 0},
                                pollfd{folders_.descriptor(), POLLIN, 0}};
    const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(until - now);
    const int count = ::poll(ready.data(), ready.size(), static_cast<int>(timeout.count()));
    if (ready[0].revents != 0) return false;
    const std::lock_guard lock(mutex_);
    if (count > 0 && folders_.TakeEvents()) return true;
  }
  return false;
}

void FileWatch::AwaitQuiet(Clock::time_point until) {
  while (AwaitEvent(std::min(until, Clock::now() + options_.quiet))) {
  }
}

bool FileWatch::Look() {
  const std::lock_guard lock(mutex_);
  PlaceWatches();
  bool differs = false;
  for (auto& [file, watched] : files_) differs |= watched.state.Look(file);
  return differs;
}

void FileWatch::Tell() {
  std::vector<std::string> changed;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [file, watched] : files_) {
      const auto content = watched.state.content();
      if (content && content != watched.told) changed.push_back(file);
    }
    if (changed.empty()) return;
    // A file that is missing now is new when it comes back: who is told now can't read it.
    for (auto& [file, watched] : files_) watched.told = watched.state.content();
  }
  changed_(changed);
}

void FileWatch::NoteRead() {
  const std::lock_guard lock(mutex_);
  for (auto& [file, watched] : files_) {
    watched.state.Look(file);
    watched.told = watched.state.content();
  }
}

void FileWatch::PlaceWatches() {
  std::vector<PathEntry> entries;
  for (const auto& [file, watched] : files_) {
    const auto more = EntriesOf(file);
    entries.insert(entries.end(), more.begin(), more.end());
  }
  folders_.Watch(entries);
  if (std::exchange(problem_, folders_.problem()) == folders_.problem()) return;
  if (problem_.empty()) return;
  spdlog::warn("changes of files are noticed only every {}: {}",
               FormatDuration(options_.poll_interval), problem_);
}

}  // namespace puente

#include "proxy/reload/folder_watch.h"

#include <fmt/format.h>
#include <sys/inotify.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

namespace puente {
namespace {

// That something is gone is no reason to look at what comes in its place, which is told as well;
// but of the watched folder itself there will be no word any more.
constexpr std::uint32_t kEvents = IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB |
                                  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::size_t kReadSize = 16384;

std::string ErrorText(int error) { return std::generic_category().message(error); }

int OpenInotify(bool enabled) { return enabled ? inotify_init1(IN_NONBLOCK | IN_CLOEXEC) : -1; }

}  // namespace

FolderWatch::FolderWatch(bool enabled) : inotify_(OpenInotify(enabled)) {
  if (enabled && descriptor() < 0) problem_ = fmt::format("inotify: {}", ErrorText(errno));
}

void FolderWatch::Watch(const std::vector<PathEntry>& entries) {
  if (descriptor() < 0) return;
  std::map<int, Names> names;
  problem_.clear();
  for (const auto& [folder, name] : entries) {
    const int watch = inotify_add_watch(descriptor(), folder.c_str(), kEvents);
    if (watch >= 0) {
      names[watch].insert(name);
    } else if (errno != ENOENT && errno != ENOTDIR) {
      problem_ = fmt::format("inotify of {}: {}", folder, ErrorText(errno));
    }
  }
  names_.swap(names);
  for (const auto& [watch, before] : names) {
    if (!names_.contains(watch)) inotify_rm_watch(descriptor(), watch);
  }
}

bool FolderWatch::TakeEvents() {
  alignas(inotify_event) std::array<char, kReadSize> bytes;
  const ssize_t size = ::read(descriptor(), bytes.data(), bytes.size());
  const char* const end = bytes.data() + std::max<ssize_t>(size, 0);
  bool concerns = false;
  for (const char* at = bytes.data(); at < end;) {
    inotify_event event;
    std::memcpy(&event, at, sizeof(event));
    const char* name = at + sizeof(event);
    at = name + event.len;
    const auto watched = names_.find(event.wd);
    const bool overflow = (event.mask & IN_Q_OVERFLOW) != 0;
    // One without a name is about the folder itself.
    concerns |= overflow || (watched != names_.end() &&
                             (event.len == 0 || watched->second.contains(std::string_view(name))));
  }
  return concerns;
}

}  // namespace puente

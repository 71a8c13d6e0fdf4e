#include "proxy/reload/file_state.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string_view>

#include "proxy/file_contents.h"

namespace puente {
namespace {

// How far apart two writes must be so that their times differ on every file system, and then some.
constexpr std::chrono::nanoseconds kCoarsestTimestamp = std::chrono::seconds(3);

std::int64_t Nanoseconds(const timespec& time) {
  return std::chrono::nanoseconds(std::chrono::seconds(time.tv_sec)).count() + time.tv_nsec;
}

// Whether a write from now on must give the file another time than this one.
bool IsPast(std::int64_t time_ns) {
  const std::chrono::nanoseconds now = std::chrono::system_clock::now().time_since_epoch();
  return time_ns < (now - kCoarsestTimestamp).count();
}

std::optional<std::size_t> ContentOf(const std::string& path) {
  const auto bytes = ReadFile(path);
  if (!bytes) return std::nullopt;
  return std::hash<std::string_view>()(*bytes);
}

}  // namespace

bool FileState::Look(const std::string& path) {
  const auto identity = IdentityOf(path);
  if (identity && identity == identity_) return false;
  const auto content = identity ? ContentOf(path) : std::nullopt;
  const bool can_be_trusted =
      content && IsPast(std::max(identity->modified_ns, identity->changed_ns));
  identity_ = can_be_trusted ? identity : std::nullopt;
  const bool differs = content != content_;
  content_ = content;
  return differs;
}

std::optional<FileState::Identity> FileState::IdentityOf(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  return Identity{found.st_dev, found.st_ino, found.st_size, Nanoseconds(found.st_mtim),
                  Nanoseconds(found.st_ctim)};
}

}  // namespace puente

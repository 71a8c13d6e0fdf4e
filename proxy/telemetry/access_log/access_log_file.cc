#include "proxy/telemetry/access_log/access_log_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace puente {
namespace {

// How long a stream that somebody else made non-blocking may take nothing.
constexpr int kPatienceMs = 1000;
constexpr mode_t kMode = 0644;  // less the umask

std::string ErrorText(int error) { return std::generic_category().message(error); }

tl::unexpected<std::string> SystemError(int error) { return tl::unexpected(ErrorText(error)); }

int StandardStream(std::string_view path) {
  if (path == "stdout") return STDOUT_FILENO;
  return path == "stderr" ? STDERR_FILENO : -1;
}

// Non-blocking only while it is opened: a pipe that nobody reads would keep the process from
// starting.
int OpenFile(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, kMode);
  if (descriptor >= 0) ::fcntl(descriptor, F_SETFL, O_APPEND);
  return descriptor;
}

// False, with errno as it was, when there is none in time.
bool AwaitRoom(int descriptor) {
  const int error = errno;
  pollfd waiting{descriptor, POLLOUT, 0};
  const bool there = ::poll(&waiting, 1, kPatienceMs) > 0;
  errno = error;
  return there;
}

bool CanWrite(const std::string& path) { return ::access(path.c_str(), W_OK) == 0; }

}  // namespace

tl::expected<AccessLogFile, std::string> AccessLogFile::Open(std::string path) {
  const int stream = StandardStream(path);
  const int descriptor = stream >= 0 ? stream : OpenFile(path);
  if (descriptor < 0) return SystemError(errno);
  return AccessLogFile(std::move(path), descriptor);
}

tl::expected<void, std::string> AccessLogFile::Check(const std::string& path) {
  if (StandardStream(path) >= 0) return {};
  struct stat found {};
  const bool exists = ::stat(path.c_str(), &found) == 0;
  if (!exists && errno != ENOENT) return SystemError(errno);
  if (exists && S_ISDIR(found.st_mode)) return SystemError(EISDIR);
  const auto folder = std::filesystem::path(path).parent_path();
  if (!CanWrite(exists ? path : folder.empty() ? "." : folder.string())) return SystemError(errno);
  return {};
}

AccessLogFile::~AccessLogFile() {
  if (descriptor_ >= 0 && !IsStream()) ::close(descriptor_);
}

bool AccessLogFile::IsStream() const { return StandardStream(path_) >= 0; }

AccessLogFile::Loss AccessLogFile::Write(std::string_view lines) {
  if (torn_ && WriteSome("\n") == 1) torn_ = false;
  const std::size_t written = torn_ ? 0 : WriteSome(lines);
  if (written == lines.size()) return {};
  const std::string reason = ErrorText(errno);
  torn_ = torn_ || (written > 0 && lines[written - 1] != '\n');
  const auto lost = std::ranges::count(lines.substr(written), '\n');
  return {static_cast<std::size_t>(lost), reason};
}

std::size_t AccessLogFile::WriteSome(std::string_view bytes) const {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(descriptor_, bytes.data() + written, bytes.size() - written);
    if (count > 0) {
      written += static_cast<std::size_t>(count);
    } else if (count == 0 || (errno != EINTR && !(errno == EAGAIN && AwaitRoom(descriptor_)))) {
      break;
    }
  }
  return written;
}

tl::expected<void, std::string> AccessLogFile::FollowName() {
  if (IsStream()) return {};
  struct stat own {};
  struct stat named {};
  const bool same = ::fstat(descriptor_, &own) == 0 && ::stat(path_.c_str(), &named) == 0 &&
                    own.st_dev == named.st_dev && own.st_ino == named.st_ino;
  if (same) return {};
  const int descriptor = OpenFile(path_);
  if (descriptor < 0) return SystemError(errno);
  ::close(std::exchange(descriptor_, descriptor));
  torn_ = false;
  return {};
}

}  // namespace puente

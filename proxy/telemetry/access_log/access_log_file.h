// Where the lines of the access log go: a file that may be moved away, or a standard stream.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace puente {

// Owns the file; used by one thread. Writing blocks for as long as the file does, which matters for
// pipes and the standard streams.
class AccessLogFile {
 public:
  // `path` is "stdout", "stderr", or a file, which is made when it is not there. The error says why
  // it can't be opened.
  static tl::expected<AccessLogFile, std::string> Open(std::string path);
  // The same error, without making or opening anything.
  static tl::expected<void, std::string> Check(const std::string& path);

  AccessLogFile(AccessLogFile&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  AccessLogFile& operator=(AccessLogFile&&) = delete;
  ~AccessLogFile();

  const std::string& path() const { return path_; }

  struct Loss {
    std::size_t lines = 0;
    std::string reason;  // "" while lines is 0
  };
  // Appends `lines`, each with its line end, in one write where the system takes all. What it does
  // not take is lost.
  Loss Write(std::string_view lines);

  // Opens the file anew when its name leads to another by now, or to none. When that fails, the one
  // that was moved is still written to, and the error says why.
  tl::expected<void, std::string> FollowName();

 private:
  AccessLogFile(std::string path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}

  bool IsStream() const;
  // How many bytes of `bytes` were written; errno says why not all.
  std::size_t WriteSome(std::string_view bytes) const;

  std::string path_;
  int descriptor_;
  bool torn_ = false;  // what was written last is the beginning of a line
};

}  // namespace puente

// What a file holds, as far as it takes to see that it holds something else now.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace puente {

// A plain value: the last look at a file.
class FileState {
 public:
  // Looks again at the file that `path` leads to. Whether it holds something else than at the last
  // look, or is there and was not, or the other way round. Reads the file only where something
  // other than its content says that it may have changed.
  bool Look(const std::string& path);

  // A number for the content; nullopt when there is no such file, when it can't be read, and when
  // it is no regular file: what comes out of a pipe can be had only once.
  std::optional<std::size_t> content() const { return content_; }

 private:
  // What is other when the file was written or replaced.
  struct Identity {
    dev_t device;
    ino_t inode;
    off_t size;
    std::int64_t modified_ns;
    std::int64_t changed_ns;
    bool operator==(const Identity&) const = default;
  };
  static std::optional<Identity> IdentityOf(const std::string& path);

  std::optional<Identity> identity_;  // nullopt: the next look must read the file
  std::optional<std::size_t> content_;
};

}  // namespace puente

// A folder of a test's own.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace puente::test {

// Made under the system's temporary folder, removed with all that is in it at the end of its life.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // The path of `name` in it.
  std::string File(std::string_view name) const;
  // Writes `content` to the file `name` and returns its path.
  std::string Write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace puente::test
